/** @file Runs stages that have results once more, apart from the store, and compares what they give byte for byte. */
import { existsSync } from "node:fs";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Pipeline } from "../pipeline/pipeline.js";
import type { Outputs, PlanNode } from "../plan/plan.js";
import { DEFAULT_DEVICE, Planner } from "../plan/planner.js";
import { select } from "../plan/select.js";
import { readArtifact } from "../run/artifact-files.js";
import type { RunListener } from "../run/events.js";
import { taskDiagnostics } from "../run/failure.js";
import type { StoredOutput } from "../run/record.js";
import type { RunOptions } from "../run/run.js";
import { stageEnvironment } from "../run/stage-environment.js";
import { mirrorFolders, StageRunner, taskInput } from "../run/stage-runner.js";
import { stagedPath } from "../store/entry.js";
import type { Store } from "../store/store.js";
import { type Difference, differenceOf } from "./difference.js";

/** How to verify. */
export type VerifyOptions = Pick<
  RunOptions,
  "store" | "device" | "threads" | "signal" | "listeners" | "mirrors" | "definitions"
> & {
  /** These stages; without it, all. */
  readonly stages?: readonly string[] | undefined;
  /** Hears the verdict on each stage as it comes. */
  readonly onStage?: ((verdict: Verdict) => void) | undefined;
};

/** An output that is not what was stored. `difference` is null when the values are equal and only their encoding is not. */
export interface DifferentOutput {
  readonly port: string;
  readonly before: string;
  readonly after: string;
  readonly difference: Difference | null;
}

/** What became of one stage. `no-result`: the store has none to compare with. `failed`: it could not be run again. */
export interface Verdict {
  readonly stage: string;
  readonly use: string;
  readonly status: "same" | "different" | "no-result" | "failed";
  /** Milliseconds that running it again took. */
  readonly ms: number;
  readonly different: readonly DifferentOutput[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Runs the stages of a pipeline that have results again, each on the stored results of those before it, and compares. The
 * store stays as it is, but for what is found to be damaged.
 * @throws DiagnosticError `unknown-target`; the signal's reason when aborted.
 */
export async function verifyPipeline(pipeline: Pipeline, options: VerifyOptions): Promise<readonly Verdict[]> {
  const { store, stages, device = DEFAULT_DEVICE, onStage } = options;
  const signal = options.signal ?? new AbortController().signal;
  const emit: RunListener = (event) => {
    for (const listener of options.listeners ?? []) listener(event);
  };
  const selection = { targets: stages };
  const planner = new Planner(pipeline, store, { ...selection, device, signal });
  const runner = new StageRunner({
    pipeline,
    planner,
    store,
    device,
    profile: false,
    traceInputs: false,
    checkpoints: "off",
    mirrors: options.mirrors ?? mirrorFolders(),
    definitions: options.definitions ?? new Map(),
    environment: stageEnvironment(options.threads),
    lookAhead: null,
    signal,
    emit,
  });
  const outputs = new Map<string, Outputs>();
  const verdicts: Verdict[] = [];
  try {
    for (const node of select(pipeline, selection).nodes) {
      signal.throwIfAborted();
      const planned = await planner.assess(node, (name) => outputs.get(name));
      if (planned.status === "hit") outputs.set(node.name, planned.entry.outputs);
      if (stages !== undefined && stages.length > 0 && !stages.includes(node.name)) continue;
      const verdict = await verdictOn(planned, runner, outputs, store, signal);
      verdicts.push(verdict);
      onStage?.(verdict);
    }
  } finally {
    await runner.close();
  }
  return verdicts;
}

async function verdictOn(
  planned: PlanNode,
  runner: StageRunner,
  outputs: ReadonlyMap<string, Outputs>,
  store: Store,
  signal: AbortSignal,
): Promise<Verdict> {
  const { node } = planned;
  const about = { stage: node.name, use: node.stage.id, different: [], diagnostics: [] };
  if (planned.status === "broken") return { ...about, status: "failed", ms: 0, diagnostics: planned.diagnostics };
  if (planned.status !== "hit") return { ...about, status: "no-result", ms: 0 };
  const started = performance.now();
  try {
    const different = await runner.again(planned, outputs, (made, staging) =>
      differences(planned.entry.outputs, made, store, staging),
    );
    const ms = performance.now() - started;
    return { ...about, status: different.length === 0 ? "same" : "different", ms, different };
  } catch (error) {
    signal.throwIfAborted();
    const diagnostics = taskDiagnostics(error, { stage: node.name, use: node.stage.id, at: node.at });
    return { ...about, status: "failed", ms: performance.now() - started, diagnostics };
  }
}

async function differences(
  stored: Outputs,
  made: Outputs,
  store: Store,
  staging: string,
): Promise<readonly DifferentOutput[]> {
  const different: DifferentOutput[] = [];
  for (const [port, after] of Object.entries(made)) {
    const before = stored[port];
    if (before.digest === after.digest) continue;
    const [old, own] = await Promise.all([
      readArtifact(taskInput(store, before)),
      readArtifact(stagedInput(store, after, staging, port)),
    ]);
    different.push({ port, before: before.digest, after: after.digest, difference: differenceOf(old, own) });
  }
  return different;
}

/** Where the files of a result lie that is not in the store; those that it shares with stored ones may be there. */
function stagedInput(store: Store, output: StoredOutput, staging: string, port: string) {
  const input = taskInput(store, output);
  const files = input.files.map((file) => {
    const path = stagedPath(staging, port, file.name);
    return existsSync(path) ? { ...file, path } : file;
  });
  return { ...input, files };
}
