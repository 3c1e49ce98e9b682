export type { ArenaUse } from "./arena.js";
export { registerSharedGradients } from "./gradients/index.js";
export { applyPatches } from "./patches/index.js";
export { disposeSimd, registerSimdBackend, type SimdOptions, simdMemory, simdThreads } from "./register.js";
