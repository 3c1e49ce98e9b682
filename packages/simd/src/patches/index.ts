// Its import registers the gradients of all kernels, which the core alone does not.
import "@tensorflow/tfjs-layers";
import { patchCpuSegmentSum } from "./cpu-segment-sum.js";
import { patchGatherGradient } from "./gather-gradient.js";
import { patchTileGradient } from "./tile-gradient.js";

let applied = false;

/** Applies the corrections of TensorFlow.js 4.22 that hold for every backend. More than one call does no harm. */
export function applyPatches(): void {
  if (applied) return;
  applied = true;
  patchTileGradient();
  patchGatherGradient();
  patchCpuSegmentSum();
}
