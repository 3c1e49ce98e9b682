/** @file Results in one file, to carry them from store to store. */
export { exportBundle } from "./export.js";
export { type Imported, importBundle } from "./import.js";
export type { Exported } from "./write.js";
