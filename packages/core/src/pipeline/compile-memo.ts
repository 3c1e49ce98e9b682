import type { Location } from "../diagnostics/diagnostic.js";
import type { AnyStage } from "../stages/stage.js";
import { outputPorts } from "./describe-ports.js";
import { frozen } from "./frozen.js";
import { type LoadedStage, seedOf } from "./load-stage.js";
import { parseParamsByKey } from "./parse-params.js";
import type { PortReference, PredictSpec, ResolvedPort, StageNode } from "./pipeline.js";
import type { Locate, PipelineSpec, StageSpec } from "./spec.js";

type Ports = Readonly<Record<string, ResolvedPort>>;
type Outputs = ReadonlyMap<string, Ports>;
type Wired = Readonly<Record<string, PortReference>>;
type Fed = readonly (Ports | undefined)[];

/** How the stages of a pipeline are connected, and the order that follows from it. */
export interface Wiring {
  readonly inputs: ReadonlyMap<string, Wired>;
  readonly order: readonly string[];
}

interface KnownNode {
  readonly node: StageNode;
  readonly ports: Ports;
}

/** The node of a stage where it was met last, by the ports that feed it; and all of them by name, where there are several. */
interface KnownNodes {
  readonly seed: number;
  readonly fed: Fed;
  readonly last: KnownNode;
  readonly all: Map<string, KnownNode> | null;
}

interface Prediction {
  readonly seed: number;
  readonly outputs: readonly Ports[];
  readonly written: string;
  readonly predict: PredictSpec | null;
}

/**
 * What the compiling of pipelines that share stages need not do twice: the points of a sweep cost what is different in
 * them. A checked stage is known by its specification; a node by its checked stage and by what its inputs carry. The
 * pipelines have the same names, stages and places, connected in the same way; only what `with` says, and the seed, may
 * differ. Nothing is kept of a pipeline that has problems.
 */
export class CompileMemo {
  readonly parse = parseParamsByKey();
  /** Whether names were found right. */
  named = false;
  readonly #seeds = new Map<string, string>();
  readonly #loaded = new Map<StageSpec, LoadedStage>();
  readonly #nodes = new Map<LoadedStage, KnownNodes>();
  /** Names of the output ports of all stages → wiring: which there are may depend on parameters. */
  readonly #wirings = new Map<string, Wiring>();
  /** Names of output ports, of stages whose ports are the same whatever the parameters. */
  readonly #portNames = new Map<AnyStage, string>();
  readonly #sources = new Map<Wired, readonly PortReference[]>();
  readonly #places = new Map<string, Location | null>();
  readonly #predictions = new Map<string, Prediction>();
  #lastPrediction: Prediction | undefined;
  /** Equal ports are one object here, numbered: comparing them is comparing numbers. */
  readonly #ports = new Map<string, Ports>();
  readonly #numbers = new Map<Ports, number>();
  readonly #carried = new Map<Wired, { readonly columns: object; readonly fed: Fed; readonly ports: Ports }>();

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

  /** Where a stage stands in the file. */
  placeOf(name: string, locate: Locate): Location | null {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const place = frozen(locate(["stages", name], "key"));
    this.#places.set(name, place);
    return place;
  }

  /** What the wiring of a pipeline depends on. */
  shape(spec: PipelineSpec, loaded: ReadonlyMap<string, LoadedStage>): string {
    let shape = "";
    for (const { name } of spec.stages) shape += `${this.#namesOf(loaded.get(name))};`;
    return shape;
  }

  wiring(shape: string): Wiring | undefined {
    return this.#wirings.get(shape);
  }

  keepWiring(shape: string, wiring: Wiring): void {
    this.#wirings.set(shape, wiring);
  }

  #namesOf(loaded: LoadedStage | undefined): string {
    if (loaded === undefined) return "?";
    const { stage, params } = loaded;
    const known = this.#portNames.get(stage);
    if (known !== undefined) return known;
    const names = Object.keys(outputPorts(stage, params)).join(",");
    if (!dependOnParams(stage)) this.#portNames.set(stage, names);
    return names;
  }

  /** What a stage gives that was found to fit its inputs, where that does not depend on its parameters. */
  carried({ stage, spec }: LoadedStage, wired: Wired, fed: Fed): Ports | undefined {
    const known = this.#carried.get(wired);
    const same = known !== undefined && known.columns === spec.columns && sameItems(known.fed, fed);
    return same && !dependOnParams(stage) ? known.ports : undefined;
  }

  keepCarried({ spec }: LoadedStage, wired: Wired, fed: Fed, ports: Ports): void {
    this.#carried.set(wired, { columns: spec.columns, fed, ports });
  }

  /** The first object that was given with this content. */
  shared(resolved: Ports): Ports {
    const text = JSON.stringify(resolved);
    const known = this.#ports.get(text);
    if (known !== undefined) return known;
    const ports = frozen(resolved);
    this.#ports.set(text, ports);
    this.#numbers.set(ports, this.#numbers.size);
    return ports;
  }

  /** What comes in on the inputs of a stage. */
  fed(wired: Wired, outputs: Outputs): Fed {
    const sources = this.#sources.get(wired) ?? Object.values(wired);
    this.#sources.set(wired, sources);
    return sources.map(({ stage }) => outputs.get(stage));
  }

  node(stage: LoadedStage, seed: number, fed: Fed): KnownNode | undefined {
    const known = this.#nodes.get(stage);
    if (known === undefined) return undefined;
    if (known.seed === seed && sameItems(known.fed, fed)) return known.last;
    return known.all?.get(this.#situation(seed, fed));
  }

  keepNode(stage: LoadedStage, seed: number, fed: Fed, last: KnownNode): void {
    const before = this.#nodes.get(stage);
    // Most stages are met in one situation only, whose name is not needed.
    let all = before?.all ?? null;
    if (before !== undefined) {
      all ??= new Map([[this.#situation(before.seed, before.fed), before.last]]);
      all.set(this.#situation(seed, fed), last);
    }
    this.#nodes.set(stage, { seed, fed, last, all });
  }

  /** The wiring is the same wherever a stage has the same ports to its inputs. */
  #situation(seed: number, fed: Fed): string {
    let text = String(seed);
    for (const ports of fed) text += ` ${ports === undefined ? "" : this.#numbers.get(ports)}`;
    return text;
  }

  prediction({ seed, predict }: PipelineSpec, outputs: Outputs): PredictSpec | null | undefined {
    const written = predict === null ? "" : JSON.stringify(predict);
    const carried = [...outputs.values()];
    const last = this.#lastPrediction;
    if (last !== undefined && last.seed === seed && last.written === written && sameItems(last.outputs, carried)) {
      return last.predict;
    }
    return this.#predictions.get(`${this.#situation(seed, carried)} ${written}`)?.predict;
  }

  keepPrediction({ seed, predict: input }: PipelineSpec, outputs: Outputs, predict: PredictSpec | null): void {
    const written = input === null ? "" : JSON.stringify(input);
    const prediction = { seed, outputs: [...outputs.values()], written, predict };
    this.#predictions.set(`${this.#situation(seed, prediction.outputs)} ${written}`, prediction);
    this.#lastPrediction = prediction;
  }
}

/** Whether other parameters may give a stage other output ports. */
function dependOnParams(stage: AnyStage): boolean {
  return stage.kind === "stage" && stage.outputsFor !== undefined;
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, at) => item === b[at]);
}
