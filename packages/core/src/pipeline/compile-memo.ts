import { outputPorts } from "./describe-ports.js";
import { type LoadedStage, seedOf } from "./load-stage.js";
import { parseParamsByKey } from "./parse-params.js";
import type { PortReference, PredictSpec, ResolvedPort, StageNode } from "./pipeline.js";
import type { PipelineSpec, StageSpec } from "./spec.js";

type Ports = Readonly<Record<string, ResolvedPort>>;
type Outputs = ReadonlyMap<string, Ports>;
type Wired = Readonly<Record<string, PortReference>>;

/** How the stages of a pipeline are connected, and the order that follows from it. */
export interface Wiring {
  readonly inputs: ReadonlyMap<string, Wired>;
  readonly order: readonly string[];
}

interface KnownNode {
  readonly node: StageNode;
  readonly ports: Ports;
}

/**
 * What the compiling of pipelines that share stages need not do twice: the points of a sweep cost what is different in
 * them. A checked stage is known by its specification; a node by its checked stage and by what its inputs carry. The
 * pipelines have the same stages, connected in the same way; only what `with` says may differ. Nothing is kept of a
 * pipeline that has problems.
 */
export class CompileMemo {
  readonly parse = parseParamsByKey();
  readonly #seeds = new Map<string, string>();
  readonly #loaded = new Map<StageSpec, LoadedStage>();
  readonly #nodes = new Map<LoadedStage, Map<string, KnownNode>>();
  /** Names of the output ports of all stages → wiring: which there are may depend on parameters. */
  readonly #wirings = new Map<string, Wiring>();
  readonly #portNames = new Map<LoadedStage, string>();
  readonly #predicts = new Map<string, PredictSpec | null>();
  /** Equal ports are one object here, numbered: comparing them is comparing numbers. */
  readonly #ports = new Map<string, Ports>();
  readonly #numbers = new Map<Ports, number>();

  loaded(spec: StageSpec): LoadedStage | undefined {
    return this.#loaded.get(spec);
  }

  keepLoaded(spec: StageSpec, stage: LoadedStage): void {
    this.#loaded.set(spec, stage);
  }

  /** The seed of a stage. */
  seedOf(root: number, name: string): string {
    const known = `${root} ${name}`;
    const seed = this.#seeds.get(known) ?? seedOf(root, name);
    this.#seeds.set(known, seed);
    return seed;
  }

  wiring(shape: string): Wiring | undefined {
    return this.#wirings.get(shape);
  }

  keepWiring(shape: string, wiring: Wiring): void {
    this.#wirings.set(shape, wiring);
  }

  /** What the wiring of a pipeline depends on. */
  shape(spec: PipelineSpec, loaded: ReadonlyMap<string, LoadedStage>): string {
    return spec.stages.map(({ name }) => this.#namesOf(loaded.get(name))).join(";");
  }

  #namesOf(stage: LoadedStage | undefined): string {
    if (stage === undefined) return "?";
    const known = this.#portNames.get(stage);
    if (known !== undefined) return known;
    const names = Object.keys(outputPorts(stage.stage, stage.params)).join(",");
    this.#portNames.set(stage, names);
    return names;
  }

  /** The first object that was given with this content. */
  shared(ports: Ports): Ports {
    const text = JSON.stringify(ports);
    const known = this.#ports.get(text);
    if (known !== undefined) return known;
    this.#ports.set(text, ports);
    this.#numbers.set(ports, this.#numbers.size);
    return ports;
  }

  node(stage: LoadedStage, seed: number, wired: Wired, outputs: Outputs): KnownNode | undefined {
    return this.#nodes.get(stage)?.get(this.#situation(seed, wired, outputs));
  }

  keepNode(stage: LoadedStage, seed: number, wired: Wired, outputs: Outputs, node: KnownNode): void {
    const known = this.#nodes.get(stage) ?? new Map<string, KnownNode>();
    this.#nodes.set(stage, known.set(this.#situation(seed, wired, outputs), node));
  }

  #situation(seed: number, wired: Wired, outputs: Outputs): string {
    let text = String(seed);
    for (const { stage, port } of Object.values(wired)) {
      text += ` ${stage}.${port}:${this.#numbers.get(outputs.get(stage) as Ports)}`;
    }
    return text;
  }

  predict(spec: PipelineSpec, outputs: Outputs): PredictSpec | null | undefined {
    return this.#predicts.get(this.#prediction(spec, outputs));
  }

  keepPredict(spec: PipelineSpec, outputs: Outputs, predict: PredictSpec | null): void {
    this.#predicts.set(this.#prediction(spec, outputs), predict);
  }

  #prediction({ seed, predict }: PipelineSpec, outputs: Outputs): string {
    let text = `${seed}`;
    for (const ports of outputs.values()) text += ` ${this.#numbers.get(ports)}`;
    return predict === null ? text : `${text} ${JSON.stringify(predict)}`;
  }
}
