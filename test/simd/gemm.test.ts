import { disposeSimd, registerSimdBackend } from "@seqloom/simd";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { randomTensor, useSimd } from "./support.js";

afterEach(disposeSimd);

const bytes = (tensor: tf.Tensor): string => Buffer.from(tensor.dataSync().slice().buffer).toString("base64");

test("a row of a product has the same bits whatever the other rows are and how it is transposed", async () => {
  await useSimd();
  const sizes = fc.record({
    m: fc.integer({ min: 17, max: 70 }),
    n: fc.integer({ min: 1, max: 9 }).map((panels) => panels * 16),
    k: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(511, 512, 513, 1100)),
    row: fc.nat(16),
  });
  await fc.assert(
    fc.property(sizes, ({ m, n, k, row }) =>
      tf.tidy(() => {
        const a = randomTensor([m, k], 1) as tf.Tensor2D;
        const b = randomTensor([k, n], 2) as tf.Tensor2D;
        const rowOf = (c: tf.Tensor): string => bytes(tf.slice(c, [row, 0], [1, n]));
        const whole = rowOf(tf.matMul(a, b));
        // Few rows are multiplied where they are, without packing.
        expect(bytes(tf.matMul(tf.slice(a, [row, 0], [1, k]), b))).toBe(whole);
        expect(rowOf(tf.matMul(tf.transpose(a), b, true))).toBe(whole);
        expect(rowOf(tf.matMul(a, tf.transpose(b), false, true))).toBe(whole);
        const pair = tf.matMul(tf.stack([a, a]), tf.stack([b, b])) as tf.Tensor3D;
        expect(bytes(tf.slice(pair, [1, row, 0], [1, 1, n]))).toBe(whole);
      }),
    ),
    { numRuns: 40, seed: 4 },
  );
});

test("products have the same bytes with 1, 2, 3 and 5 threads", async () => {
  const results = new Set<string>();
  for (const threads of [1, 2, 3, 5]) {
    await registerSimdBackend({ threads });
    for (let round = 0; round < 5; round++) {
      const parts = tf.tidy(() => {
        const a = randomTensor([3, 130, 77], 1) as tf.Tensor3D;
        const b = randomTensor([3, 77, 141], 2) as tf.Tensor3D;
        const c = randomTensor([600, 33], 3) as tf.Tensor2D;
        const products = [tf.matMul(a, b), tf.matMul(a, a, true), tf.matMul(c, c, true), tf.matMul(c, c, false, true)];
        return products.map(bytes).join();
      });
      results.add(parts);
    }
    disposeSimd();
  }
  expect(results.size).toBe(1);
});
