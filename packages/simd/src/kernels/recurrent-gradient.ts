import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { SimdBackend } from "../backend.js";
import { Task } from "../tasks.js";
import { type Inputs, product } from "./define.js";
import { paddedTo } from "./lstm-state.js";
import { AFTER, GRU, type RecurrentAttributes, reserveOf, workOf } from "./recurrent-state.js";

/** Where the gradients of the weights go, and what they are made of. */
interface Sums {
  readonly at: number;
  readonly bytes: number; // of one group
  readonly groups: number;
  readonly inputs: number;
  readonly units: number;
  readonly flags: number;
}

/** dW, dU and db from the partial sums of the groups. */
function reduce(backend: SimdBackend, sums: Sums, kernel: number, recurrent: number, bias: number): void {
  const { runtime } = backend;
  const { at, bytes, groups, inputs, units, flags } = sums;
  const gates = (flags & GRU) === 0 ? 1 : 3;
  const panels = (gates * paddedTo(units, 8)) / 8;
  const run = (from: number, to: number, rows: number, shift: number, padded: number): void => {
    const task = [at + from, to, rows, units, gates, shift, groups, bytes, padded];
    runtime.run(Task.reducePanels, panels, groups * rows * panels * 8, task);
  };
  const { kernels } = runtime;
  const biasSums = kernels.biasSumsAt(inputs, units, flags);
  run(0, kernel, inputs, gates - 1, paddedTo(inputs, 4));
  run(kernels.recurrentSumsAt(inputs, units, flags), recurrent, units, 0, paddedTo(units, 8));
  run(biasSums, bias, 1, gates - 1, 1);
  // The bias of the state: panels of z and r, which are those of x, and of the candidate.
  if ((flags & AFTER) !== 0) run(biasSums + paddedTo(units, 8) * 4, bias + 3 * units * 4, 1, 0, 1);
}

/** Gradients by kernel, recurrent kernel, bias, initial state and, if it is asked for, x. */
export function recurrentGradients(
  backend: SimdBackend,
  tensors: Inputs,
  attributes: RecurrentAttributes,
): TensorInfo[] {
  const { runtime } = backend;
  const { kernels } = runtime;
  const reserve = reserveOf(backend, tensors);
  if (reserve.consumed) throw new Error("The gradient of one call of a recurrent layer can be taken only once");
  const [batch, time, inputs, units, flags] = reserve.shared as [number, number, number, number, number];
  const gates = (flags & GRU) === 0 ? 1 : 3;
  const all = backend.pointerOrNone(tensors.dOutput);
  let last = backend.pointerOrNone(tensors.dH);
  const kernel = backend.output([inputs, gates * units]);
  const recurrent = backend.output([units, gates * units]);
  const bias = backend.output((flags & AFTER) === 0 ? [gates * units] : [2, gates * units]);
  const h = backend.output([batch, units]);
  const x = attributes.inputGradient ? backend.output([batch, time, inputs]) : undefined;
  if (!attributes.returnSequences) {
    // The output is the last h: both gradients go to the same place. The block of the result serves until the kernel writes it.
    const { floats } = runtime;
    for (let i = 0; i < batch * units; i++) {
      floats[(h.pointer >>> 2) + i] = (floats[(all >>> 2) + i] as number) + (floats[(last >>> 2) + i] as number);
    }
    last = h.pointer;
  }
  const groups = kernels.lstmGroups(batch);
  const sumBytes = kernels.recurrentSumBytes(inputs, units, flags);
  const scratchBytes = kernels.lstmChunks(batch) * kernels.recurrentScratchBytes(inputs, units);
  runtime.withScratch(groups * sumBytes + scratchBytes, (at) => {
    const outputs = [attributes.returnSequences ? all : 0, last, x?.pointer ?? 0, h.pointer];
    const task = [...reserve.shared, reserve.packedRecurrent, ...outputs, at, at + groups * sumBytes, groups];
    reserve.consumed = true;
    runtime.run(Task.recurrentBackward, groups, 2 * workOf(batch, time, inputs, units, gates), task);
    const sums = { at, bytes: sumBytes, groups, inputs, units, flags };
    if (groups > 0) reduce(backend, sums, kernel.pointer, recurrent.pointer, bias.pointer);
    else for (const { info, pointer } of [kernel, recurrent, bias]) clear(backend, info, pointer);
  });
  const results = [kernel.info, recurrent.info, bias.info, h.info];
  return x === undefined ? results : [...results, x.info];
}

/** An empty batch has gradients of zero. */
function clear({ runtime }: SimdBackend, { shape }: TensorInfo, at: number): void {
  runtime.floats.fill(0, at >>> 2, (at >>> 2) + product(shape));
}

/** The gradient by x, from what the gradient of the gates left in the kept blocks. */
export function recurrentInputGradient(backend: SimdBackend, tensors: Inputs): TensorInfo {
  const { runtime } = backend;
  const { kernels } = runtime;
  const { shared } = reserveOf(backend, tensors);
  const [batch, time, inputs, units] = shared as [number, number, number, number];
  const x = backend.output([batch, time, inputs]);
  const chunks = kernels.lstmChunks(batch);
  runtime.withScratch(Math.max(4, chunks * kernels.recurrentScratchBytes(inputs, units)), (scratch) => {
    const task = [...shared, 0, 0, 0, x.pointer, 0, 0, scratch];
    runtime.run(Task.recurrentInputBackward, chunks, batch * time * units * 4 * inputs, task);
  });
  return x.info;
}
