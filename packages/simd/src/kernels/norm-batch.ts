import * as tf from "@tensorflow/tfjs-core";
import { registerGradient, type Tensor, type TensorInfo } from "@tensorflow/tfjs-core";
import type { SimdBackend } from "../backend.js";
import { Stretch, Task } from "../tasks.js";
import type { Reserve } from "../tensor-data.js";
import { defineKernel, type Inputs, product, required } from "./define.js";

interface BatchNormAttributes {
  readonly epsilon: number;
}

/** What the gradient of one call needs. */
interface BatchReserve extends Reserve {
  /** [rows] bytes, or 0. */
  readonly mask: number;
  /** Rows that the mask counts. */
  readonly count: number;
  readonly mean: Float32Array;
  /** 1 / sqrt(variance + epsilon). */
  readonly inverse: Float32Array;
}

interface Sizes {
  readonly rows: number;
  readonly columns: number;
  readonly groups: number;
}

function sizesOf(x: TensorInfo): Sizes {
  const columns = x.shape.at(-1) ?? 1;
  const rows = product(x.shape.slice(0, -1));
  return { rows, columns, groups: Math.ceil(rows / Stretch.batchRows) };
}

/** A copy of numbers of the shared memory. */
function numbersAt(backend: SimdBackend, at: number, count: number): Float32Array {
  return backend.runtime.floats.slice(at >>> 2, (at >>> 2) + count);
}

function numbersOf(backend: SimdBackend, info: TensorInfo | undefined, count: number, otherwise: number): Float32Array {
  return info === undefined
    ? new Float32Array(count).fill(otherwise)
    : numbersAt(backend, backend.pointer(info), count);
}

/** How many rows of each group the mask counts. */
function countsOf(backend: SimdBackend, mask: number, { rows, groups }: Sizes): Int32Array {
  const { bytes } = backend.runtime;
  return Int32Array.from({ length: groups }, (_, group) => {
    const start = group * Stretch.batchRows;
    const end = Math.min(start + Stretch.batchRows, rows);
    if (mask === 0) return end - start;
    let count = 0;
    for (let row = start; row < end; row++) count += bytes[mask + row] === 0 ? 0 : 1;
    return count;
  });
}

/** Mean and variance of each column: the groups are merged one by one (Chan, Golub and LeVeque 1979). */
function momentsOf(backend: SimdBackend, x: number, mask: number, sizes: Sizes) {
  const { runtime } = backend;
  const { rows, columns, groups } = sizes;
  const bytes = groups * columns * 4;
  const counts = countsOf(backend, mask, sizes);
  const mean = new Float64Array(columns);
  const squares = new Float64Array(columns);
  let count = 0;
  runtime.withScratch(2 * bytes + 4, (means) => {
    const work = rows * columns * 3;
    runtime.run(Task.columnMoments, groups, work, [x, mask, means, means + bytes, rows, columns]);
    const { floats } = runtime;
    for (let group = 0; group < groups; group++) {
      const own = counts[group] as number;
      if (own === 0) continue;
      const all = count + own;
      const at = (means >>> 2) + group * columns;
      for (let i = 0; i < columns; i++) {
        const difference = (floats[at + i] as number) - (mean[i] as number);
        const spread = (difference * difference * count * own) / all;
        mean[i] = (mean[i] as number) + (difference * own) / all;
        squares[i] = (squares[i] as number) + (floats[at + groups * columns + i] as number) + spread;
      }
      count = all;
    }
  });
  return {
    count,
    mean: Float32Array.from(mean),
    variance: Float32Array.from(squares, (sum) => sum / Math.max(count, 1)),
  };
}

/** y = a p + b (x - mean) + c, by columns. */
function line(
  backend: SimdBackend,
  sizes: Sizes,
  [p, x, mask, y]: readonly [number, number, number, number],
  coefficients: readonly [a: Float32Array, b: Float32Array, mean: Float32Array, c: Float32Array],
): void {
  const { runtime } = backend;
  const { rows, columns, groups } = sizes;
  runtime.withScratch(columns * 16 + 4, (at) => {
    for (const [i, values] of coefficients.entries()) runtime.floats.set(values, (at >>> 2) + i * columns);
    const [a, b, m, c] = [0, 1, 2, 3].map((i) => at + i * columns * 4) as [number, number, number, number];
    runtime.run(Task.columnsLine, groups, rows * columns * 2, [p, a, x, b, m, c, mask, y, rows, columns]);
  });
}

function inverseOf(variance: Float32Array, epsilon: number): Float32Array {
  return variance.map((value) => 1 / Math.sqrt(value + epsilon));
}

function product2(left: Float32Array, right: Float32Array): Float32Array {
  return left.map((value, i) => value * (right[i] as number));
}

/** y, mean, variance and a handle. */
function forward(backend: SimdBackend, inputs: Inputs, { epsilon }: BatchNormAttributes): TensorInfo[] {
  const x = required(inputs, "x");
  const sizes = sizesOf(x);
  const { rows, columns } = sizes;
  const from = backend.pointer(x);
  const gamma = numbersOf(backend, inputs.gamma, columns, 1);
  const beta = numbersOf(backend, inputs.beta, columns, 0);
  const y = backend.output(x.shape);
  const outputs = [backend.output([columns]), backend.output([columns])] as const;
  const mask = inputs.mask === undefined ? 0 : backend.block(rows);
  if (inputs.mask !== undefined) {
    const own = backend.pointer(inputs.mask);
    backend.runtime.bytes.copyWithin(mask, own, own + rows);
  }
  const { mean, variance, count } = momentsOf(backend, from, mask, sizes);
  const inverse = inverseOf(variance, epsilon);
  line(backend, sizes, [0, from, 0, y.pointer], [gamma, product2(gamma, inverse), mean, beta]);
  backend.runtime.floats.set(mean, outputs[0].pointer >>> 2);
  backend.runtime.floats.set(variance, outputs[1].pointer >>> 2);
  const reserve: BatchReserve = { blocks: [mask], mask, count, mean, inverse };
  return [y.info, outputs[0].info, outputs[1].info, backend.handle(reserve)];
}

/** Gradients by x, gamma and beta, through the moments too. */
function backward(backend: SimdBackend, inputs: Inputs): TensorInfo[] {
  const { runtime } = backend;
  const dy = required(inputs, "dy");
  const x = required(inputs, "x");
  const reserve = backend.values(required(inputs, "handle")).reserve as BatchReserve | undefined;
  if (reserve === undefined)
    throw new TypeError("The gradient of a batch normalisation needs what its forward pass kept");
  const { mask, count, mean, inverse } = reserve;
  const sizes = sizesOf(x);
  const { rows, columns, groups } = sizes;
  const [top, from] = [backend.pointer(dy), backend.pointer(x)];
  const gamma = numbersOf(backend, inputs.gamma, columns, 1);
  const dx = backend.output(x.shape);
  const [dGamma, dBeta] = [backend.output([columns]), backend.output([columns])];
  const bytes = groups * columns * 4;
  const [sums, products] = [new Float64Array(columns), new Float64Array(columns)];
  runtime.withScratch(2 * bytes + columns * 4 + 4, (parts) => {
    const centre = parts + 2 * bytes;
    runtime.floats.set(mean, centre >>> 2);
    const task = [top, from, centre, parts, parts + bytes, rows, columns];
    runtime.run(Task.columnsGradient, groups, rows * columns * 3, task);
    const { floats } = runtime;
    for (let group = 0; group < groups; group++) {
      for (let i = 0; i < columns; i++) {
        const at = (parts >>> 2) + group * columns + i;
        sums[i] = (sums[i] as number) + (floats[at] as number);
        products[i] = (products[i] as number) + (floats[at + groups * columns] as number);
      }
    }
  });
  const rows1 = Math.max(count, 1);
  const scale = product2(gamma, inverse);
  const slope = scale.map((a, i) => (-a * (inverse[i] as number) ** 2 * (products[i] as number)) / rows1);
  const shift = scale.map((a, i) => (-a * (sums[i] as number)) / rows1);
  line(backend, sizes, [top, from, mask, dx.pointer], [scale, slope, mean, shift]);
  runtime.floats.set(
    products.map((sum, i) => sum * (inverse[i] as number)),
    dGamma.pointer >>> 2,
  );
  runtime.floats.set(sums, dBeta.pointer >>> 2);
  return [dx.info, dGamma.info, dBeta.info];
}

/** (x - mean) / sqrt(variance + epsilon) gamma + beta with given moments. */
function apply(backend: SimdBackend, inputs: Inputs, { epsilon }: BatchNormAttributes): TensorInfo {
  const x = required(inputs, "x");
  const sizes = sizesOf(x);
  const { columns } = sizes;
  const from = backend.pointer(x);
  const mean = numbersOf(backend, required(inputs, "mean"), columns, 0);
  const inverse = inverseOf(numbersOf(backend, required(inputs, "variance"), columns, 0), epsilon);
  const gamma = numbersOf(backend, inputs.gamma, columns, 1);
  const beta = numbersOf(backend, inputs.beta, columns, 0);
  const { info, pointer } = backend.output(x.shape);
  line(backend, sizes, [0, from, 0, pointer], [gamma, product2(gamma, inverse), mean, beta]);
  return info;
}

/** Registers the normalisation of columns by the moments of a batch, its gradient, and the one by given moments. */
export function registerBatchNorm(): void {
  defineKernel<BatchNormAttributes>("SeqloomBatchNorm", forward);
  defineKernel("SeqloomBatchNormGrad", backward);
  defineKernel<BatchNormAttributes>("SeqloomBatchNormApply", apply);
  registerGradient({
    kernelName: "SeqloomBatchNorm",
    inputsToSave: ["x", "gamma"],
    outputsToSave: [false, false, false, true],
    gradFunc: (dys, [x, gamma, handle]) => {
      const [dy] = dys as Tensor[];
      if (dy === undefined || x === undefined || gamma === undefined || handle === undefined) {
        throw new TypeError("Nothing was saved");
      }
      const gradients = tf.engine().runKernel("SeqloomBatchNormGrad", { dy, x, gamma, handle }) as unknown as Tensor[];
      const at = (index: number) => (): Tensor => gradients[index] as Tensor;
      return { x: at(0), gamma: at(1), beta: at(2) };
    },
  });
}
