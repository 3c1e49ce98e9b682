/**
 * @file Seqloom from a TypeScript program: run a pipeline, from a file or built in code, and predict with what it
 * learned. What the command line does goes through the same functions of core.
 */
import {
  type AnyStage,
  type BuiltPipeline,
  Dataset,
  DiagnosticError,
  type Loaded,
  type LoadOptions,
  loadPipeline as loadFile,
  openRegistry,
  type Pipeline,
  PipelineBuilder,
  type Registry,
  type RunRecord,
  utf8,
} from "@seqloom/core";
import {
  openPredictor,
  openStore,
  type RunOptions,
  runPipeline,
  storeDirectory,
  type Verdict,
  type VerifyOptions,
  verifyPipeline,
} from "@seqloom/core/engine";
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
  const { home, set, remote: address, ...rest } = options;
  const { pipeline, store, definitions } = await open(what, { home, set });
  const remote: RunOptions["remote"] = async (opened, directory) => {
    const { openRemoteCache } = await import("@seqloom/core/remote");
    return openRemoteCache(opened, { directory, address: address || undefined });
  };
  const record = await runPipeline(pipeline, {
    ...rest,
    store,
    definitions,
    ...(address !== false && { remote }),
  });
  const problems = record.stages.flatMap((stage) => stage.diagnostics.filter(({ severity }) => severity === "error"));
  if (problems.length > 0) throw new DiagnosticError(problems);
  return record;
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
