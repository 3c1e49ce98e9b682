export type { ArenaUse } from "./arena.js";
export { applyPatches } from "./patches/index.js";
export { disposeSimd, registerSimdBackend, type SimdOptions, simdMemory, simdThreads } from "./register.js";
