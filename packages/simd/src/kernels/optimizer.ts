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
}

interface DescendAttributes {
  readonly rate: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly factor: number;
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
    const { rate, oneMinusBeta1, oneMinusBeta2, epsilon, factor } = attributes;
    const numbers = [rate, oneMinusBeta1, oneMinusBeta2, epsilon, factor];
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
  /** Sum of squares of all entries, in double precision until the end. */
  defineKernel("SeqloomSquareSum", (backend, inputs) => {
    const x = required(inputs, "x");
    const size = product(x.shape);
    const chunks = Math.ceil(size / Stretch.update);
    const from = backend.pointer(x);
    let sum = 0;
    backend.runtime.withScratch(Math.max(8, chunks * 8), (sums) => {
      backend.runtime.run(Task.squares, chunks, size, [from, sums, size]);
      for (const part of new Float64Array(backend.runtime.arena.memory.buffer, sums, chunks)) sum += part;
    });
    return backend.makeTensorInfo([], "float32", Float32Array.of(sum));
  });
}
