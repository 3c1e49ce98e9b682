export { byCodeUnit, canonical, canonicalText } from "./canonical.js";
export { type ComparedNames, changedFields, explainDifference, type FileNames } from "./explain.js";
export { type Reason, reasonText } from "./reason.js";
export {
  currentRuntime,
  type KeyFile,
  type KeyRecord,
  keyOf,
  keyRecordOf,
  type Runtime,
  sha256,
} from "./record.js";
