/** @file Runs a pipeline from a bundle again, in a store of its own, and says stage by stage whether it came out the same. */
import { basename, join } from "node:path";
import { openBundle, refused } from "../bundle/import.js";
import type { RecordedRun } from "../bundle/recorded-run.js";
import { DiagnosticError } from "../diagnostics/diagnostic.js";
import type { Pipeline } from "../pipeline/pipeline.js";
import type { Registry } from "../registry/registry.js";
import type { Trust } from "../remote/signature.js";
import { Malformed } from "../remote/strict-json.js";
import type { RunRecord } from "../run/record.js";
import { type RunOptions, runPipeline } from "../run/run.js";
import type { Store } from "../store/store.js";
import { compileText } from "../yaml/compile-file.js";
import { compareStages, type ReplayedStage } from "./compare.js";
import { markReplayStore } from "./fresh-store.js";
import { missingFiles } from "./missing-files.js";

/** How to run a bundle again. */
export interface ReplayOptions
  extends Pick<RunOptions, "device" | "threads" | "concurrency" | "signal" | "mirrors" | "listeners"> {
  /** Where the stages run: what it has of them counts as made here. */
  readonly store: Store;
  /** Where the results of the bundle go, to be compared with: another store. */
  readonly recorded: Store;
  readonly registry: Registry;
  readonly trust: Trust;
  /** The folder that paths of the pipeline are relative to. */
  readonly directory: string;
  /** Called with the pipeline before it runs; what it gives hears of the run too. */
  readonly onPipeline?: ((pipeline: Pipeline, run: RecordedRun) => Promise<RunOptions["listeners"]>) | undefined;
}

/** What came of it. */
export interface Replayed {
  /** The run that was exported. */
  readonly run: RecordedRun;
  /** The run here. */
  readonly record: RunRecord;
  /** The stages of the exported run, in topological order. */
  readonly stages: readonly ReplayedStage[];
  /** The first that is not the same; null where all are. */
  readonly divergence: ReplayedStage | null;
}

/**
 * Runs the pipeline of a bundle and compares every stage with what the bundle says of it: its key, then its outputs.
 * @throws DiagnosticError `bundle-refused`, `bundle-not-read`, `no-run-in-bundle`, `replay-file-missing`; what is wrong with the pipeline.
 */
export async function replayBundle(path: string, options: ReplayOptions): Promise<Replayed> {
  const { store, recorded, registry, directory, trust, signal, onPipeline, ...rest } = options;
  const { run } = await openBundle(recorded, path, trust, signal);
  if (run === null) {
    throw new DiagnosticError({
      code: "no-run-in-bundle",
      severity: "error",
      message: `"${path}" holds results, and no run that could be run again`,
      hint: "`seqloom runs export` writes a bundle of a run; `seqloom cache import` takes the results of this one.",
    });
  }
  const pipeline = await compiled(run, join(directory, basename(path)), registry, store);
  const unknown = run.stages.find(({ name }) => !pipeline.nodes.some((node) => node.name === name));
  if (unknown !== undefined) throw refused(path, new Malformed(`its pipeline has no stage "${unknown.name}"`));
  markReplayStore(store, run);
  const missing = missingFiles(run, pipeline);
  if (missing.length > 0) throw new DiagnosticError(missing);
  const listeners = [...(options.listeners ?? []), ...((await onPipeline?.(pipeline, run)) ?? [])];
  const device = options.device ?? deviceOf(run);
  const targets = run.stages.map(({ name }) => name);
  const record = await runPipeline(pipeline, { ...rest, store, signal, device, targets, listeners });
  const order = new Map(pipeline.nodes.map(({ name }, place) => [name, place]));
  const sorted = [...run.stages].sort((a, b) => (order.get(a.name) ?? 0) - (order.get(b.name) ?? 0));
  const stages = await compareStages({ ...run, stages: sorted }, record, store, recorded);
  return { run, record, stages, divergence: stages.find(({ status }) => status !== "same") ?? null };
}

async function compiled(run: RecordedRun, file: string, registry: Registry, store: Store): Promise<Pipeline> {
  const { pipeline, diagnostics } = await compileText(run.yaml, file, registry, {}, store.directory);
  if (pipeline === null) throw new DiagnosticError(diagnostics);
  return pipeline;
}

/** The device of the run: another one makes other keys. */
function deviceOf({ environment: { device } }: RecordedRun): string | undefined {
  return typeof device === "string" ? device : undefined;
}
