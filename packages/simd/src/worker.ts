import { workerData } from "node:worker_threads";
import { type CompiledModule, instantiate, type SharedMemory } from "./web-assembly.js";

// A worker of the pool: an instance of its own over the shared memory, waiting inside WebAssembly for work.
const { module, memory, thread } = workerData as { module: CompiledModule; memory: SharedMemory; thread: number };
const kernels = instantiate(module, memory);
try {
  kernels.serve(thread);
} catch (error) {
  kernels.abandon();
  throw error;
}
