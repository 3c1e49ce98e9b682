import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { SimdBackend } from "../backend.js";
import { Stretch, Task } from "../tasks.js";
import { defineKernel, type Inputs, product, required } from "./define.js";

/** Tensors whose values are changed in place must not share them with any other tensor. */
function inPlace(backend: SimdBackend, inputs: Inputs, name: string): number {
  const info = required(inputs, name);
  if (backend.refCount(info.dataId) !== 1)
    throw new Error(`The values of ${name} are shared and cannot be changed in place`);
  const pointer = backend.pointer(info);
  backend.values(info).changed("float32");
  return pointer;
}

interface AdamAttributes {
  readonly rate: number;
  readonly oneMinusBeta1: number;
  readonly oneMinusBeta2: number;
  readonly epsilon: number;
  readonly factor: number;
  /** Share of the weights that a step keeps: less than 1 with weight decay. */
  readonly kept: number;
}

interface NadamAttributes extends Omit<AdamAttributes, "kept"> {
  /** Factors of the running mean, of the gradient and of the running mean of squares. */
  readonly ofMean: number;
  readonly ofGradient: number;
  readonly ofSquares: number;
}

interface RmspropAttributes {
  readonly rate: number;
  readonly rho: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly factor: number;
}

interface DescendAttributes {
  readonly rate: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly factor: number;
}

interface AdagradAttributes {
  readonly rate: number;
  readonly epsilon: number;
  readonly factor: number;
}

interface PenaltyAttributes {
  readonly l1: number;
  readonly l2: number;
}

/** Registers updates of weights in place; the kernels return no tensors. */
export function registerOptimizers(): void {
  /** A copy with values of its own. */
  defineKernel("SeqloomCopy", (backend, inputs) => {
    const x = required(inputs, "x");
    const from = backend.pointer(x) >>> 2;
    const { info, pointer } = backend.output(x.shape);
    backend.runtime.floats.copyWithin(pointer >>> 2, from, from + product(x.shape));
    return info;
  });
  defineKernel<AdamAttributes>("SeqloomAdam", (backend, inputs, attributes) => {
    const gradient = required(inputs, "gradient");
    const size = product(gradient.shape);
    const task = [
      inPlace(backend, inputs, "value"),
      inPlace(backend, inputs, "m"),
      inPlace(backend, inputs, "v"),
      backend.pointer(gradient),
      size,
    ];
    const { rate, oneMinusBeta1, oneMinusBeta2, epsilon, factor, kept } = attributes;
    const numbers = [rate, oneMinusBeta1, oneMinusBeta2, epsilon, factor, kept];
    backend.runtime.run(Task.adam, Math.ceil(size / Stretch.update), size * 4, task, numbers);
    return [];
  });
  defineKernel<DescendAttributes>("SeqloomSgd", (backend, inputs, { rate, momentum, nesterov, factor }) => {
    const gradient = required(inputs, "gradient");
    const size = product(gradient.shape);
    const velocity = inputs.velocity === undefined ? 0 : inPlace(backend, inputs, "velocity");
    const task = [inPlace(backend, inputs, "value"), velocity, backend.pointer(gradient), size, nesterov ? 1 : 0];
    backend.runtime.run(Task.descend, Math.ceil(size / Stretch.update), size * 2, task, [rate, momentum, factor]);
    return [];
  });
  defineKernel<NadamAttributes>("SeqloomNadam", (backend, inputs, attributes) => {
    const gradient = required(inputs, "gradient");
    const size = product(gradient.shape);
    const [value, m, v] = ["value", "m", "v"].map((name) => inPlace(backend, inputs, name)) as [number, number, number];
    const { rate, oneMinusBeta1, oneMinusBeta2, epsilon, factor, ofMean, ofGradient, ofSquares } = attributes;
    const numbers = [rate, oneMinusBeta1, oneMinusBeta2, epsilon, factor, ofMean, ofGradient, ofSquares];
    const task = [value, m, v, backend.pointer(gradient), size];
    backend.runtime.run(Task.nadam, Math.ceil(size / Stretch.update), size * 4, task, numbers);
    return [];
  });
  defineKernel<RmspropAttributes>("SeqloomRmsprop", (backend, inputs, { rate, rho, momentum, epsilon, factor }) => {
    const gradient = required(inputs, "gradient");
    const size = product(gradient.shape);
    const optional = (name: string): number => (inputs[name] === undefined ? 0 : inPlace(backend, inputs, name));
    const [value, v] = [inPlace(backend, inputs, "value"), inPlace(backend, inputs, "v")];
    const task = [value, v, optional("mean"), optional("velocity"), backend.pointer(gradient), size];
    const numbers = [rate, rho, 1 - rho, momentum, epsilon, factor];
    backend.runtime.run(Task.rmsprop, Math.ceil(size / Stretch.update), size * 4, task, numbers);
    return [];
  });
  defineKernel<AdagradAttributes>("SeqloomAdagrad", (backend, inputs, { rate, epsilon, factor }) => {
    const gradient = required(inputs, "gradient");
    const size = product(gradient.shape);
    const task = [inPlace(backend, inputs, "value"), inPlace(backend, inputs, "v"), backend.pointer(gradient), size];
    backend.runtime.run(Task.adagrad, Math.ceil(size / Stretch.update), size * 3, task, [rate, epsilon, factor]);
    return [];
  });
  registerNorms();
}

/** Sums over all entries of a tensor, in double precision until the end: parts of fixed size, added in their order. */
function sumOfParts(backend: SimdBackend, task: number, x: TensorInfo, numbers: readonly number[] = []): TensorInfo {
  const size = product(x.shape);
  const chunks = Math.ceil(size / Stretch.update);
  const from = backend.pointer(x);
  let sum = 0;
  backend.runtime.withScratch(Math.max(8, chunks * 8), (sums) => {
    backend.runtime.run(task, chunks, size, [from, sums, size], numbers);
    for (const part of new Float64Array(backend.runtime.arena.memory.buffer, sums, chunks)) sum += part;
  });
  return backend.makeTensorInfo([], "float32", Float32Array.of(sum));
}

function registerNorms(): void {
  /** Sum of squares of all entries. */
  defineKernel("SeqloomSquareSum", (backend, inputs) => sumOfParts(backend, Task.squares, required(inputs, "x")));
  /** l1 Σ|x| + l2 Σx². */
  defineKernel<PenaltyAttributes>("SeqloomPenalty", (backend, inputs, { l1, l2 }) =>
    sumOfParts(backend, Task.penalty, required(inputs, "x"), [l1, l2]),
  );
  defineKernel<PenaltyAttributes>("SeqloomPenaltyGrad", (backend, inputs, { l1, l2 }) => {
    const x = required(inputs, "x");
    const size = product(x.shape);
    const [from, dy] = [backend.pointer(x), backend.pointer(required(inputs, "dy"))];
    const { info, pointer } = backend.output(x.shape);
    const chunks = Math.ceil(size / Stretch.update);
    backend.runtime.run(Task.penaltyGradient, chunks, size * 2, [from, pointer, dy, size], [l1, 2 * l2]);
    return info;
  });
}
