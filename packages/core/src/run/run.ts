import type { Key } from "../brands.js";
import type { CheckpointMode } from "../checkpoints/checkpoints.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Pipeline } from "../pipeline/pipeline.js";
import type { Outputs, PlanNode } from "../plan/plan.js";
import { Planner, type VerifyMode } from "../plan/planner.js";
import { type Selection, select } from "../plan/select.js";
import type { RemoteCache } from "../remote/cache.js";
import type { AnyStage } from "../stages/stage.js";
import { rememberLast } from "../store/history.js";
import type { Store } from "../store/store.js";
import { noteUses } from "../store/uses.js";
import type { Early } from "./early.js";
import { environmentOf } from "./environment.js";
import type { RunEvent, RunListener } from "./events.js";
import { readCommit } from "./git.js";
import { createRunId } from "./id.js";
import type { RunRecord, StageResult } from "./record.js";
import { emptyResult, resultOf } from "./results.js";
import type { SharedWork } from "./shared.js";
import type { Assessed } from "./verify-inputs.js";
import { writeRun } from "./write-record.js";

/** How to run a pipeline. */
export interface RunOptions extends Selection {
  readonly store: Store;
  /** The device that models run on: `simd` or `cpu`. */
  readonly device?: string | undefined;
  readonly listeners?: readonly RunListener[] | undefined;
  /** Stops the run: nothing more is started, what runs is ended, and the record says so. */
  readonly signal?: AbortSignal | undefined;
  /** Processor cores that stages share. Default: those of the machine. */
  readonly concurrency?: number | undefined;
  /** Threads of a model's own computing: `SEQLOOM_THREADS` in the environment of stages. Not part of any key. */
  readonly threads?: number | undefined;
  /** Stages that compute tell where their time goes: in the record, as `profile`. Part of no key and of no result. */
  readonly profile?: boolean | undefined;
  /** Watches what stages that run in workers read, and warns of what is not declared. Part of no key and of no result. */
  readonly traceInputs?: boolean | undefined;
  /** How often stages that can go on from checkpoints keep one. Default `auto`: as often as costs next to nothing. */
  readonly checkpoints?: CheckpointMode | undefined;
  /**
   * A stage that stops by itself, with a checkpoint, when it has so many epochs. Who sets it aborts the run when that is told.
   * Part of no key: a later run goes on from there.
   */
  readonly pause?: { readonly stage: string; readonly epochs: number } | undefined;
  /**
   * How far a stored result is looked into before it counts. Default `size`: its files are there, with their sizes. `full`:
   * they are read and compared with their digests; damaged ones are set aside, and made again in this run.
   */
  readonly verify?: VerifyMode | undefined;
  /** Folders with copies of files that are named by URL. Default: `SEQLOOM_MIRROR`. */
  readonly mirrors?: readonly string[] | undefined;
  /** Opens the remote cache for this store and the folder of the pipeline (`openRemoteCache`); called when something must be computed, and only then. */
  readonly remote?: ((store: Store, directory: string) => Promise<RemoteCache | null>) | undefined;
  /** Definitions of the stages that no module exports, by name of the stage. */
  readonly definitions?: ReadonlyMap<string, AnyStage> | undefined;
  /** The point of a matrix that this is: for the record. */
  readonly point?: RunRecord["point"] | undefined;
  /** The call that starts it: for the record. */
  readonly command?: readonly string[] | undefined;
  /** What this run shares with others that go on in this process at the same time. */
  readonly shared?: SharedWork | undefined;
}

/**
 * Runs a pipeline: what the store has is taken from there, the rest is computed. Never throws for a failure of a stage: the
 * record has it.
 * @throws DiagnosticError `unknown-target`, `selection-conflict`; `store-…` when the store cannot be read; what `remote` throws.
 */
export async function runPipeline(pipeline: Pipeline, options: RunOptions): Promise<RunRecord> {
  const signal = options.signal ?? new AbortController().signal;
  // Only sources have something to begin with while their files are being hashed.
  const sources = pipeline.nodes.some(({ stage }) => stage.pieces);
  const early = sources ? new (await import("./early.js")).Early(pipeline, options, signal) : null;
  try {
    return await planAndRun(pipeline, options, signal, early);
  } finally {
    await early?.close();
  }
}

async function planAndRun(
  pipeline: Pipeline,
  options: RunOptions,
  signal: AbortSignal,
  early: Early | null,
): Promise<RunRecord> {
  const { store } = options;
  const startedAt = new Date();
  const started = performance.now();
  const selected = select(pipeline, options);
  const { nodes } = selected;
  const run = createRunId(startedAt.getTime());
  const heard: RunEvent[] = [];
  let working = false;
  let emit: RunListener = (event) => {
    if (!working) heard.push(event);
    for (const listener of options.listeners ?? []) listener(event);
  };
  emit({ type: "run-started", run, pipeline: pipeline.name, stages: nodes.map(({ name }) => name) });

  const sound = options.shared?.sound ?? new Set<string>();
  const planner = new Planner(pipeline, store, { ...options, signal, sound }, selected);
  const outputs = new Map<string, Outputs>();
  const results = new Map<string, StageResult>();
  const finish = (result: StageResult): void => {
    results.set(result.name, result);
    emit({ type: "stage-finished", stage: result.name, result });
  };

  const assessed: Assessed[] = [];
  for (const node of nodes) {
    const begun = performance.now();
    await early?.begin(node, () => planner.memo());
    const planned = await assess(planner, node, outputs, signal);
    if (planned === null) break;
    if (planned.status === "hit") outputs.set(node.name, planned.entry.outputs);
    assessed.push({ planned, startMs: begun - started, ms: performance.now() - begun });
  }
  noteUses(
    store,
    assessed.flatMap(({ planned }) => (planned.status === "hit" ? [planned.key] : [])),
  );
  if (assessed.some(({ planned }) => planned.status !== "hit") && !signal.aborted) {
    await (await import("./verify-inputs.js")).verifyInputs(assessed, planner, store, signal, sound);
  }
  // A stage that must not run and has no result ends the run before anything is computed.
  const refused = assessed.some(({ planned }) => planned.status === "broken" && planned.held !== undefined);
  const waiting: PlanNode[] = [];
  for (const { planned, ms, startMs } of assessed) {
    if (planned.status === "hit") finish(resultOf(planned.node, "hit", planned.entry, { ms, startMs }));
    else if (refused) {
      if (planned.status === "broken") finish(emptyResult(planned.node, "failed", planned));
    } else {
      outputs.delete(planned.node.name);
      waiting.push(planned);
    }
  }
  let close = (): void => {};
  let shared: Awaited<ReturnType<RemoteCache["close"]>> | undefined;
  const commit = readCommit(pipeline.directory);
  let dirty: boolean | undefined;
  let collect = async (): Promise<readonly Diagnostic[]> => [];
  if (waiting.length > 0 && !signal.aborted) {
    // Only now is anything loaded that computes.
    const { startWork } = await import("./work.js");
    working = true;
    const inRepository = commit !== null;
    const began = started;
    const scope = {
      pipeline,
      planner,
      options,
      run,
      startedAt,
      began,
      signal,
      inRepository,
      heard,
      emit,
      outputs,
      finish,
      lookAhead: early?.lookAhead ?? null,
    };
    const work = await startWork(scope);
    emit = work.emit;
    close = work.close;
    collect = work.collect;
    await work.schedule(waiting);
    shared = await work.flush();
    dirty = await work.dirty;
  }
  for (const node of nodes) if (!results.has(node.name)) finish(emptyResult(node, "skipped"));
  planner.finish();

  const stages = nodes.map(({ name }) => results.get(name) as StageResult);
  const record: RunRecord = {
    schema: 1,
    run,
    status: statusOf(stages, signal),
    pipeline,
    startedAt: startedAt.toISOString(),
    seconds: (performance.now() - started) / 1000,
    stages,
    environment: environmentOf(options),
    ...(options.command !== undefined && { command: withoutSecrets(options.command) }),
    ...(commit !== null && { git: { ...commit, ...(dirty !== undefined && { dirty }) } }),
    ...(options.point !== undefined && { point: options.point }),
    report: null,
    ...(shared !== undefined && { remote: shared.summary }),
    ...(shared !== undefined && shared.diagnostics.length > 0 && { diagnostics: shared.diagnostics }),
  };
  const written = await keep(store, record);
  const problems = await collect();
  close();
  const kept =
    problems.length === 0 ? written : { ...written, diagnostics: [...(written.diagnostics ?? []), ...problems] };
  emit({ type: "run-finished", record: kept });
  return kept;
}

/** Null when the run was stopped while files were being read. */
async function assess(
  planner: Planner,
  node: Pipeline["nodes"][number],
  outputs: ReadonlyMap<string, Outputs>,
  signal: AbortSignal,
): Promise<PlanNode | null> {
  if (signal.aborted) return null;
  try {
    return await planner.assess(node, (stage) => outputs.get(stage));
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}

function statusOf(stages: readonly StageResult[], signal: AbortSignal): RunRecord["status"] {
  if (stages.some(({ status }) => status === "failed")) return "failed";
  if (stages.some(({ status }) => status === "skipped")) return signal.aborted ? "interrupted" : "failed";
  return "succeeded";
}

/** Results are safe by now: a record that cannot be written is a warning. */
async function keep(store: Store, record: RunRecord): Promise<RunRecord> {
  const keys = record.stages.flatMap(({ name, key, status }): [string, Key][] =>
    key !== null && (status === "hit" || status === "run") ? [[name, key]] : [],
  );
  rememberLast(store, record.pipeline.name, Object.fromEntries(keys));
  try {
    writeRun(store, record);
    return record;
  } catch (error) {
    const diagnostics = (await import("./failure.js")).diagnosticsOf(error);
    if (diagnostics === null) throw error;
    const warnings = diagnostics.map((one): Diagnostic => ({ ...one, severity: "warning" }));
    return { ...record, diagnostics: [...(record.diagnostics ?? []), ...warnings] };
  }
}

/** Addresses without names, passwords and queries: a remote cache refuses them, but a run that asks none has not looked. */
function withoutSecrets(command: readonly string[]): string[] {
  return command.map((word) => word.replace(/(?<=:\/\/)[^/@\s]*@/, "").replace(/(:\/\/[^?\s]*)\?\S*/, "$1"));
}
