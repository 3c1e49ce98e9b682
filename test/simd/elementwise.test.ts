import { disposeSimd } from "@seqloom/simd";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { differenceFromCpu, moderate, randomTensor, shapes, useSimd, valuesOn } from "./support.js";

beforeAll(() => useSimd());
afterAll(disposeSimd);

const EXTREMES = [0, -0, 1, -1, 1e-30, -1e-30, 20, -20, 87, 88.5, 90, -87, -90, -104, 1e38, -1e38, Number.NaN];
const INFINITE = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

const UNARY: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  neg: tf.neg,
  abs: tf.abs,
  square: tf.square,
  exp: tf.exp,
  sigmoid: tf.sigmoid,
  tanh: tf.tanh,
  relu: tf.relu,
  relu6: tf.relu6,
  softplus: tf.softplus,
  elu: tf.elu,
  floor: tf.floor,
  expm1: tf.expm1,
  selu: tf.selu,
  step: (x) => tf.step(x, 0.25),
  leakyRelu: (x) => tf.leakyRelu(x, 0.1),
  clip: (x) => tf.clipByValue(x, -0.5, 2),
};
const OF_POSITIVES: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  sqrt: tf.sqrt,
  rsqrt: tf.rsqrt,
  log: tf.log,
  reciprocal: tf.reciprocal,
  log1p: tf.log1p,
};

describe("functions of one number", () => {
  for (const [name, apply] of Object.entries(UNARY)) {
    test(`${name} agrees with the cpu backend`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(moderate, { maxLength: 70 }), async (values) => {
          expect(await differenceFromCpu(() => [apply(tf.tensor1d(values, "float32"))])).toBeLessThan(1e-6);
        }),
        { numRuns: 40 },
      );
    });
  }

  for (const [name, apply] of Object.entries(OF_POSITIVES)) {
    test(`${name} agrees with the cpu backend`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 100_000 }), { maxLength: 70 }), async (values) => {
          const scaled = values.map((value) => value / 1024);
          expect(await differenceFromCpu(() => [apply(tf.tensor1d(scaled, "float32"))])).toBeLessThan(1e-6);
        }),
        { numRuns: 40 },
      );
    });
  }

  test.each(["exp", "sigmoid", "relu", "abs", "neg", "softplus"])(
    "%s is right at the ends of the range",
    async (name) => {
      const values = name === "softplus" ? EXTREMES : [...EXTREMES, ...INFINITE];
      const apply = UNARY[name] as (x: tf.Tensor) => tf.Tensor;
      expect(await differenceFromCpu(() => [apply(tf.tensor1d(values))])).toBeLessThan(1e-6);
    },
  );

  test("log of 0, of negative numbers, of infinity and of tiny numbers", async () => {
    const [values] = await valuesOn("simd", () => [tf.log(tf.tensor1d([0, -1, Number.POSITIVE_INFINITY, 1e-40, 1]))]);
    expect(values?.slice(0, 3)).toEqual([Number.NEGATIVE_INFINITY, Number.NaN, Number.POSITIVE_INFINITY]);
    expect(values?.[3]).toBeCloseTo(Math.log(1e-40), 3);
    expect(values?.[4]).toBe(0);
  });

  test("long arrays are cut without a seam", async () => {
    expect(await differenceFromCpu(() => [tf.tanh(randomTensor([50_003], 1))])).toBeLessThan(1e-6);
  });
});

const BINARY: Readonly<Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor>> = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: tf.div,
  maximum: tf.maximum,
  minimum: tf.minimum,
  squaredDifference: tf.squaredDifference,
};

/** Two shapes that fit each other: some dimensions of each are made 1 or left out. */
const pairs = shapes({ min: 0, max: 4 }, 7).chain((shape) =>
  fc.tuple(
    ...[0, 1].map(() =>
      fc
        .tuple(fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.nat(shape.length))
        .map(([ones, drop]) => shape.map((size, i) => (ones[i] ? 1 : size)).slice(drop)),
    ),
  ),
);

describe("functions of two numbers", () => {
  for (const [name, apply] of Object.entries(BINARY)) {
    test(`${name} broadcasts as the cpu backend does`, async () => {
      await fc.assert(
        fc.asyncProperty(pairs, async ([a, b]) => {
          const make = (): tf.Tensor[] => {
            const result = apply(randomTensor(a as number[], 1), randomTensor(b as number[], 2));
            return [result, tf.tensor1d(result.shape, "int32")];
          };
          expect(await differenceFromCpu(make)).toBeLessThan(1e-6);
        }),
        { numRuns: 60 },
      );
    });
  }

  test("more than four dimensions that move apart fall back to the cpu kernel", async () => {
    const make = (): tf.Tensor[] => [tf.add(randomTensor([2, 1, 2, 1, 2, 1], 1), randomTensor([1, 3, 1, 3, 1, 3], 2))];
    expect(await differenceFromCpu(make)).toBe(0);
  });

  test("integers stay integers", async () => {
    const make = (): tf.Tensor[] => [tf.add(tf.tensor1d([1, 2], "int32"), tf.tensor1d([3, 4], "int32"))];
    expect(await valuesOn("simd", make)).toEqual([[4, 6]]);
  });

  test("a cast of integers or booleans gives floats", async () => {
    const make = (): tf.Tensor[] => [
      tf.mul(tf.cast(tf.tensor1d([1, -2, 3], "int32"), "float32"), 0.5),
      tf.mul(tf.cast(tf.tensor1d([true, false], "bool"), "float32"), 0.5),
      tf.cast(tf.tensor1d([1.9, -1.9, 0]), "int32"),
      tf.cast(tf.tensor1d([1.9, -1.9, 0]), "bool"),
    ];
    expect(await differenceFromCpu(make)).toBe(0);
  });
});
