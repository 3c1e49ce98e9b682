import type { z } from "zod";
import type { ArtifactName, ArtifactValue } from "../artifacts/index.js";
import type { Metrics } from "../artifacts/metrics.js";
import type { Columns } from "../dataset/columns.js";
import type { Dataset } from "../dataset/dataset.js";
import { joinDatasets } from "../dataset/join.js";
import { previewDataset, widthsOf } from "../dataset/preview.js";
import type { Json } from "../json.js";
import type { FileSource, ResolvedFile, StageContext } from "./context.js";
import type { DatasetPort, Ports, PortValues, ValuePort } from "./ports.js";

/** The zod schema of a stage's parameters: always a strict object. */
export type ParamsSchema = z.ZodObject;

/** Parameters as the stage receives them, defaults filled in. */
export type Params<S extends ParamsSchema> = z.output<S>;

/** What the engine may know of a stage, so that it never asks *which* stage this is. */
export interface StageTraits {
  /** Where it runs: a worker thread, or a child process of its own (models: memory returned, crash contained). */
  readonly isolation?: "thread" | "process";
  /** Whether the result depends on `context.random`. Default false: the seed is then no part of the key. */
  readonly seeded?: boolean;
  /** Whether it computes on the device that the user chose; the device is then part of the key. */
  readonly usesDevice?: boolean;
  /** Processor cores that it keeps busy; "all" for training. Default 1. */
  readonly cpu?: number | "all";
  /**
   * It uses `context.checkpoint`: after an interruption it goes on from there, and what it gives is, byte for byte, what it
   * would have given without. Such a stage ends on `context.signal`.
   */
  readonly resumable?: "exact";
  /** Whether its results depend on the Unicode tables of the JavaScript engine, which are then part of the key. */
  readonly usesUnicodeTables?: boolean;
}

/** One worked example: parameters, rows in, rows out. Test, documentation and `seqloom stages` all show it. */
export interface StageExample {
  readonly title?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly in?: readonly Readonly<Record<string, unknown>>[];
  readonly out?: readonly Readonly<Record<string, unknown>>[];
}

/** A parameter that fits its type but not its meaning. */
export interface ParamProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string;
}

interface StageBase<S extends ParamsSchema> extends StageTraits {
  /** `area/verb` or `area/noun`, in kebab-case. */
  readonly id: string;
  /** Raise it when results change: old results stay under their old keys. */
  readonly version: number;
  /** One sentence for lists and the reference. */
  readonly description: string;
  readonly params: S;
  readonly examples?: readonly StageExample[];
  /** The files that these parameters name; the engine finds, checks and downloads them, and puts their content into the key. */
  files?(params: Params<S>): Readonly<Record<string, readonly FileSource[]>>;
  /** Whether the names of the files, not only their content, are part of the result (a class per folder). */
  readonly fileNamesMatter?: boolean;
  /**
   * Files beside its own that the code reads (paths or globs, relative to the file of the stage): their content is part of its
   * identity. It declares that there are no others, so that a stage which loads modules or files by computed names is cached.
   */
  readonly extraFiles?: readonly string[];
  /** What the schema cannot say alone; a message per problem, with the path of the parameter. */
  check?(params: Params<S>): readonly ParamProblem[];
}

/** A part of what a source reads whose rows can be read apart from all others. Plain data: it goes to other threads. */
export interface Piece<Where extends Json = Json> {
  /** Everything that the rows depend on beside the parameters, and nothing else: digests of content, names of columns. */
  readonly identity: Json;
  /** Where the content is, for `read` and for messages. */
  readonly where: Where;
  /** Size of the content, for progress. */
  readonly bytes: number;
}

/** The half of a source that lets the engine read it in pieces: side by side, and again only those that changed. */
export interface SourceMethods<S extends ParamsSchema, Where extends Json = Json> {
  /** Cuts the content into pieces in order, at places that the content itself decides. Fast: it runs whenever a file changed. */
  pieces(params: Params<S>, context: StageContext): AsyncIterable<Piece<Where>>;
  /** The rows of a piece: a function of its identity, the parameters, and the widths of the first piece (null for that one). */
  read(where: Where, params: Params<S>, context: StageContext, widths: Widths | null): Promise<Dataset>;
}

/** Widths of vectors, and of the steps of series, by column: what must be the same in all pieces of a source. */
export type Widths = Readonly<Record<string, number>>;

/** Turns the files of a prediction into rows, one or more for each file, in order. */
export interface FileReader<S extends ParamsSchema = ParamsSchema> {
  readonly columns: Columns;
  read(files: readonly ResolvedFile[], params: Params<S>, context: StageContext): Promise<Dataset> | Dataset;
}

/** The general form: any ports. */
export interface StageDefinition<
  I extends Ports = Ports,
  O extends Ports = Ports,
  S extends ParamsSchema = ParamsSchema,
  K extends boolean = boolean,
> extends StageBase<S> {
  readonly kind: "stage";
  readonly inputs: I;
  /** The output ports. The one named `data`, or else the first, is the default. */
  readonly outputs: O;
  /** The output ports where their columns depend on the parameters. */
  outputsFor?(params: Params<S>): Ports;
  /** Whether the columns of the input `data` are also there on the output `data`. Default false. */
  readonly keepsColumns?: K;
  /** With `keepsColumns`: those of the input `data` that are not handed on, by the names that the pipeline gives them. */
  dropsColumns?(params: Params<S>): readonly string[];
  /** At prediction time: `skip` hands `data` through (splits, samplers); `source` is replaced by what the user gives. */
  readonly inference?: "run" | "skip" | "source";
  /** Only of a source that can be read in pieces; see {@link defineSource}. */
  readonly source?: SourceMethods<S>;
  /** Of a source: how files that a user gives at prediction time become rows, when it is not by typed text. */
  readonly fromFiles?: FileReader<S>;
  run(inputs: PortValues<I>, params: Params<S>, context: StageContext): Promise<PortValues<O>> | PortValues<O>;
}

/** Row by row: the engine may give it the rows in batches of any size. */
export interface MapDefinition<
  I extends Columns = Columns,
  O extends Columns = Columns,
  S extends ParamsSchema = ParamsSchema,
> extends StageBase<S> {
  readonly kind: "map";
  readonly input: DatasetPort<I>;
  readonly output: DatasetPort<O>;
  apply(batch: Dataset<I>, params: Params<S>, context: StageContext): Promise<Dataset> | Dataset;
}

/** Rows in order, in chunks of any size. */
export type Chunks<D> = AsyncIterable<D> | Iterable<D>;

/** Input ports of an estimator beside `data`. */
export type ExtraPorts = Readonly<Record<string, ValuePort<Exclude<ArtifactName, "dataset">>>>;

/** Learns a state from the `train` rows, then applies it to all rows. Ports: `data` in; `data`, `state` and, with `describe`, `report` out. */
export interface EstimatorDefinition<
  I extends Columns = Columns,
  O extends Columns = Columns,
  S extends ParamsSchema = ParamsSchema,
  N extends Exclude<ArtifactName, "dataset"> = Exclude<ArtifactName, "dataset">,
  A extends Columns = Columns,
  E extends ExtraPorts = ExtraPorts,
> extends StageBase<S> {
  readonly kind: "estimator";
  readonly input: DatasetPort<I, A>;
  readonly output: DatasetPort<O>;
  /** Input ports beside `data` that may be left unconnected: `fit` finds in `context.extra` what comes in on them. */
  readonly extra?: E;
  /** The artifact type of the state. */
  readonly state: N;
  /** Columns of the input that only `fit` needs, such as `label`: at prediction time they are missing. */
  readonly fitOnly?: readonly string[];
  fit(train: Dataset<I>, params: Params<S>, context: StageContext): Promise<ArtifactValue<N>> | ArtifactValue<N>;
  /** `fit` in one pass over chunks of the train rows, for states that do not depend on where they are parted. */
  fold?(chunks: Chunks<Dataset<I>>, params: Params<S>, context: StageContext): Promise<ArtifactValue<N>>;
  apply(
    batch: Dataset<I>,
    state: ArtifactValue<N>,
    params: Params<S>,
    context: StageContext,
  ): Promise<Dataset> | Dataset;
  /** Numbers, curves and tables that the state holds: the output port `report`. A pure function of the state. */
  describe?(state: ArtifactValue<N>): Metrics;
}

/** Any kind of stage. */
export type AnyStage = StageDefinition | MapDefinition | EstimatorDefinition;

/** Defines a stage of the general form. */
export function defineStage<
  const I extends Ports,
  const O extends Ports,
  S extends ParamsSchema,
  const K extends boolean = false,
>(definition: Omit<StageDefinition<I, O, S, K>, "kind">): StageDefinition<I, O, S, K> {
  return Object.freeze({ kind: "stage", ...definition }) as StageDefinition<I, O, S, K>;
}

/** Defines a source that is read in pieces: data larger than memory, on all cores, and after an edit only what changed. */
export function defineSource<const O extends Ports, S extends ParamsSchema, Where extends Json>(
  definition: Omit<
    StageDefinition<Record<never, never>, O, S, false>,
    "kind" | "inputs" | "inference" | "source" | "run"
  > &
    SourceMethods<S, Where>,
): StageDefinition<Record<never, never>, O, S, false> {
  const { pieces, read, ...rest } = definition;
  return defineStage({
    ...rest,
    inputs: {},
    inference: "source",
    source: { pieces, read } as unknown as SourceMethods<S>,
    run: async (_, params, context) => {
      const parts: Dataset[] = [];
      for await (const { where } of pieces(params, context)) {
        parts.push(await read(where, params, context, parts.length === 0 ? null : widthsOf(previewDataset(parts[0]))));
      }
      return { data: joinDatasets(parts) } as unknown as PortValues<O>;
    },
  }) as unknown as StageDefinition<Record<never, never>, O, S, false>;
}

/** Defines a stage that works row by row. Its output keeps the columns of the input and adds or replaces those of `output`. */
export function defineMap<const I extends Columns, const O extends Columns, S extends ParamsSchema>(
  definition: Omit<MapDefinition<I, O, S>, "kind">,
): MapDefinition<I, O, S> {
  return Object.freeze({ kind: "map", ...definition }) as MapDefinition<I, O, S>;
}

/**
 * Defines a stage that learns from the `train` rows. Its output keeps the columns of the input and adds or replaces those of
 * `output`. It has `fit`, which is given all train rows at once, or `fold`, which is given them in chunks.
 */
export function defineEstimator<
  const I extends Columns,
  const O extends Columns,
  S extends ParamsSchema,
  const N extends Exclude<ArtifactName, "dataset">,
  const A extends Columns = Columns,
  const E extends ExtraPorts = Record<never, never>,
>(
  definition: Omit<EstimatorDefinition<I, O, S, N, A, E>, "kind" | "fit" | "fold"> &
    (
      | Required<Pick<EstimatorDefinition<I, O, S, N, A, E>, "fit">>
      | Required<Pick<EstimatorDefinition<I, O, S, N, A, E>, "fold">>
    ),
): EstimatorDefinition<I, O, S, N, A, E> {
  const fit: EstimatorDefinition<I, O, S, N, A, E>["fit"] =
    "fit" in definition ? definition.fit : (train, params, context) => definition.fold([train], params, context);
  return Object.freeze({ kind: "estimator", ...definition, fit }) as EstimatorDefinition<I, O, S, N, A, E>;
}
