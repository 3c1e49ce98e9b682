/**
 * @file Seqloom from a TypeScript program: run a pipeline, from a file or built in code, and predict with what it
 * learned. What the command line does goes through the same functions of core.
 */
import {
  type AnyStage,
  type BuiltPipeline,
  Dataset,
  DiagnosticError,
  fail,
  type Loaded,
  type LoadOptions,
  loadPipeline as loadFile,
  openRegistry,
  type Pipeline,
  PipelineBuilder,
  type Registry,
  type RunRecord,
  type SweepPoint,
  type SweepRecord,
  selectPoints,
  utf8,
} from "@seqloom/core";
import {
  openPredictor,
  openStore,
  type RunOptions,
  runPipeline,
  runSweep,
  type SweepOptions,
  storeDirectory,
  type Verdict,
  type VerifyOptions,
  verifyPipeline,
} from "@seqloom/core/engine";
import { loadSweep } from "@seqloom/core/load";
import { homeOf, manifests } from "./manifests.js";
import { type Predicted, predictedOf } from "./predicted.js";

/** A pipeline file, a builder, or what a builder built. */
export type PipelineLike = string | PipelineBuilder | BuiltPipeline;

/** Where results are kept, and values of a file to replace. */
export interface OpenOptions {
  /** The folder of the store; `SEQLOOM_HOME`, or `.seqloom` beside the pipeline by default. */
  readonly home?: string | undefined;
  /** For a file: dotted path → YAML text, as `--set` has it. */
  readonly set?: Readonly<Record<string, string>> | undefined;
}

/** How to run: what core takes, and the remote cache by its address. */
export interface ProgramRunOptions extends OpenOptions, Omit<Partial<RunOptions>, "store" | "remote"> {
  /** Address of a remote cache; without it what the environment or `seqloom.config.yaml` name, and `false` for none. */
  readonly remote?: string | false | undefined;
}

/** The stages of the installed packages. */
export function installedStages(): Registry {
  return openRegistry(manifests());
}

/**
 * Loads and checks a pipeline file without running anything: the pipeline, or all that is wrong with the file. By
 * default with the stages that are installed, and the store that `run` uses.
 */
export async function loadPipeline(path: string, options: Partial<LoadOptions> = {}): Promise<Loaded> {
  return loadFile(path, { manifests: manifests(), home: homeOf(path), ...options });
}

/**
 * Runs a pipeline: what the store has is taken from there, the rest is computed.
 * @throws DiagnosticError with all that is wrong, when the pipeline or one of its stages fails.
 */
export async function run(what: PipelineLike, options: ProgramRunOptions = {}): Promise<RunRecord> {
  const { home, set, remote, ...rest } = options;
  const { pipeline, store, definitions } = await open(what, { home, set });
  const record = await runPipeline(pipeline, { ...rest, store, definitions, ...remoteOf(remote) });
  const problems = record.stages.flatMap((stage) => stage.diagnostics.filter(({ severity }) => severity === "error"));
  if (problems.length > 0) throw new DiagnosticError(problems);
  return record;
}

/** How to run a sweep: as `run` does, how many points at a time, and which of them. */
export interface ProgramSweepOptions
  extends OpenOptions,
    Omit<Partial<SweepOptions>, "store" | "remote">,
    Pick<ProgramRunOptions, "remote"> {
  /** The points to run, as `--point` names them: a label, the beginning of an id, or values such as `units=64`. Default: all. */
  readonly points?: readonly string[] | undefined;
}

/**
 * Runs every point of the matrix of a pipeline; what points have in common is computed once. A point that fails stops no
 * other: the record says what became of each. `sweepTable` and `sortedBy` make a table of it.
 * @throws DiagnosticError with all that is wrong with the pipeline; `no-matrix`, `unknown-point`.
 */
export async function sweep(what: PipelineLike, options: ProgramSweepOptions = {}): Promise<SweepRecord> {
  const { home, set, remote, points: wanted = [], ...rest } = options;
  const { pipeline, points, store, definitions } = await openPoints(what, { home, set });
  if (points.length === 0) {
    throw fail("no-matrix", `pipeline "${pipeline.name}" has no matrix`, {
      hint: "Add one, such as `matrix: { axes: { units: [32, 64] } }`, or use `run`.",
    });
  }
  const chosen = new Set(wanted.flatMap((text) => selectPoints(points, text)));
  const some = wanted.length === 0 ? points : points.filter((point) => chosen.has(point));
  return runSweep({ pipeline, points: some }, { ...rest, store, definitions, ...remoteOf(remote) });
}

/** See {@link ProgramRunOptions.remote}. */
function remoteOf(address: string | false | undefined): Pick<RunOptions, "remote"> {
  if (address === false) return {};
  return {
    remote: async (store, directory) => {
      const { openRemoteCache } = await import("@seqloom/core/remote");
      return openRemoteCache(store, { directory, address: address || undefined });
    },
  };
}

/**
 * Runs stages that have results again and compares what they give with what is stored, byte for byte.
 * @throws DiagnosticError `unknown-target`, or what is wrong with the pipeline.
 */
export async function verify(
  what: PipelineLike,
  options: OpenOptions & Omit<Partial<VerifyOptions>, "store"> = {},
): Promise<readonly Verdict[]> {
  const { home, set, ...rest } = options;
  const { pipeline, store, definitions } = await open(what, { home, set });
  return verifyPipeline(pipeline, { definitions, ...rest, store });
}

/**
 * Loads what a trained pipeline needs to predict; the function that it gives can be called again and again, with texts, or
 * with paths where the pipeline reads files.
 * @throws DiagnosticError `not-trained` when it has not been run, `not-predictable` when text cannot reach its model.
 */
export async function predictor(
  what: PipelineLike,
  options: OpenOptions & { readonly device?: string | undefined } = {},
): Promise<(inputs: readonly string[]) => Promise<readonly Predicted[]>> {
  const { pipeline, store, definitions } = await open(what, options);
  const opened = await openPredictor(pipeline, store, { device: options.device, definitions });
  return async (inputs) => {
    const reads = pipeline.predict?.input === "files";
    const { rows } = await opened.predict(reads ? await opened.read(inputs) : Dataset.of({ text: utf8(inputs) }));
    return predictedOf(inputs, rows, pipeline);
  };
}

interface Opened {
  readonly pipeline: Pipeline;
  readonly store: ReturnType<typeof openStore>;
  readonly definitions: ReadonlyMap<string, AnyStage>;
}

async function openPoints(
  what: PipelineLike,
  options: OpenOptions,
): Promise<Opened & { readonly points: readonly SweepPoint[] }> {
  if (typeof what !== "string") {
    const built = what instanceof PipelineBuilder ? await what.build(installedStages()) : what;
    return { ...(await open(built, options)), points: built.points };
  }
  const home = options.home ?? homeOf(what);
  const store = openStore(home);
  const { sweep: loaded, diagnostics } = await loadSweep(what, {
    manifests: manifests(),
    home,
    ...(options.set && { set: options.set }),
  });
  if (loaded === null) throw new DiagnosticError(diagnostics);
  return { ...loaded, store, definitions: new Map() };
}

async function open(what: PipelineLike, { home, set }: OpenOptions): Promise<Opened> {
  if (typeof what !== "string") {
    const built = what instanceof PipelineBuilder ? await what.build(installedStages()) : what;
    return { ...built, store: openStore(home ?? storeDirectory(built.pipeline.directory)) };
  }
  const folder = home ?? homeOf(what);
  const store = openStore(folder);
  const { pipeline, diagnostics } = await loadPipeline(what, { home: folder, ...(set && { set }) });
  if (pipeline === null) throw new DiagnosticError(diagnostics);
  return { pipeline, store, definitions: new Map() };
}
