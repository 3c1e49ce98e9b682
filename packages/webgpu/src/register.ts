import { applyPatches, registerSharedGradients } from "@seqloom/simd";
import * as tf from "@tensorflow/tfjs-core";
import { openGpu } from "./adapter.js";
import { GpuBackend } from "./backend.js";
import { BATCH } from "./dispatch.js";
import { registerAttention } from "./kernels/attention.js";
import { registerLosses } from "./kernels/losses.js";
import { registerNorm } from "./kernels/norm.js";
import { registerOptimizers } from "./kernels/optimizers.js";
import { registerRecurrent } from "./kernels/recurrent.js";
import { registerSegmentSum } from "./kernels/segment-sum.js";
import { patchCast } from "./patches/cast.js";
import { patchProduct } from "./patches/product.js";

/** Options of the backend. */
export interface WebgpuOptions {
  /** A part of the name of the adapter to take. Default: SEQLOOM_ADAPTER, else any GPU that is none of software. */
  readonly adapter?: string;
}

const BACKEND = "webgpu";

let backend: GpuBackend | undefined;
let kernelsRegistered = false;

/**
 * Opens a GPU, registers the backend `webgpu` and makes it the active one. Called again, it starts anew: tensors of the backend before
 * are gone.
 * @throws DiagnosticError `device-unavailable`, with what is missing and what to do.
 */
export async function registerWebgpuBackend(options: WebgpuOptions = {}): Promise<void> {
  disposeWebgpu();
  const { device, info } = await openGpu(options.adapter ?? (process.env.SEQLOOM_ADAPTER || undefined));
  applyPatches();
  if (!kernelsRegistered) {
    kernelsRegistered = true;
    registerSharedGradients();
    patchCast();
    patchProduct();
    registerSegmentSum();
    registerRecurrent();
    registerLosses();
    registerAttention();
    registerNorm();
    registerOptimizers();
  }
  tf.env().set("WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE", BATCH);
  backend = new GpuBackend(device, info);
  const instance = backend;
  tf.registerBackend(BACKEND, () => instance, 5);
  await tf.setBackend(BACKEND);
}

/** Whether the backend is registered and nothing went wrong on its device; else it has to be registered anew. */
export function webgpuIsSound(): boolean {
  return backend?.sound ?? false;
}

/** Calls of shaders since the backend was registered; 0 while it is not. */
export function webgpuDispatches(): number {
  return backend?.dispatches ?? 0;
}

/** Gives the GPU back. Tensors on it are gone. More than one call does no harm. */
export function disposeWebgpu(): void {
  if (backend === undefined) return;
  backend = undefined;
  tf.removeBackend(BACKEND);
}
