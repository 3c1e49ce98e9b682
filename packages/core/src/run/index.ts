import type { Dataset } from "../dataset/dataset.js";
import type { Pipeline } from "../pipeline/pipeline.js";
import type { Store } from "../store/store.js";
import type { Verdict, VerifyOptions } from "../verify/verify.js";
import type { Prediction, Predictor, PredictorOptions } from "./predictor.js";
import type { StoredOutput } from "./record.js";
import type { StoredOptions, StoredResults } from "./stored.js";

export type { CheckpointMode } from "../checkpoints/checkpoints.js";
export type { RemoteSummary } from "../remote/cache.js";
export type { Holder } from "../store/locks/lock.js";
export type { Difference } from "../verify/difference.js";
export type { DifferentOutput, Verdict, VerifyOptions } from "../verify/verify.js";
export { compareRuns, type MetricDifference, type RunDifference, type StageDifference } from "./compare.js";
export type { EnvironmentDifference } from "./compare-environment.js";
export type { RunEvent, RunListener } from "./events.js";
export type { GitState } from "./git.js";
export { createRunId } from "./id.js";
export { hasDirection, leadingMeasure, lowerIsBetter } from "./measures.js";
export type { Prediction, Predictor, PredictorOptions } from "./predictor.js";
export type { EpochRecord, RunRecord, StageResult, StoredFile, StoredOutput } from "./record.js";
export { listRuns, type RunSummary, readRun, summaryOf } from "./records.js";
export { type RunRow, runRows } from "./rows.js";
export { type RunOptions, runPipeline } from "./run.js";
export type { StoredOptions, StoredResults } from "./stored.js";
export { findRun, tagRun, tagsOf, untagRun } from "./tags.js";
export { type FileUse, type Lineage, type Traced, traceArtifact, traceFile } from "./trace.js";
export { runPath, writeRun } from "./write-record.js";

// Prediction runs stages in this process and loads what that takes: only when it is asked for.

/** See `openPredictor` in predictor.ts. Loads definitions and states once, to predict many times. */
export async function openPredictor(pipeline: Pipeline, store: Store, options?: PredictorOptions): Promise<Predictor> {
  return (await import("./predictor.js")).openPredictor(pipeline, store, options);
}

/** See `verifyPipeline` in verify.ts. Runs stages that have results again, and compares bytes. */
export async function verifyPipeline(pipeline: Pipeline, options: VerifyOptions): Promise<readonly Verdict[]> {
  return (await import("../verify/verify.js")).verifyPipeline(pipeline, options);
}

/** Predicts once. */
export async function applyPipeline(
  pipeline: Pipeline,
  store: Store,
  inputRows: Dataset,
  options?: PredictorOptions,
): Promise<Prediction> {
  return (await import("./predictor.js")).applyPipeline(pipeline, store, inputRows, options);
}

/** What a run left in the store for the stages that are named, as the pipeline is now. */
export async function openStored(
  pipeline: Pipeline,
  store: Store,
  needed: Iterable<string>,
  options?: StoredOptions,
): Promise<StoredResults> {
  return (await import("./stored.js")).openStored(pipeline, store, needed, options);
}

/** See `readStoredPart` in stored-part.ts. Some megabytes of an output, or null where they are not there. */
export async function readStoredPart(store: Store, output: StoredOutput, part: number): Promise<unknown> {
  return (await import("./stored-part.js")).readStoredPart(store, output, part);
}
