import { workerData } from "node:worker_threads";
import { type CompiledModule, instantiate, type SharedMemory } from "./web-assembly.js";

// A worker of the pool: an instance of its own over the shared memory, waiting inside WebAssembly for work.
const { module, memory } = workerData as { module: CompiledModule; memory: SharedMemory };
const kernels = instantiate(module, memory);
try {
  kernels.serve();
} catch (error) {
  kernels.abandon();
  throw error;
}
