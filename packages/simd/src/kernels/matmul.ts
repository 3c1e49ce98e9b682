import { _FusedMatMul, BatchMatMul, type TensorInfo } from "@tensorflow/tfjs-core";
import type { SimdBackend } from "../backend.js";
import { Stretch, Task } from "../tasks.js";
import { allFloats, defineKernel, product, required } from "./define.js";

const ACTIVATIONS: Readonly<Record<string, number>> = { linear: 0, relu: 1, sigmoid: 2, tanh: 3, relu6: 4 };
/** Rows of A below which it costs more to pack the operands than to read them where they are. */
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
  const chunks = runtime.kernels.gemmTiles(m, n) * batch;
  if (!p.transposeA && !p.transposeB && m < FEW_ROWS && n % 16 === 0) {
    const strides = [p.strideA * 4, p.strideB * 4, m * n * 4];
    const task = [p.a, p.b, p.c, m, n, k, k * 4, 0, 0, 0, p.bias, p.activation, ...strides];
    runtime.run(Task.gemm, chunks, batch * m * n * k, task);
    return;
  }
  const tiles = Math.ceil(m / 4);
  const panels = Math.ceil(n / 8);
  const matricesA = p.strideA === 0 ? 1 : batch;
  const matricesB = p.strideB === 0 ? 1 : batch;
  const bytesA = tiles * k * 16;
  const bytesB = panels * k * 32;
  const pack = (
    [source, target]: readonly [number, number],
    lines: number,
    [line, depth, stride]: readonly [number, number, number],
    width: number,
    matrices: number,
  ): void => {
    const stripes = Math.ceil(lines / width);
    const all = stripes * matrices;
    const perChunk = Math.ceil(Stretch.unary / (k * width));
    const task = [source, target, lines, k, line * 4, depth * 4, stride * 4, width, stripes, perChunk, all];
    runtime.run(Task.packOperand, Math.ceil(all / perChunk), all * width * k, task);
  };
  runtime.withScratch(matricesA * bytesA + matricesB * bytesB, (packedA) => {
    const packedB = packedA + matricesA * bytesA;
    pack([p.a, packedA], m, p.transposeA ? [1, m, p.strideA] : [k, 1, p.strideA], 4, matricesA);
    pack([p.b, packedB], n, p.transposeB ? [k, 1, p.strideB] : [1, n, p.strideB], 8, matricesB);
    const strides = [p.strideA === 0 ? 0 : bytesA, p.strideB === 0 ? 0 : bytesB, m * n * 4];
    const task = [packedA, packedB, p.c, m, n, k, p.bias, p.activation, ...strides];
    runtime.run(Task.gemmPacked, chunks, batch * m * n * k, task);
  });
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
