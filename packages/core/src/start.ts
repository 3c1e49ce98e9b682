/**
 * @file What a run with nothing to do needs, and no more: each module costs the start of `seqloom run` more than half a
 * millisecond. It loads no schema, no parser, no codec and no stage; `engine.ts` has this and the rest.
 */
export { type Diagnostic, DiagnosticError } from "./diagnostics/diagnostic.js";
export { reasonText } from "./keys/reason.js";
export { sha256 } from "./keys/record.js";
export { type Selection, select } from "./plan/select.js";
export { runPipeline } from "./run/run.js";
export { writeRun } from "./run/write-record.js";
export { openStore, storeDirectory } from "./store/store.js";
