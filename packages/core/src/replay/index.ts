/** @file Running a run again on another machine, from a bundle. */
export { type ExportedRun, exportRun } from "../bundle/export-run.js";
export type { RecordedKey, RecordedRun } from "../bundle/recorded-run.js";
export type { DivergedOutput, ReplayedStage } from "./compare.js";
export { openReplayStore } from "./fresh-store.js";
export { type Replayed, type ReplayOptions, replayBundle } from "./replay.js";
