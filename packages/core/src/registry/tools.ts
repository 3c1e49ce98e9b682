/** @file What the build needs to write the list of stages of a package. */
export { closureOf } from "../code/closure.js";
export { inputPorts, outputPorts } from "../pipeline/describe-ports.js";
export { manualCode, stageInfo } from "./info.js";
