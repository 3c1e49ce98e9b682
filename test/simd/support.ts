import { registerSimdBackend } from "@seqloom/simd";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";

/** Runs a function that makes tensors on a backend and returns its results as plain arrays. */
export async function valuesOn(backend: string, make: () => readonly tf.Tensor[]): Promise<readonly number[][]> {
  await tf.setBackend(backend);
  return tf.tidy(() => make().map((tensor) => Array.from(tensor.dataSync())));
}

/** Registers the backend once for a file, quietly. */
export async function useSimd(threads = 2): Promise<void> {
  tf.enableProdMode();
  await registerSimdBackend({ threads });
}

/** The largest difference of two arrays, relative to 1 + the size of the right value; NaN and infinities must be alike. */
export function difference(left: readonly number[], right: readonly number[]): number {
  if (left.length !== right.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (const [i, a] of left.entries()) {
    const b = right[i] as number;
    if (Object.is(a, b) || a === b) continue;
    const error = Math.abs(a - b) / (1 + Math.abs(b));
    largest = Math.max(largest, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
  }
  return largest;
}

/** The largest difference of an operation between `simd` and `cpu`. */
export async function differenceFromCpu(make: () => readonly tf.Tensor[]): Promise<number> {
  const ours = await valuesOn("simd", make);
  const theirs = await valuesOn("cpu", make);
  return Math.max(0, ...ours.map((values, i) => difference(values, theirs[i] ?? [])));
}

/** Floats that are exact in 32 bits and of moderate size. */
export const moderate = fc.integer({ min: -4096, max: 4096 }).map((value) => value / 512);

/** A shape of so many dimensions at most; odd sizes, 1 and 0 are all likely. */
export function shapes(rank: { min: number; max: number }, largest = 19): fc.Arbitrary<number[]> {
  const size = fc.oneof(
    { weight: 1, arbitrary: fc.constant(0) },
    { weight: 12, arbitrary: fc.integer({ min: 1, max: largest }) },
  );
  return fc.array(size, { minLength: rank.min, maxLength: rank.max });
}

/** Numbers that depend only on the seed. */
export function randomFloats(count: number, seed: number): Float32Array {
  let state = (seed * 2654435761 + 1) >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** A tensor of random numbers in [-1, 1). */
export function randomTensor(shape: readonly number[], seed: number): tf.Tensor {
  return tf.tensor(randomFloats(tf.util.sizeFromShape([...shape]), seed), [...shape], "float32");
}
