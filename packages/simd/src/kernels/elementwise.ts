import { Add, ClipByValue, Identity, LeakyRelu, Step, type TensorInfo } from "@tensorflow/tfjs-core";
import type { SimdBackend } from "../backend.js";
import { Binary, Stretch, Task, Unary } from "../tasks.js";
import { broadcastShape, walk } from "./broadcast.js";
import { allFloats, defineKernel, product, required } from "./define.js";

type BinaryName = keyof typeof Binary;
type UnaryName = keyof typeof Unary;

/** target = function(x), entry by entry; `parameters` are what the function takes beside x. */
export function unary(
  backend: SimdBackend,
  operation: number,
  x: TensorInfo,
  parameters: readonly number[],
): TensorInfo {
  const size = product(x.shape);
  const from = backend.pointer(x);
  const { info, pointer } = backend.output(x.shape);
  const chunks = Math.ceil(size / Stretch.unary);
  backend.runtime.run(Task.unary, chunks, size * 4, [operation, from, pointer, size], parameters);
  return info;
}

/** target = function(a, b) with broadcasting; undefined when the shapes take more than four dimensions. */
export function binary(backend: SimdBackend, name: BinaryName, a: TensorInfo, b: TensorInfo): TensorInfo | undefined {
  const shape = broadcastShape(a.shape, b.shape);
  const plan = walk(a.shape, b.shape, shape);
  if (plan === undefined) return undefined;
  let { sizes, a: stepsA, b: stepsB } = plan;
  const size = product(shape);
  const pointers = [backend.pointer(a), backend.pointer(b)];
  const { info, pointer } = backend.output(shape);
  if (size === 0) return info;
  const last = sizes[3] as number;
  // One long line is cut, so that threads can share it.
  if (last === size && last > Stretch.unary && last % 4096 === 0) {
    sizes = [1, 1, last / 4096, 4096];
    stepsA = [0, 0, (stepsA[3] as number) * 4096, stepsA[3] as number];
    stepsB = [0, 0, (stepsB[3] as number) * 4096, stepsB[3] as number];
  }
  const lines = size / (sizes[3] as number);
  const perChunk = Math.max(1, Math.ceil(Stretch.unary / (sizes[3] as number)));
  const task = [Binary[name], ...pointers, pointer, ...sizes, ...stepsA, ...stepsB, perChunk];
  backend.runtime.run(Task.binary, Math.ceil(lines / perChunk), size, task);
  return info;
}

const PLAIN: readonly UnaryName[] = [
  "Neg",
  "Abs",
  "Square",
  "Sqrt",
  "Rsqrt",
  "Reciprocal",
  "Exp",
  "Log",
  "Sigmoid",
  "Tanh",
  "Relu",
  "Relu6",
  "Softplus",
  "Elu",
  "Floor",
  "Log1p",
  "Expm1",
  "Selu",
];
const PAIRS: readonly BinaryName[] = ["Add", "Sub", "Multiply", "RealDiv", "Maximum", "Minimum", "SquaredDifference"];

/** Registers the functions of one and of two numbers. */
export function registerElementwise(): void {
  for (const name of PLAIN) {
    // Neg and the like also exist for integers, which stay with the cpu backend.
    defineKernel(name, (backend, inputs) => {
      const x = required(inputs, "x");
      return allFloats(x) ? unary(backend, Unary[name], x, []) : undefined;
    });
  }
  defineKernel<{ alpha: number }>(LeakyRelu, (backend, inputs, { alpha }) => {
    const x = required(inputs, "x");
    return allFloats(x) ? unary(backend, Unary.LeakyRelu, x, [alpha]) : undefined;
  });
  defineKernel<{ alpha?: number }>(Step, (backend, inputs, { alpha }) => {
    const x = required(inputs, "x");
    return allFloats(x) ? unary(backend, Unary.Step, x, [alpha ?? 0]) : undefined;
  });
  defineKernel<{ clipValueMin: number; clipValueMax: number }>(ClipByValue, (backend, inputs, range) => {
    const x = required(inputs, "x");
    return allFloats(x) ? unary(backend, Unary.ClipByValue, x, [range.clipValueMin, range.clipValueMax]) : undefined;
  });
  for (const name of PAIRS) {
    defineKernel(name, (backend, inputs) => {
      const a = required(inputs, "a");
      const b = required(inputs, "b");
      return allFloats(a, b) ? binary(backend, name, a, b) : undefined;
    });
  }
  // dy times the slope of an activation, from the value of the activation.
  for (const [kernel, name] of [
    ["SeqloomReluGrad", "reluGradient"],
    ["SeqloomSigmoidGrad", "sigmoidGradient"],
    ["SeqloomTanhGrad", "tanhGradient"],
  ] as const) {
    defineKernel(kernel, (backend, inputs) => binary(backend, name, required(inputs, "dy"), required(inputs, "y")));
  }
  defineKernel(Identity, (backend, inputs) => {
    const x = required(inputs, "x");
    return backend.share(x, x.shape);
  });
  // A sum of several tensors, from left to right.
  defineKernel("AddN", (backend, inputs) => {
    const terms = Object.values(inputs).filter((term) => term !== undefined);
    const [first, ...rest] = terms;
    if (first === undefined || !allFloats(...terms)) return undefined;
    let sum = backend.share(first, first.shape);
    for (const term of rest) {
      const next = binary(backend, Add, sum, term);
      backend.disposeData(sum.dataId);
      if (next === undefined) return undefined;
      sum = next;
    }
    return sum;
  });
}
