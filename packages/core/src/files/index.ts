export { blocksOf } from "./blocks.js";
export { findFiles } from "./find.js";
export { hashFile } from "./hash.js";
export { FileMemo } from "./memo.js";
export {
  type FileGroups,
  type PlanFilesOptions,
  type PlannedFile,
  planFiles,
  type ResolveOptions,
  resolveFiles,
} from "./resolve.js";
