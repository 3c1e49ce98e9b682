// Matrix products of the sizes that the models have, in billions of operations a second, on one thread and on all.
import { availableParallelism } from "node:os";
import { disposeSimd, registerSimdBackend } from "@seqloom/simd";
import * as tf from "@tensorflow/tfjs-core";
import { type Comparison, compared, median } from "./support/measure.js";

interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

export const name = "gemm";
export const description = "matrix products of the sizes that models have, Gflop/s";

const PRODUCTS: readonly Product[] = [
  { m: 512, n: 512, k: 512 },
  { m: 512, n: 512, k: 512, transposeA: true },
  { m: 512, n: 512, k: 512, transposeB: true },
  { m: 8250, n: 128, k: 32 },
  { m: 64, n: 128, k: 8250, transposeA: true },
];
const REPEATS = 40;

/** Billions of multiplications and additions a second: the median of some repeats. */
function speedOf({ m, n, k, transposeA = false, transposeB = false }: Product): number {
  const a = tf.randomUniform<tf.Rank.R2>(transposeA ? [k, m] : [m, k], -1, 1, "float32", 1);
  const b = tf.randomUniform<tf.Rank.R2>(transposeB ? [n, k] : [k, n], -1, 1, "float32", 2);
  const times: number[] = [];
  for (let i = 0; i < REPEATS; i++) {
    const start = performance.now();
    tf.matMul(a, b, transposeA, transposeB).dispose();
    times.push(performance.now() - start);
  }
  tf.dispose([a, b]);
  return (2 * m * n * k) / median(times) / 1e6;
}

/** Measures all products; there is no peer. */
export async function run(): Promise<Comparison[]> {
  const rows: Comparison[] = [];
  for (const threads of new Set([1, availableParallelism()])) {
    await registerSimdBackend({ threads });
    for (const product of PRODUCTS) {
      const { m, n, k, transposeA, transposeB } = product;
      const operands = `${transposeA ? "transposed " : ""}${m}x${k} times ${transposeB ? "transposed " : ""}${k}x${n}`;
      const bench = `${name}: ${operands}, ${threads} threads`;
      rows.push(compared(bench, "Gflop/s", speedOf(product), null));
    }
    disposeSimd();
  }
  return rows;
}
