/** @file What the build needs to write the list of stages of a package. */
export { inputPorts, outputPorts } from "../pipeline/describe-ports.js";
export { manualCode, stageInfo } from "./info.js";
