/** @file Results in one file, to carry them from store to store. */
export { type Exported, exportBundle } from "./export.js";
export { type Imported, importBundle } from "./import.js";
