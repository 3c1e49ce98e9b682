import { disposeSimd } from "@seqloom/simd";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { differenceFromCpu, randomTensor, shapes, useSimd, valuesOn } from "./support.js";

beforeAll(() => useSimd());
afterAll(disposeSimd);

const size = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 70 }));

describe("matrix products", () => {
  test("agree with the cpu backend for all sizes and transposes", async () => {
    await fc.assert(
      fc.asyncProperty(
        size,
        size,
        fc.integer({ min: 1, max: 300 }),
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 1, max: 3 }),
        async (m, n, k, ta, tb, batch) => {
          const make = (): tf.Tensor[] => {
            const a = randomTensor(ta ? [batch, k, m] : [batch, m, k], 1);
            const b = randomTensor(tb ? [batch, n, k] : [batch, k, n], 2);
            return [tf.matMul(a, b, ta, tb)];
          };
          expect(await differenceFromCpu(make)).toBeLessThan(1e-5);
        },
      ),
      { numRuns: 80 },
    );
  });

  test.each([
    [
      [3, 5, 4],
      [4, 6],
    ],
    [
      [5, 4],
      [3, 4, 6],
    ],
    [
      [2, 3, 5, 4],
      [1, 1, 4, 6],
    ],
  ])("broadcast %j times %j", async (a, b) => {
    expect(await differenceFromCpu(() => [tf.matMul(randomTensor(a, 1), randomTensor(b, 2))])).toBeLessThan(1e-6);
  });

  test.each([
    [0, 3, 4],
    [3, 0, 4],
    [3, 4, 0],
  ])("of empty matrices (%i, %i, %i)", async (m, n, k) => {
    const [values] = await valuesOn("simd", () => [tf.matMul(randomTensor([m, k], 1), randomTensor([k, n], 2))]);
    expect(values).toEqual(new Array(m * n).fill(0));
  });

  test.each(["linear", "relu", "sigmoid", "relu6", "elu"] as const)(
    "with a bias and %s in one kernel",
    async (activation) => {
      const make = (): tf.Tensor[] => [
        tf.fused.matMul({
          a: randomTensor([7, 33], 1),
          b: randomTensor([33, 19], 2),
          bias: randomTensor([19], 3),
          activation,
        }),
      ];
      expect(await differenceFromCpu(make)).toBeLessThan(1e-5);
    },
  );
});

const REDUCE: Readonly<Record<string, (x: tf.Tensor, axes: number[], keep: boolean) => tf.Tensor>> = {
  sum: tf.sum,
  mean: tf.mean,
  max: tf.max,
  min: tf.min,
};

describe("reductions", () => {
  for (const [name, reduce] of Object.entries(REDUCE)) {
    test(`${name} over any axes agrees with the cpu backend`, async () => {
      const cases = fc
        .array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 })
        .chain((shape) => fc.tuple(fc.constant(shape), fc.subarray(shape.map((_, i) => i)), fc.boolean()));
      await fc.assert(
        fc.asyncProperty(cases, async ([shape, axes, keep]) => {
          const make = (): tf.Tensor[] => {
            const x = randomTensor(shape, 3);
            const result = reduce(x, axes, keep);
            // Rounding grows with what is added up, not with what is left of it after terms have cancelled.
            const scale = tf.maximum(reduce(tf.abs(x), axes, keep), 1);
            return [tf.div(result, scale), tf.tensor1d(result.shape, "int32")];
          };
          expect(await differenceFromCpu(make)).toBeLessThan(1e-6);
        }),
        { numRuns: 50 },
      );
    });
  }
});

test.each([[[7]], [[3, 5]], [[2, 3, 11]]])(
  "the index of the largest of %j agrees with the cpu backend",
  async (shape) => {
    const make = (): tf.Tensor[] => [tf.argMax(tf.round(tf.mul(randomTensor(shape, 9), 3)), -1)];
    expect(await differenceFromCpu(make)).toBe(0);
  },
);

describe("moves", () => {
  test("transposes agree with the cpu backend", async () => {
    const cases = shapes({ min: 1, max: 5 }, 6).chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        fc.shuffledSubarray(
          shape.map((_, i) => i),
          { minLength: shape.length },
        ),
      ),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ([shape, order]) => {
        expect(await differenceFromCpu(() => [tf.transpose(randomTensor(shape, 4), order)])).toBe(0);
      }),
      { numRuns: 80 },
    );
  });

  test("slices, reversals and tiles agree with the cpu backend", async () => {
    const cases = fc.array(
      fc.record({
        size: fc.integer({ min: 1, max: 9 }),
        from: fc.nat(8),
        count: fc.nat(9),
        reverse: fc.boolean(),
        times: fc.integer({ min: 1, max: 3 }),
      }),
      { minLength: 1, maxLength: 3 },
    );
    await fc.assert(
      fc.asyncProperty(cases, async (axes) => {
        const begin = axes.map(({ size: whole, from }) => Math.min(from, whole - 1));
        const sizes = axes.map(({ size: whole, count }, i) => Math.min(count, whole - (begin[i] as number)));
        const reversed = axes.flatMap(({ reverse }, i) => (reverse ? [i] : []));
        const make = (): tf.Tensor[] => {
          const x = randomTensor(
            axes.map((axis) => axis.size),
            5,
          );
          return [
            tf.slice(x, begin, sizes),
            tf.reverse(x, reversed),
            tf.tile(
              x,
              axes.map((axis) => axis.times),
            ),
          ];
        };
        expect(await differenceFromCpu(make)).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test.each([0, 1, 2])("concat, stack, split and unstack along axis %i", async (axis) => {
    const make = (): tf.Tensor[] => {
      const x = randomTensor([4, 6, 5], 6);
      const parts = tf.split(x, axis === 2 ? [1, 4] : 2, axis);
      return [...parts, tf.concat(parts, axis), tf.stack([x, x], axis), ...tf.unstack(x, axis)];
    };
    expect(await differenceFromCpu(make)).toBe(0);
  });
});

describe("rows by number", () => {
  test("gather and the sum of segments agree with the cpu backend", async () => {
    const cases = fc
      .integer({ min: 1, max: 40 })
      .chain((rows) =>
        fc.tuple(
          fc.constant(rows),
          fc.integer({ min: 1, max: 11 }),
          fc.array(fc.nat(rows - 1), { minLength: 1, maxLength: 1200 }),
        ),
      );
    await fc.assert(
      fc.asyncProperty(cases, async ([rows, width, ids]) => {
        const make = (): tf.Tensor[] => {
          const indices = tf.tensor1d(ids, "int32");
          const gathered = tf.gather(randomTensor([rows, width], 7), indices);
          return [gathered, tf.unsortedSegmentSum(gathered, indices, rows)];
        };
        expect(await differenceFromCpu(make)).toBeLessThan(1e-5);
      }),
      { numRuns: 40 },
    );
  });

  test("an index outside the table is an error that names it", async () => {
    await tf.setBackend("simd");
    const look = (): tf.Tensor => tf.gather(randomTensor([5, 2], 1), tf.tensor1d([0, 7], "int32"));
    expect(() => tf.tidy(look)).toThrow("Index 7 is outside the table, which has 5 rows (0 to 4)");
  });
});

describe("softmax", () => {
  test.each([
    [1, 1],
    [3, 7],
    [70, 5],
    [2, 1001],
  ])("of %i rows of %i agrees with the cpu backend", async (rows, classes) => {
    const make = (): tf.Tensor[] => {
      const x = tf.mul(randomTensor([rows, classes], 8), 30);
      return [tf.softmax(x), tf.logSoftmax(x)];
    };
    expect(await differenceFromCpu(make)).toBeLessThan(1e-5);
  });
});
