import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import type { ArenaUse } from "./arena.js";
import { SimdBackend } from "./backend.js";
import { registerSharedGradients } from "./gradients/index.js";
import { registerAttention } from "./kernels/attention.js";
import { registerCast } from "./kernels/cast.js";
import { registerConvolutions } from "./kernels/conv.js";
import { registerDepthwiseConvolutions } from "./kernels/conv-depthwise.js";
import { registerCopies } from "./kernels/copy.js";
import { registerCtc } from "./kernels/ctc.js";
import { BACKEND } from "./kernels/define.js";
import { registerDropout } from "./kernels/dropout.js";
import { registerElementwise } from "./kernels/elementwise.js";
import { registerGather } from "./kernels/gather.js";
import { registerGelu } from "./kernels/gelu.js";
import { registerLosses } from "./kernels/losses.js";
import { registerLstm } from "./kernels/lstm.js";
import { registerMatMul } from "./kernels/matmul.js";
import { registerNorm } from "./kernels/norm.js";
import { registerBatchNorm } from "./kernels/norm-batch.js";
import { registerOptimizers } from "./kernels/optimizer.js";
import { registerPooling } from "./kernels/pooling.js";
import { registerRecurrent } from "./kernels/recurrent.js";
import { registerReductions } from "./kernels/reduce.js";
import { registerSoftmax } from "./kernels/softmax.js";
import { applyPatches } from "./patches/index.js";
import { Runtime, threadCount } from "./runtime.js";

/** Options of the backend. */
export interface SimdOptions {
  /** Threads in all, the main one among them. Default: SEQLOOM_THREADS, else one for each core. Results do not depend on it. */
  readonly threads?: number;
  /** Most bytes that tensors may take, at most 4 GiB (the default). Memory is taken as it is needed. */
  readonly memoryLimit?: number;
}

let backend: SimdBackend | undefined;
let kernelsRegistered = false;

function registerKernels(): void {
  if (kernelsRegistered) return;
  kernelsRegistered = true;
  applyPatches();
  registerSharedGradients();
  tf.copyRegisteredKernels("cpu", BACKEND);
  registerElementwise();
  registerCast();
  registerReductions();
  registerCopies();
  registerMatMul();
  registerGather();
  registerSoftmax();
  registerLosses();
  registerCtc();
  registerOptimizers();
  registerLstm();
  registerConvolutions();
  registerDepthwiseConvolutions();
  registerPooling();
  registerRecurrent();
  registerDropout();
  registerNorm();
  registerBatchNorm();
  registerAttention();
  registerGelu();
}

/**
 * Registers the backend `simd` and makes it the active one. Called again, it starts anew: tensors of the backend before are gone.
 * Throws a RangeError when the number of threads is not a whole number from 1 to 256.
 */
export async function registerSimdBackend(options: SimdOptions = {}): Promise<void> {
  const threads = threadCount(options.threads);
  disposeSimd();
  registerKernels();
  backend = new SimdBackend(new Runtime(threads, options.memoryLimit ?? 2 ** 32));
  const instance = backend;
  tf.registerBackend(BACKEND, () => instance, 10);
  await tf.setBackend(BACKEND);
}

/** Threads that the backend runs on, the main one among them; 0 while it is not registered. */
export function simdThreads(): number {
  return backend?.runtime.threads ?? 0;
}

/** What the memory of the backend holds; undefined while it is not registered. */
export function simdMemory(): ArenaUse | undefined {
  return backend?.use();
}

/** Ends the threads and takes the backend out of TensorFlow.js. Its tensors are gone. More than one call does no harm. */
export function disposeSimd(): void {
  if (backend === undefined) return;
  backend = undefined;
  tf.removeBackend(BACKEND);
}
