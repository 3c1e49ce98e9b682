export type { Outputs, Plan, PlanNode, PlanOptions } from "./plan.js";
export { DEFAULT_DEVICE, planPipeline, type VerifyMode } from "./planner.js";
export { type Selected, type Selection, select } from "./select.js";
