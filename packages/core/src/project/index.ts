/** @file The stages of a project, for tools that list them. */
export { moduleStages } from "./module-stages.js";
export { type ProjectRegistry, withProjectStages } from "./overlay.js";
