import { _FusedMatMul, BatchMatMul, type TensorInfo } from "@tensorflow/tfjs-core";
import type { SimdBackend } from "../backend.js";
import { Task } from "../tasks.js";
import { allFloats, defineKernel, product, required } from "./define.js";
import { packedRightBytes, packRight } from "./pack-right.js";

const ACTIVATIONS: Readonly<Record<string, number>> = { linear: 0, relu: 1, sigmoid: 2, tanh: 3, relu6: 4 };
/** Rows of A below which it costs more to pack the operands than to read them where they are. */
const FEW_ROWS = 16;
/** Rows of A up to which each chunk packs its own part of B: those that need the same part are few. */
const RIGHT_ONCE = 128;

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
  const [lineA, depthA] = p.transposeA ? [4, m * 4] : [k * 4, 4];
  const [lineB, depthB] = p.transposeB ? [k * 4, 4] : [4, n * 4];
  const gemm = (b: number, bytesB: number, line: number, depth: number): void => {
    runtime.withThreadScratch(runtime.kernels.gemmScratchBytes(), (scratch) => {
      const strides = [p.strideA * 4, bytesB, m * n * 4, lineA, depthA, line, depth];
      const task = [p.a, b, p.c, m, n, k, p.bias, p.activation, ...strides, scratch];
      runtime.run(Task.gemmPacked, chunks, batch * m * n * k, task);
    });
  };
  if (m <= RIGHT_ONCE) {
    gemm(p.b, p.strideB * 4, lineB, depthB);
    return;
  }
  const bytes = packedRightBytes(n, k);
  const matrices = p.strideB === 0 ? 1 : batch;
  runtime.withScratch(matrices * bytes, (packed) => {
    packRight(runtime, packed, {
      source: p.b,
      lines: n,
      depth: k,
      lineBytes: lineB,
      depthBytes: depthB,
      matrices,
      matrixBytes: p.strideB * 4,
    });
    gemm(packed, p.strideB === 0 ? 0 : bytes, 0, 0);
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
