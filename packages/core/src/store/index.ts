export { type Committed, commit, type Result } from "./commit.js";
export { type Entry, type StoredKey, stagedPath } from "./entry.js";
export { storeDiagnostic } from "./errors.js";
export { nodeFs, type StoreFs } from "./fs.js";
export { type LastKeys, lastKeys, recentKeys, rememberLast } from "./history.js";
export { type Lookup, openStore, Store, storeDirectory } from "./store.js";
export { noteUses } from "./uses.js";
