import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { SimdBackend } from "../backend.js";
import { Stretch, Task } from "../tasks.js";
import { defineKernel, product, required } from "./define.js";

/** Attributes of the losses; each has those that it needs. `shape` is that of the outputs: the gradient's. */
interface LossAttributes {
  readonly shape: readonly number[];
  readonly smoothing?: number;
  readonly divergence?: boolean;
  /** Of regression: 0 squared, 1 absolute, 2 Huber's. */
  readonly kind?: number;
  readonly delta?: number;
}

/** Inputs of every loss: outputs of the model, targets, and weights where there are any; where the results go. */
interface Pointers {
  readonly inputs: readonly [outputs: number, targets: number, weights: number];
  readonly kept: number;
  readonly losses: number;
  readonly rows: number;
  readonly count: number;
}

type Run = (backend: SimdBackend, pointers: Pointers, attributes: LossAttributes) => void;

/**
 * Registers a loss of rows `[rows, count]` -> losses `[rows]`, or of entries (`count` 1) of any shape. Its second output is a handle
 * that owns the gradient for a dy of 1; the backward pass multiplies it by dy.
 */
function defineLoss(name: string, run: Run, byEntry = false): void {
  defineKernel<LossAttributes>(name, (backend, inputs, attributes) => {
    const outputs = required(inputs, "outputs");
    const size = product(outputs.shape);
    const rows = byEntry ? size : (outputs.shape[0] ?? 0);
    const count = byEntry ? 1 : (outputs.shape[1] ?? 1);
    const targets = backend.pointer(required(inputs, "targets"));
    const pointers = [backend.pointer(outputs), targets, backend.pointerOrNone(inputs.weights)] as const;
    const { info, pointer: losses } = backend.output(byEntry ? outputs.shape : [rows]);
    const kept = backend.block(size * 4);
    run(backend, { inputs: pointers, kept, losses, rows, count }, attributes);
    return [info, backend.handle({ blocks: [kept] })];
  });
}

function lossGradient(backend: SimdBackend, dy: TensorInfo, handle: TensorInfo, shape: readonly number[]): TensorInfo {
  const [kept = 0] = backend.values(handle).reserve?.blocks ?? [];
  const [rows, size] = [product(dy.shape), product(shape)];
  const count = rows === 0 ? 1 : size / rows;
  const from = backend.pointer(dy);
  const { info, pointer } = backend.output(shape);
  const chunks = Math.ceil(rows / (count === 1 ? Stretch.loss : Stretch.softmaxRows));
  backend.runtime.run(Task.lossGradient, chunks, size * 2, [from, kept, pointer, rows, count]);
  return info;
}

/** Registers losses fused with the last activation. */
export function registerLosses(): void {
  defineKernel<LossAttributes>("SeqloomLossGrad", (backend, inputs, { shape }) =>
    lossGradient(backend, required(inputs, "dy"), required(inputs, "handle"), shape),
  );
  defineLoss("SeqloomSoftmaxCrossEntropy", (backend, { inputs, kept, losses, rows, count }, { smoothing = 0 }) => {
    const task = [...inputs, kept, losses, rows, count];
    backend.runtime.run(Task.crossEntropy, chunksOf(rows), rows * count * 20, task, [smoothing]);
  });
  defineLoss(
    "SeqloomDenseCrossEntropy",
    (backend, { inputs, kept, losses, rows, count }, { smoothing = 0, divergence = false }) => {
      const task = [...inputs, kept, losses, rows, count, divergence ? 1 : 0];
      backend.runtime.run(Task.denseCrossEntropy, chunksOf(rows), rows * count * 25, task, [smoothing]);
    },
  );
  defineLoss(
    "SeqloomSigmoidCrossEntropy",
    (backend, { inputs, kept, losses, rows }, { smoothing = 0 }) => {
      const task = [...inputs, kept, losses, rows];
      const chunks = Math.ceil(rows / Stretch.loss);
      backend.runtime.run(Task.sigmoidCrossEntropy, chunks, rows * 30, task, [smoothing]);
    },
    true,
  );
  defineLoss("SeqloomRegression", (backend, { inputs, kept, losses, rows, count }, { kind = 0, delta = 1 }) => {
    const task = [...inputs, kept, losses, rows, count, kind];
    backend.runtime.run(Task.regression, chunksOf(rows), rows * count * 4, task, [delta]);
  });
}

function chunksOf(rows: number): number {
  return Math.ceil(rows / Stretch.softmaxRows);
}
