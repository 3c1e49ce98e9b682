import { _FusedMatMul, BatchMatMul, type TensorInfo } from "@tensorflow/tfjs-core";
import type { SimdBackend } from "../backend.js";
import { Task } from "../tasks.js";
import { allFloats, defineKernel, product, required } from "./define.js";

const ACTIVATIONS: Readonly<Record<string, number>> = { linear: 0, relu: 1, sigmoid: 2, tanh: 3, relu6: 4 };
/** Rows of A below which it costs more to pack B than to read it where it is. */
const FEW_ROWS = 16;

/** A matrix product in memory: strides are in entries. */
interface Product {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly batch: number;
  readonly strideA: number;
  readonly strideB: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly bias: number;
  readonly activation: number;
}

/** C [batch, m, n] = activation(A B + bias). */
function multiply(backend: SimdBackend, p: Product): void {
  const { runtime } = backend;
  const { m, n, k, batch } = p;
  if (m * n * batch === 0) return;
  if (k === 0) {
    runtime.floats.fill(0, p.c >>> 2, (p.c >>> 2) + batch * m * n);
    return;
  }
  const direct = !p.transposeB && m < FEW_ROWS && n % 16 === 0;
  const panels = Math.ceil(n / 16);
  const tiles = Math.ceil(m / 2);
  const matricesA = p.strideA === 0 ? 1 : batch;
  const matricesB = p.strideB === 0 ? 1 : batch;
  const bytesB = direct ? 0 : matricesB * panels * k * 64;
  const bytesA = p.transposeA ? matricesA * tiles * k * 8 : 0;
  const pack = (
    source: number,
    target: number,
    lines: number,
    line: number,
    depth: number,
    stride: number,
    width: number,
    matrices: number,
  ): void => {
    const stripes = Math.ceil(lines / width);
    const task = [source, target, lines, k, line * 4, depth * 4, stride * 4, width, stripes];
    runtime.run(Task.packStripe, stripes * matrices, lines * k * matrices, task);
  };
  const compute = (scratch: number): void => {
    const packedB = scratch;
    const packedA = scratch + bytesB;
    if (!direct) pack(p.b, packedB, n, p.transposeB ? k : 1, p.transposeB ? 1 : n, p.strideB, 16, matricesB);
    if (p.transposeA) pack(p.a, packedA, m, 1, m, p.strideA, 2, matricesA);
    const task = [
      p.transposeA ? packedA : p.a,
      direct ? p.b : packedB,
      p.c,
      m,
      n,
      k,
      k * 4,
      4,
      direct ? 64 : k * 64,
      direct ? n * 4 : 64,
      p.bias,
      p.activation,
      p.strideA === 0 ? 0 : p.transposeA ? tiles * k * 8 : p.strideA * 4,
      p.strideB === 0 ? 0 : direct ? p.strideB * 4 : panels * k * 64,
      m * n * 4,
      p.transposeA ? 1 : 0,
    ];
    runtime.run(Task.gemm, runtime.kernels.gemmTiles(m, n) * batch, batch * m * n * k, task);
  };
  if (bytesA + bytesB === 0) compute(0);
  else runtime.withScratch(bytesA + bytesB, compute);
}

interface MatMulAttributes {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  readonly activation?: string;
}

/** a [..., m, k] times b [..., k, n]; undefined when the batch dimensions are broadcast in an uncommon way. */
function matMul(
  backend: SimdBackend,
  a: TensorInfo,
  b: TensorInfo,
  bias: TensorInfo | undefined,
  { transposeA = false, transposeB = false, activation = "linear" }: MatMulAttributes,
): TensorInfo | undefined {
  const code = ACTIVATIONS[activation];
  const outerA = a.shape.slice(0, -2);
  const outerB = b.shape.slice(0, -2);
  const batchA = product(outerA);
  const batchB = product(outerB);
  if (code === undefined || !allFloats(a, b) || (batchA !== batchB && batchA !== 1 && batchB !== 1)) return undefined;
  const [rowsA = 1, columnsA = 1] = a.shape.slice(-2);
  const [rowsB = 1, columnsB = 1] = b.shape.slice(-2);
  const [m, k] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA];
  const n = transposeB ? rowsB : columnsB;
  if (k !== (transposeB ? columnsB : rowsB)) return undefined;
  if (bias !== undefined && (product(bias.shape) !== n || bias.shape.at(-1) !== n || !allFloats(bias)))
    return undefined;
  if (k === 0 && (bias !== undefined || code !== 0)) return undefined;
  const batch = Math.max(batchA, batchB);
  const outer = batchA > batchB ? outerA : batchB > batchA ? outerB : outerA.length > outerB.length ? outerA : outerB;
  const pointers = { a: backend.pointer(a), b: backend.pointer(b), bias: backend.pointerOrNone(bias) };
  const { info, pointer } = backend.output([...outer, m, n]);
  // A batch of matrices times one matrix is one tall product.
  const tall = batchB === 1 && !transposeA;
  multiply(backend, {
    ...pointers,
    c: pointer,
    m: tall ? m * batch : m,
    n,
    k,
    batch: tall ? 1 : batch,
    strideA: batchA === 1 ? 0 : m * k,
    strideB: batchB === 1 ? 0 : n * k,
    transposeA,
    transposeB,
    activation: code,
  });
  return info;
}

/** Registers matrix products, with and without bias and activation. */
export function registerMatMul(): void {
  defineKernel<MatMulAttributes>(BatchMatMul, (backend, inputs, attributes) =>
    matMul(backend, required(inputs, "a"), required(inputs, "b"), undefined, attributes),
  );
  defineKernel<MatMulAttributes>(_FusedMatMul, (backend, inputs, attributes) =>
    matMul(backend, required(inputs, "a"), required(inputs, "b"), inputs.bias ?? undefined, attributes),
  );
}
