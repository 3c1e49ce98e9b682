/** @file The package `seqloom`: all of core, and running and predicting from a program. */
export * from "@seqloom/core";
export {
  installedStages,
  loadPipeline,
  type OpenOptions,
  type PipelineLike,
  type ProgramRunOptions,
  type ProgramSweepOptions,
  predictor,
  run,
  sweep,
  verify,
} from "./api.js";
export { EXIT, type ExitCode } from "./command.js";
export { main } from "./main.js";
export type { Predicted } from "./predicted.js";
