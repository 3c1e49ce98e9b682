import { Random, rootSeed } from "@seqloom/core";
import { lstm } from "@seqloom/models/ops";
import { disposeSimd, registerSimdBackend, simdMemory } from "@seqloom/simd";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bitsOf, everythingRecurrent, type RecurrentCase } from "../models/ops/recurrent-support.js";
import { randomTensor, useSimd } from "./support.js";

afterAll(disposeSimd);

const sizes = { batch: 45, time: 21, inputs: 13, units: 20, initial: true };
const cases: [string, RecurrentCase][] = [
  ["gru", { cell: "gru", ...sizes }],
  ["gru, masked, with dropout", { cell: "gru", ...sizes, mask: true, dropout: true }],
  ["gru, reset before", { cell: "gru", ...sizes, options: { resetAfter: false, returnSequences: true } }],
  ["simpleRnn", { cell: "simpleRnn", ...sizes }],
  ["simpleRnn, masked, sequences", { cell: "simpleRnn", ...sizes, mask: true, options: { returnSequences: true } }],
];

describe("the fused recurrent layers", () => {
  test.each(cases)("give the same bits with 1, 2, 3 and 5 threads: %s", async (_, one) => {
    const results: number[][][] = [];
    for (const threads of [1, 2, 3, 5]) {
      await useSimd(threads);
      bitsOf(one); // while the threads start, the main one does their work
      results.push(bitsOf(one));
    }
    for (const result of results) expect(result).toEqual(results[0]);
  });

  test.each(cases)("leave neither tensors nor memory behind: %s", async (_, one) => {
    await useSimd();
    bitsOf(one);
    const before = { tensors: tf.memory().numTensors, used: simdMemory()?.used };
    for (let i = 0; i < 3; i++) tf.tidy(() => void everythingRecurrent(one));
    expect({ tensors: tf.memory().numTensors, used: simdMemory()?.used }).toEqual(before);
  });

  test.each(["gru", "simpleRnn"] as const)("say that memory ended, and leave nothing behind: %s", async (cell) => {
    await registerSimdBackend({ threads: 1, memoryLimit: 2 ** 21 });
    const large: RecurrentCase = { cell, batch: 256, time: 40, inputs: 20, units: 40 };
    const before = { tensors: tf.memory().numTensors, used: simdMemory()?.used };
    expect(() => bitsOf(large)).toThrow(/^Out of tensor memory/);
    expect({ tensors: tf.memory().numTensors, used: simdMemory()?.used }).toEqual(before);
  });

  test.each(["gru", "simpleRnn"] as const)(
    "have gradients of zero for an empty batch and for no steps: %s",
    async (cell) => {
      await useSimd();
      for (const [batch, time] of [
        [0, 3],
        [2, 0],
      ] as const) {
        const [output, h, , ...gradients] = tf.tidy(() =>
          everythingRecurrent({ cell, batch, time, inputs: 2, units: 5 }).map((t) => Array.from(t.dataSync())),
        );
        expect([output, h]).toEqual([new Array(batch * 5).fill(0), new Array(batch * 5).fill(0)]);
        expect(new Set(gradients.flat())).toEqual(new Set([0]));
      }
    },
  );

  test("a garbage value of a masked step of another call does not come through", async () => {
    await useSimd(1);
    const one: RecurrentCase = { cell: "gru", ...sizes, mask: true, options: { resetAfter: false } };
    const clean = bitsOf(one);
    // The blocks that the next call gets are full of NaN.
    tf.tidy(() => void Array.from({ length: 40 }, () => tf.fill([45, 21, 80], Number.NaN)));
    tf.dispose(tf.tidy(() => tf.add(tf.fill([2 ** 20], Number.NaN), 1)));
    expect(bitsOf(one)).toEqual(clean);
  });
});

describe("the LSTM", () => {
  test("has gradients of zero for an empty batch", async () => {
    await useSimd();
    tf.dispose(tf.fill([2 ** 10], Number.NaN)); // what the next blocks hold
    const gradients = tf.tidy(() => {
      const weights = [randomTensor([2, 20], 1), randomTensor([5, 20], 2), randomTensor([20], 3)];
      const loss = (kernel: tf.Tensor, recurrentKernel: tf.Tensor, bias: tf.Tensor): tf.Tensor =>
        tf.sum(
          lstm({
            x: tf.zeros([0, 3, 2]),
            kernel: kernel as tf.Tensor2D,
            recurrentKernel: recurrentKernel as tf.Tensor2D,
            bias: bias as tf.Tensor1D,
          }).output,
        );
      return tf
        .grads(loss as (...args: tf.Tensor[]) => tf.Tensor)(weights)
        .map((t) => Array.from(t.dataSync()));
    });
    expect(new Set(gradients.flat())).toEqual(new Set([0]));
  });
});

describe("masks of dropout", () => {
  beforeAll(() => useSimd());

  function mask(shape: number[], threshold: number, key: number[]): tf.Tensor {
    return tf.engine().runKernel("SeqloomDropoutMask", {}, { shape, threshold, scale: 2, key }) as tf.Tensor;
  }

  test("are decided by the words of the stream in their order, 16 bits each", async () => {
    await useSimd();
    await fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 30_000 }),
        fc.integer({ min: 0, max: 65536 }),
        fc.nat(),
        (size, threshold, seed) => {
          const random = new Random(rootSeed(seed));
          const key = [Number.parseInt(random.seed.slice(0, 8), 16), Number.parseInt(random.seed.slice(8), 16)];
          const halves = Array.from({ length: Math.ceil(size / 2) }, () => random.uint32()).flatMap((word) => [
            word & 0xffff,
            word >>> 16,
          ]);
          const expected = halves.slice(0, size).map((bits) => (bits >= threshold ? 2 : 0));
          const actual = tf.tidy(() => Array.from(mask([size], threshold, key).dataSync()));
          expect(actual).toEqual(expected);
        },
      ),
      { numRuns: 40, seed: 2 },
    );
  });

  test("are the same bits with 1, 2, 3 and 5 threads", async () => {
    const results: number[][] = [];
    for (const threads of [1, 2, 3, 5]) {
      await useSimd(threads);
      for (let i = 0; i < 2; i++)
        results.push(tf.tidy(() => Array.from(mask([150, 55, 32], 20_000, [1, 2]).dataSync())));
    }
    for (const result of results) expect(result).toEqual(results[0]);
  });

  test("drop the share that is asked for", async () => {
    await useSimd();
    const mean = tf.tidy(() => tf.mean(mask([1000, 1000], 0.3 * 65536, [7, 8])).dataSync()[0] as number);
    expect(mean / 2).toBeCloseTo(0.7, 2);
  });
});
