import { resolve } from "node:path";
import type { Columns } from "../dataset/columns.js";
import { DiagnosticError } from "../diagnostics/diagnostic.js";
import type { JsonObject } from "../json.js";
import { inputPorts, outputPorts } from "../pipeline/describe-ports.js";
import type { DeclaredReads, Pipeline } from "../pipeline/pipeline.js";
import type { PredictSpecInput, StageSpec } from "../pipeline/spec.js";
import { manualCode, stageInfo } from "../registry/info.js";
import type { Registry, RegistryEntry } from "../registry/registry.js";
import type { AnyStage, MapDefinition } from "../stages/stage.js";
import type { SweepMatrix } from "../sweep/matrix.js";
import type { SweepPoint } from "../sweep/sweep.js";
import { compileSpec } from "./compile-spec.js";
import { type MatrixOptions, type PipelineParams, Reference, written } from "./params.js";
import type {
  Carries,
  ColumnsCarried,
  DataOf,
  Inputs,
  OutputsOf,
  ParamsOf,
  PortHandle,
  Renames,
  StageHandle,
} from "./types.js";

/** What a pipeline as a whole may say. */
export interface PipelineOptions<P extends PipelineParams = PipelineParams> {
  readonly name: string;
  /** The root of all randomness; 0 by default. */
  readonly seed?: number;
  /** Paths and the store are relative to this folder; the current one by default. */
  readonly directory?: string;
  /** Values that stages refer to by `param`, so that a matrix can vary them; for all else TypeScript has variables. */
  readonly params?: P;
  /** Values of `params`, and of the seed, to run the pipeline with: see `sweep`. */
  readonly matrix?: MatrixOptions<NoInfer<P>>;
}

/** What is said of one stage. */
export type StageOptions<D extends AnyStage, R extends Renames, I> = {
  /** The stage's own name of a column → its name in this pipeline. */
  readonly columns?: R;
  /** What its code reads beside its inputs and parameters: files relative to `directory`, and environment variables. */
  readonly reads?: DeclaredReads;
} & (Record<string, never> extends ParamsOf<D> ? { readonly with?: ParamsOf<D> } : { readonly with: ParamsOf<D> }) &
  (undefined extends Inputs<D, R> ? { readonly in?: undefined } : { readonly in: I });

/** A pipeline that was built in code: its frozen form, and the definitions of stages that live in memory only. */
export interface BuiltPipeline {
  readonly pipeline: Pipeline;
  /** By stage name; run in the main thread, since no worker could load them. */
  readonly definitions: ReadonlyMap<string, AnyStage>;
  /** The points of its matrix, in order; none where it has no matrix. */
  readonly points: readonly SweepPoint[];
}

/** How typed text becomes what the source of the pipeline gives. */
export interface PredictOptions {
  readonly source?: PortHandle;
  readonly model?: PortHandle;
  readonly prepare?: readonly {
    readonly use: MapDefinition;
    readonly with?: Readonly<Record<string, unknown>>;
    readonly columns?: Renames;
  }[];
}

/**
 * Composes a pipeline in TypeScript. An edge between stages that do not fit does not compile.
 *
 * @example
 * const p = new PipelineBuilder({ name: "reviews", seed: 7 });
 * const reviews = p.stage("reviews", generateReviews, { with: { rows: 2000 } });
 * const tokens = p.stage("tokens", tokenize, { in: reviews });
 * const ids = p.stage("ids", encode, { in: tokens });
 * const padded = p.stage("padded", pad, { in: ids, with: { length: 12 } });
 * const { pipeline } = await p.build(registry);
 */
export class PipelineBuilder<P extends PipelineParams = PipelineParams> {
  readonly #options: PipelineOptions<P>;
  readonly #stages: StageSpec[] = [];
  readonly #definitions = new Map<string, AnyStage>();
  #predict: PredictSpecInput | null = null;
  readonly #prepared: AnyStage[] = [];

  constructor(options: PipelineOptions<P>) {
    this.#options = options;
  }

  /**
   * A value of `params`, for the `with` of a stage, that a matrix can vary. It is a placeholder: hand it on as it is.
   * @throws RangeError when there is no such parameter.
   */
  param<N extends keyof P & string>(name: N): P[N] {
    if (!Object.hasOwn(this.#options.params ?? {}, name)) throw new RangeError(`there is no parameter "${name}"`);
    return new Reference(name) as unknown as P[N];
  }

  /** Adds a stage and gives a handle to its outputs. @throws RangeError when the name is taken. */
  stage<
    D extends AnyStage,
    const R extends Renames = Record<never, never>,
    const I extends Inputs<D, R> = Inputs<D, R>,
  >(
    name: string,
    definition: D,
    ...[options]: Record<string, never> extends StageOptions<D, R, I>
      ? [StageOptions<D, R, I>?]
      : [StageOptions<D, R, I>]
  ): StageHandle<OutputsOf<D, ColumnsCarried<DataOf<I>>, R>> {
    if (this.#definitions.has(name)) throw new RangeError(`the pipeline has a stage "${name}" already`);
    const given = (options ?? {}) as {
      in?: PortHandle | Record<string, PortHandle>;
      with?: JsonObject;
      columns?: Renames;
      reads?: DeclaredReads;
    };
    this.#stages.push({
      name,
      use: definition.id,
      inputs: references(given.in),
      with: written(given.with ?? {}),
      columns: given.columns ?? {},
      ...(given.reads !== undefined && { reads: given.reads }),
    });
    this.#definitions.set(name, definition);
    return handle(name, definition) as unknown as StageHandle<OutputsOf<D, ColumnsCarried<DataOf<I>>, R>>;
  }

  /** Says how typed text reaches the model; needed only when the source has no `text` column. */
  predict({ source, model, prepare = [] }: PredictOptions): this {
    this.#prepared.push(...prepare.map((step) => step.use as unknown as AnyStage));
    this.#predict = {
      ...(source === undefined ? {} : { source: source.stage }),
      ...(model === undefined ? {} : { model: model.stage }),
      prepare: prepare.map((step) => ({
        use: step.use.id,
        with: written((step.with ?? {}) as JsonObject),
        columns: step.columns ?? {},
      })),
    };
    return this;
  }

  /**
   * The pipeline file that compiles to the same pipeline. Stages are named by their ids: those that live in memory only are
   * unknown to a file.
   */
  async toYAML(): Promise<string> {
    const { name, seed = 0 } = this.#options;
    const matrix = this.#matrix();
    // The YAML library loads where it is needed.
    const { specToYaml } = await import("../yaml/write.js");
    return specToYaml({
      name,
      seed,
      params: this.#params(),
      stages: this.#stages,
      ...(matrix !== undefined && { matrix: matrix as unknown as SweepMatrix }),
      predict: this.#predict,
    });
  }

  /**
   * Checks everything that types cannot, and gives the frozen pipeline.
   * @param registry the installed stages: they run in workers and are known by their code; others run here.
   * @throws DiagnosticError with every problem.
   */
  async build(registry: Registry): Promise<BuiltPipeline> {
    const { name, seed = 0, directory = process.cwd() } = this.#options;
    const all = [...this.#definitions.values(), ...this.#prepared];
    const inMemory = new Set<AnyStage>();
    for (const stage of all) {
      const installed = registry.entry(stage.id) !== undefined && (await registry.load(stage.id)) === stage;
      if (!installed) inMemory.add(stage);
    }
    const byId = new Map<string, AnyStage>();
    for (const stage of all) {
      const other = byId.get(stage.id) ?? stage;
      if (other !== stage)
        throw new RangeError(`two stages of the pipeline have the id "${stage.id}": results are kept by it`);
      byId.set(stage.id, stage);
    }
    const overlay = overlaid(registry, inMemory);
    const spec = { name, seed, params: this.#params(), stages: this.#stages, predict: this.#predict };
    const compiled = await compileSpec(spec, this.#matrix(), resolve(directory), overlay);
    const { pipeline, points, problems } = compiled;
    if (pipeline === null || problems.length > 0) {
      throw new DiagnosticError(
        problems.map(({ code, message, hint, stage, path }) => ({
          code,
          severity: "error" as const,
          message,
          ...(hint === undefined ? {} : { hint }),
          ...(stage === undefined ? {} : { stage }),
          details: path.join("."),
        })),
      );
    }
    const prepared = this.#prepared.map((stage, i) => [`prepare ${i + 1}`, stage] as const);
    const definitions = [...this.#definitions, ...prepared].filter(([, stage]) => inMemory.has(stage));
    return { pipeline, definitions: new Map(definitions), points };
  }

  #matrix(): JsonObject | undefined {
    const { matrix } = this.#options;
    return matrix === undefined ? undefined : written(matrix as unknown as JsonObject);
  }

  #params(): JsonObject {
    return written((this.#options.params ?? {}) as JsonObject);
  }
}

/**
 * Says which columns a loader gives, where they depend on its parameters and the compiler cannot know:
 * `withColumns(p.stage("reviews", loadCsv, …), { text: "utf8", label: "label" })`. `build` checks that it is true of
 * whatever uses them.
 */
export function withColumns<const C extends Columns>(
  source: PortHandle<Carries<"dataset">>,
  _columns: C,
): PortHandle<Carries<"dataset", C>> {
  return source as PortHandle<Carries<"dataset", C>>;
}

function references(given: PortHandle | Record<string, PortHandle> | undefined): Record<string, string> {
  if (given === undefined) return {};
  const reference = (port: PortHandle): string => `${port.stage}.${port.port}`;
  if (isHandle(given)) return { "": reference(given) };
  return Object.fromEntries(Object.entries(given).map(([name, port]) => [name, reference(port)]));
}

function isHandle(given: PortHandle | Record<string, PortHandle>): given is PortHandle {
  return typeof given.stage === "string";
}

function handle(stage: string, definition: AnyStage): StageHandle {
  const names = Object.keys(outputPorts(definition, null));
  const ports = Object.fromEntries(names.map((port) => [port, { stage, port }]));
  return { stage, port: names.includes("data") ? "data" : names[0], ports };
}

/** The registry with stages that live in memory put over it. */
function overlaid(registry: Registry, stages: ReadonlySet<AnyStage>): Registry {
  const own = new Map([...stages].map((stage) => [stage.id, stage]));
  const entryOf = (stage: AnyStage): RegistryEntry => ({
    info: stageInfo(stage, null, manualCode(stage)),
    inputs: inputPorts(stage),
    outputs: outputPorts(stage, null),
  });
  return {
    ids: [...new Set([...registry.ids, ...own.keys()])].sort(),
    entry: (id) => (own.has(id) ? entryOf(own.get(id)!) : registry.entry(id)),
    load: async (id) => own.get(id) ?? registry.load(id),
  };
}
