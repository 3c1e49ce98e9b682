import { gru } from "@seqloom/models/ops";
import { disposeSimd } from "@seqloom/simd";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { difference, differenceFromCpu, randomTensor, useSimd, valuesOn } from "../../simd/support.js";
import { everythingRecurrent, type RecurrentCase, recurrentParameters, slopeError } from "./recurrent-support.js";

beforeAll(() => useSimd());
afterAll(disposeSimd);

const cases: fc.Arbitrary<RecurrentCase> = fc.record({
  cell: fc.constant("gru" as const),
  batch: fc.integer({ min: 1, max: 19 }),
  time: fc.integer({ min: 1, max: 35 }),
  inputs: fc.integer({ min: 1, max: 13 }),
  units: fc.integer({ min: 1, max: 18 }),
  mask: fc.boolean(),
  initial: fc.boolean(),
  dropout: fc.boolean(),
  noBias: fc.boolean(),
  options: fc.record({
    activation: fc.constantFrom("tanh" as const, "relu" as const, "linear" as const, "sigmoid" as const),
    recurrentActivation: fc.constantFrom("sigmoid" as const, "hard_sigmoid" as const),
    returnSequences: fc.boolean(),
    goBackwards: fc.boolean(),
    resetAfter: fc.boolean(),
  }),
});

/** One step at a time in plain JavaScript with double precision: the GRU of Keras with reset_after, as its documentation has it. */
function plainGru(x: number[][], w: number[][], u: number[][], bias: number[][], units: number): number[] {
  const product = (row: number[], weights: number[][], column: number): number =>
    row.reduce((sum, value, i) => sum + value * (weights[i]?.[column] as number), 0);
  const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));
  let h = new Array<number>(units).fill(0);
  for (const row of x) {
    const before = h;
    const inner = (column: number): number => product(before, u, column) + (bias[1]?.[column] as number);
    const outer = (column: number): number => product(row, w, column) + (bias[0]?.[column] as number);
    h = before.map((old, unit) => {
      const z = sigmoid(outer(unit) + inner(unit));
      const r = sigmoid(outer(units + unit) + inner(units + unit));
      const candidate = Math.tanh(outer(2 * units + unit) + r * inner(2 * units + unit));
      return z * old + (1 - z) * candidate;
    });
  }
  return h;
}

describe("the fused GRU", () => {
  test("gives the outputs and gradients of the composed one on the cpu backend", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (one) => {
        expect(await differenceFromCpu(() => everythingRecurrent(one))).toBeLessThan(2e-5);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  test.each<[string, Omit<RecurrentCase, "cell">]>([
    ["plain, last output", { batch: 2, time: 4, inputs: 3, units: 5 }],
    ["reset before", { batch: 2, time: 4, inputs: 3, units: 5, options: { resetAfter: false } }],
    ["sequences", { batch: 2, time: 4, inputs: 3, units: 5, options: { returnSequences: true } }],
    ["masked", { batch: 3, time: 5, inputs: 3, units: 4, mask: true, options: { returnSequences: true } }],
    ["masked, reset before", { batch: 3, time: 5, inputs: 3, units: 4, mask: true, options: { resetAfter: false } }],
    [
      "initial state, backwards",
      { batch: 2, time: 4, inputs: 2, units: 3, initial: true, mask: true, options: { goBackwards: true } },
    ],
    ["dropout", { batch: 2, time: 4, inputs: 3, units: 5, dropout: true, options: { returnSequences: true } }],
    [
      "dropout, reset before",
      { batch: 2, time: 4, inputs: 3, units: 5, dropout: true, options: { resetAfter: false } },
    ],
  ])("has gradients that finite differences confirm: %s", async (_, one) => {
    await tf.setBackend("simd");
    expect(slopeError({ cell: "gru", ...one })).toBeLessThan(5e-3);
  });

  test("equals a plain step-by-step implementation of reset_after in double precision", async () => {
    const [time, inputs, units] = [9, 6, 11];
    await tf.setBackend("simd");
    const [x, kernel, recurrentKernel, bias] = recurrentParameters({ cell: "gru", batch: 3, time, inputs, units }) as [
      tf.Tensor3D,
      tf.Tensor2D,
      tf.Tensor2D,
      tf.Tensor2D,
    ];
    const ours = gru({ x, kernel, recurrentKernel, bias });
    const weights = [kernel.arraySync(), recurrentKernel.arraySync(), bias.arraySync()] as const;
    const expected = x.arraySync().flatMap((rows) => plainGru(rows, ...weights, units));
    expect(difference(Array.from(ours.h.dataSync()), expected)).toBeLessThan(1e-6);
    tf.dispose([x, kernel, recurrentKernel, bias, ours.h, ours.output]);
  });

  test.each([
    ["sigmoid", "sigmoid", false, false],
    ["hardSigmoid", "hard_sigmoid", true, false],
    ["sigmoid", "sigmoid", true, true],
  ] as const)(
    "equals the layer of TensorFlow.js: %s, %s, sequences %s, backwards %s",
    async (stock, ours, returnSequences, goBackwards) => {
      await tf.setBackend("cpu");
      const [batch, time, inputs, units] = [5, 7, 6, 9];
      const layer = tfl.layers.gru({
        units,
        recurrentActivation: stock,
        recurrentInitializer: "glorotUniform",
        returnSequences,
        goBackwards,
        inputShape: [time, inputs],
      });
      const model = tfl.sequential({ layers: [layer] });
      const weights = [
        randomTensor([inputs, 3 * units], 1),
        randomTensor([units, 3 * units], 2),
        randomTensor([3 * units], 3),
      ];
      layer.setWeights(weights);
      const expected = Array.from((model.predict(randomTensor([batch, time, inputs], 4)) as tf.Tensor).dataSync());
      const [actual] = await valuesOn("simd", () => {
        const [kernel, recurrentKernel, bias] = weights as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
        const x = randomTensor([batch, time, inputs], 4) as tf.Tensor3D;
        const options = { recurrentActivation: ours, returnSequences, goBackwards, resetAfter: false };
        return [gru({ x, kernel, recurrentKernel, bias, ...options }).output];
      });
      expect(difference(actual ?? [], expected)).toBeLessThan(1e-5);
      model.dispose();
    },
  );

  test.each([true, false])("carries output and state over masked steps, reset_after %s", async (resetAfter) => {
    await tf.setBackend("simd");
    const values = tf.tidy(() => {
      const one: RecurrentCase = { cell: "gru", batch: 1, time: 4, inputs: 2, units: 3, options: { resetAfter } };
      const [x, kernel, recurrentKernel, bias] = recurrentParameters(one) as [
        tf.Tensor3D,
        tf.Tensor2D,
        tf.Tensor2D,
        tf.Tensor,
      ];
      const weights = { kernel, recurrentKernel, bias, resetAfter };
      const padded = gru({ x, ...weights, mask: tf.tensor2d([[1, 1, 0, 0]], [1, 4], "bool"), returnSequences: true });
      const short = gru({ x: tf.slice(x, [0, 0, 0], [1, 2, 2]), ...weights });
      return [padded.h, short.h, tf.slice(padded.output, [0, 3, 0], [1, 1, 3])].map((t) => Array.from(t.dataSync()));
    });
    expect(values[0]).toEqual(values[1]);
    expect(values[2]).toEqual(values[1]);
  });

  test("says which input does not fit", async () => {
    await tf.setBackend("simd");
    const given = { x: tf.zeros<tf.Rank.R3>([2, 3, 4]), kernel: tf.zeros<tf.Rank.R2>([4, 6]) };
    const run = (rest: object) => () =>
      tf.tidy(() => void gru({ ...given, recurrentKernel: tf.zeros<tf.Rank.R2>([2, 6]), ...rest }));
    expect(run({ kernel: tf.zeros([5, 6]) })).toThrow("gru: kernel must have the shape [4,6]. Received: [5,6]");
    expect(run({ bias: tf.zeros([6]) })).toThrow("gru: bias must have the shape [2,6]. Received: [6]");
    expect(run({ bias: tf.zeros([2, 6]), resetAfter: false })).toThrow(
      "gru: bias must have the shape [6]. Received: [2,6]",
    );
    expect(run({ mask: tf.zeros([3, 2]) })).toThrow("gru: mask must have the shape [2,3]. Received: [3,2]");
    expect(run({ x: tf.zeros([2, 3]) })).toThrow("gru: x must have the shape [batch, time, inputs]. Received: [2,3]");
  });
});
