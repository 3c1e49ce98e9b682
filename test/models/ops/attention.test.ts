import { type AttentionInputs, additiveAttention, attention, maskedSoftmax } from "@seqloom/models/ops";
import { disposeSimd } from "@seqloom/simd";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { differenceFromCpu, randomFloats, randomTensor, useSimd, valuesOn } from "../../simd/support.js";
import { expectTrueGradients, valuesAndGradients } from "./gradients.js";

beforeAll(() => useSimd());
afterAll(disposeSimd);

interface Case {
  readonly batch: number;
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
  readonly width: number;
  readonly valueWidth: number;
  readonly masked: boolean;
  readonly causal: boolean;
  readonly dropout: boolean;
}

const weights = (shape: readonly number[]): tf.Tensor => randomTensor(shape, 31);

function parametersOf({ batch, heads, queries, keys, width, valueWidth }: Case): tf.Tensor[] {
  return [
    randomTensor([batch, queries, heads * width], 1),
    randomTensor([batch, keys, heads * width], 2),
    randomTensor([batch, keys, heads * valueWidth], 3),
  ];
}

function run(c: Case, [query, key, value]: readonly tf.Tensor[]): tf.Tensor3D {
  const { batch, heads, queries, keys } = c;
  const zeroOrTwo = Array.from(randomFloats(batch * heads * queries * keys, 5), (x) => (x > 0 ? 2 : 0));
  const steps = Array.from(randomFloats(batch * keys, 4), (x) => (x > -0.2 ? 1 : 0));
  return attention({
    query: query as tf.Tensor3D,
    key: key as tf.Tensor3D,
    value: value as tf.Tensor3D,
    heads,
    causal: c.causal,
    mask: c.masked ? tf.tensor2d(steps, [batch, keys], "int32") : undefined,
    dropoutMask: c.dropout ? tf.tensor4d(zeroOrTwo, [batch, heads, queries, keys]) : undefined,
  });
}

const everything = (c: Case): tf.Tensor[] =>
  valuesAndGradients((...given) => [run(c, given)], parametersOf(c), weights);

const size = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const cases: fc.Arbitrary<Case> = fc.record({
  batch: size(4),
  heads: size(5),
  queries: fc.oneof(size(20), fc.constantFrom(63, 64, 65, 130)),
  keys: fc.oneof(size(20), fc.constantFrom(16, 64, 67, 140)),
  width: size(21),
  valueWidth: size(21),
  masked: fc.boolean(),
  causal: fc.boolean(),
  dropout: fc.boolean(),
});
const plain: Case = {
  batch: 2,
  heads: 2,
  queries: 5,
  keys: 5,
  width: 3,
  valueWidth: 4,
  masked: false,
  causal: false,
  dropout: false,
};

describe("attention", () => {
  test("gives the outputs and gradients of the composed one on the cpu backend", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (one) => {
        expect(await differenceFromCpu(() => everything(one))).toBeLessThan(2e-5);
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  test.each<[string, Partial<Case>]>([
    ["plain", {}],
    ["masked", { masked: true }],
    ["causal", { causal: true }],
    ["other keys than queries", { keys: 7, masked: true }],
    ["dropout", { dropout: true, causal: true, masked: true }],
  ])("has gradients that finite differences confirm: %s", async (_, change) => {
    await tf.setBackend("simd");
    const one = { ...plain, ...change };
    const parameters = parametersOf(one);
    expectTrueGradients((...given) => tf.sum(tf.mul(run(one, given), weights([2, 5, 8]))), parameters);
    tf.dispose(parameters);
  });

  test("passes over masked keys whatever they hold", async () => {
    const [long, short] = await valuesOn("simd", () => {
      const [query, key, value] = parametersOf({ ...plain, batch: 1, queries: 4, keys: 6 }) as [
        tf.Tensor3D,
        tf.Tensor3D,
        tf.Tensor3D,
      ];
      const mask = tf.tensor2d([[1, 1, 1, 1, 0, 0]], [1, 6], "bool");
      const cut = (x: tf.Tensor3D): tf.Tensor3D => tf.slice(x, [0, 0, 0], [1, 4, x.shape[2]]);
      const wild = tf.concat([cut(key), tf.fill([1, 2, 6], 1e30)], 1) as tf.Tensor3D;
      return [
        attention({ query, key: wild, value, heads: 2, mask }),
        attention({ query, key: cut(key), value: cut(value), heads: 2 }),
      ];
    });
    for (const [i, x] of (long as number[]).entries()) expect(Math.abs(x - (short?.[i] as number))).toBeLessThan(1e-6);
  });

  test.each(["simd", "cpu"])("with a mask of zeros gives zeros and no gradient, on %s", async (backend) => {
    const values = await valuesOn(backend, () => {
      const [query, key, value] = parametersOf(plain) as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
      const mask = tf.zeros<tf.Rank.R2>([2, 5], "bool");
      const f = (...[q, k, v]: tf.Tensor[]): tf.Tensor =>
        attention({ query: q as tf.Tensor3D, key: k as tf.Tensor3D, value: v as tf.Tensor3D, heads: 2, mask });
      return [f(query, key, value), ...tf.grads(f)([query, key, value])];
    });
    expect(values.flat().every((value) => value === 0)).toBe(true);
  });

  test.each<[string, Partial<Case>]>([
    ["an empty batch", { batch: 0 }],
    ["no queries", { queries: 0 }],
    ["no keys", { keys: 0 }],
    ["no steps at all, causal", { queries: 0, keys: 0, causal: true }],
  ])("takes %s", async (_, change) => {
    const one = { ...plain, ...change };
    const values = await valuesOn("simd", () => everything(one));
    expect(values[0]).toEqual(new Array(one.batch * one.queries * 8).fill(0));
    expect(
      values
        .slice(2)
        .flat()
        .every((value) => value === 0),
    ).toBe(true);
  });

  test("says which input does not fit", () => {
    const inputs = (change: Partial<AttentionInputs>): AttentionInputs => ({
      query: tf.zeros([2, 3, 8]),
      key: tf.zeros([2, 4, 8]),
      value: tf.zeros([2, 4, 8]),
      heads: 2,
      ...change,
    });
    expect(() => attention(inputs({ heads: 3 }))).toThrow(
      "attention: the features of query must be a multiple of the heads. Received: 8 for 3 heads",
    );
    expect(() => attention(inputs({ value: tf.zeros([2, 5, 8]) }))).toThrow(
      "attention: key must have the shape [2,5,8]. Received: [2,4,8]",
    );
    expect(() => attention(inputs({ mask: tf.zeros([2, 3]) }))).toThrow(
      "attention: mask must have the shape [2,4]. Received: [2,3]",
    );
  });
});

describe("softmax under a mask", () => {
  test.each([
    [[3, 5], true],
    [[2, 4, 9], true],
    [[2, 3, 4, 6], true],
    [[40, 7], false],
  ] as const)("of %j, masked %s, agrees with the cpu backend", async (shape, masked) => {
    const [batch, time] = [shape[0], shape.at(-1) as number];
    const make = (): tf.Tensor[] => {
      const steps = Array.from(randomFloats(batch * time, 8), (x) => (x > 0 ? 1 : 0));
      const mask = masked ? tf.tensor2d(steps, [batch, time], "bool") : undefined;
      const x = tf.mul(randomTensor(shape, 7), 10);
      return valuesAndGradients((given) => [maskedSoftmax(given as tf.Tensor, mask)], [x], weights);
    };
    expect(await differenceFromCpu(make)).toBeLessThan(2e-6);
  });
});

describe("additive attention", () => {
  const inputs = (): tf.Tensor[] => [
    randomTensor([2, 3, 4], 1),
    randomTensor([2, 5, 4], 2),
    randomTensor([2, 5, 6], 3),
    randomTensor([4], 4),
  ];
  const mask = (): tf.Tensor2D => tf.tensor2d([1, 1, 0, 1, 1, 1, 0, 0, 0, 0], [2, 5], "bool");
  const f = (...[query, key, value, scale]: tf.Tensor[]): tf.Tensor =>
    additiveAttention({
      query: query as tf.Tensor3D,
      key: key as tf.Tensor3D,
      value: value as tf.Tensor3D,
      scale: scale as tf.Tensor1D | undefined,
      mask: mask(),
    });

  test("agrees with the cpu backend", async () => {
    expect(
      await differenceFromCpu(() => valuesAndGradients((...given) => [f(...given)], inputs(), weights)),
    ).toBeLessThan(1e-5);
    const unscaled = (): tf.Tensor[] => valuesAndGradients((...given) => [f(...given)], inputs().slice(0, 3), weights);
    expect(await differenceFromCpu(unscaled)).toBeLessThan(1e-5);
  });

  test("has gradients that finite differences confirm", async () => {
    await tf.setBackend("simd");
    const parameters = inputs();
    expectTrueGradients((...given) => tf.sum(tf.mul(f(...given), weights([2, 3, 6]))), parameters);
    tf.dispose(parameters);
  });
});
