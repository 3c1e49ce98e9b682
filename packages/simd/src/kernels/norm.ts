import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { SimdBackend } from "../backend.js";
import { Stretch, Task } from "../tasks.js";
import { defineKernel, type Inputs, product, required } from "./define.js";

/** Attributes of the kernel `SeqloomNorm`. */
interface NormAttributes {
  readonly epsilon: number;
  /** Take the mean off each row first: LayerNorm with, RMSNorm without. */
  readonly centred: boolean;
  /** Keep what the gradient needs. */
  readonly keep: boolean;
}

function sizesOf(x: TensorInfo): { rows: number; width: number; groups: number } {
  const width = x.shape.at(-1) ?? 1;
  const rows = product(x.shape.slice(0, -1));
  return { rows, width, groups: Math.ceil(rows / Stretch.normRows) };
}

function forward(backend: SimdBackend, inputs: Inputs, { epsilon, centred, keep }: NormAttributes): TensorInfo[] {
  const x = required(inputs, "x");
  const { rows, width, groups } = sizesOf(x);
  const pointers = [backend.pointer(x), backend.pointer(required(inputs, "gamma")), backend.pointerOrNone(inputs.beta)];
  const { info, pointer } = backend.output(x.shape);
  const moments = keep ? backend.block(rows * 8) : 0;
  const task = [...pointers, pointer, moments, rows, width, centred ? 1 : 0];
  backend.runtime.run(Task.normRows, groups, rows * width * 3, task, [epsilon]);
  return keep ? [info, backend.handle({ blocks: [moments] })] : [info];
}

/** Sums of groups [groups, width] in their order: [width]. */
function addGroups(backend: SimdBackend, from: number, groups: number, width: number): TensorInfo {
  const { info, pointer } = backend.output([width]);
  const task = [0, from, pointer, 1, groups, width];
  backend.runtime.run(Task.reduceColumns, Math.ceil(width / Stretch.columns), groups * width, task);
  return info;
}

/** Gradients by x, gamma and beta. */
function backward(backend: SimdBackend, inputs: Inputs, { centred }: NormAttributes): TensorInfo[] {
  const { runtime } = backend;
  const [dy, x, gamma] = ["dy", "x", "gamma"].map((name) => required(inputs, name)) as [
    TensorInfo,
    TensorInfo,
    TensorInfo,
  ];
  const [moments = 0] = backend.values(required(inputs, "handle")).reserve?.blocks ?? [];
  const { rows, width, groups } = sizesOf(x);
  const pointers = [backend.pointer(dy), backend.pointer(x), backend.pointer(gamma)];
  const dx = backend.output(x.shape);
  const bytes = groups * width * 4;
  return runtime.withScratch(2 * bytes + 4, (parts) => {
    const task = [...pointers, moments, dx.pointer, parts, parts + bytes, rows, width, centred ? 1 : 0];
    runtime.run(Task.normRowsGradient, groups, rows * width * 6, task);
    return [dx.info, addGroups(backend, parts, groups, width), addGroups(backend, parts + bytes, groups, width)];
  });
}

/** Registers the normalisation of rows and its gradient. */
export function registerNorm(): void {
  defineKernel<NormAttributes>("SeqloomNorm", forward);
  defineKernel<NormAttributes>("SeqloomNormGrad", backward);
}
