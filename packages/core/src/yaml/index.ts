/** @file Pipeline files: from YAML, and back. */
export { type CompiledFile, compileFile, compileText } from "./compile-file.js";
export { pipelineFile } from "./schema.js";
export { pipelineToYaml } from "./write.js";
