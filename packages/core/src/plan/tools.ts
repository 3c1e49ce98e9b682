/** @file What is asked of plans beside running them: documents, differences, explanations. A run loads none of it. */
export type { Blessing } from "../store/entry.js";
export { type BlessOptions, bless } from "./bless.js";
export { codeFiles } from "./code-files.js";
export * from "./document.js";
export { lastComputeMs } from "./estimate.js";
export { type Explanation, explainStage } from "./explain-stage.js";
export { findKey } from "./find-key.js";
export { readPlan } from "./read-plan.js";
export { type CodeFilesOf, type WhatIf, whatIf } from "./what-if.js";
