/** @file What the build needs to write the list of stages of a package. */
export { inputPorts, outputPorts } from "../pipeline/describe-ports.js";
export { stageInfo } from "./info.js";
