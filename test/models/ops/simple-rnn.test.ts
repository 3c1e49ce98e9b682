import { simpleRnn } from "@seqloom/models/ops";
import { disposeSimd } from "@seqloom/simd";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { difference, differenceFromCpu, randomTensor, useSimd, valuesOn } from "../../simd/support.js";
import { everythingRecurrent, type RecurrentCase, slopeError } from "./recurrent-support.js";

beforeAll(() => useSimd());
afterAll(disposeSimd);

const cases: fc.Arbitrary<RecurrentCase> = fc.record({
  cell: fc.constant("simpleRnn" as const),
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
    returnSequences: fc.boolean(),
    goBackwards: fc.boolean(),
  }),
});

describe("the fused simple recurrent layer", () => {
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
    ["sequences", { batch: 2, time: 4, inputs: 3, units: 5, options: { returnSequences: true } }],
    ["sigmoid", { batch: 2, time: 4, inputs: 3, units: 5, options: { activation: "sigmoid" } }],
    ["masked", { batch: 3, time: 5, inputs: 3, units: 4, mask: true, options: { returnSequences: true } }],
    [
      "initial state, backwards",
      { batch: 2, time: 4, inputs: 2, units: 3, initial: true, mask: true, options: { goBackwards: true } },
    ],
    ["dropout", { batch: 2, time: 4, inputs: 3, units: 5, dropout: true, options: { returnSequences: true } }],
  ])("has gradients that finite differences confirm: %s", async (_, one) => {
    await tf.setBackend("simd");
    expect(slopeError({ cell: "simpleRnn", ...one })).toBeLessThan(5e-3);
  });

  test.each([
    ["tanh", false, false],
    ["relu", true, false],
    ["sigmoid", true, true],
    ["linear", false, true],
  ] as const)(
    "equals the layer of TensorFlow.js: %s, sequences %s, backwards %s",
    async (activation, returnSequences, goBackwards) => {
      await tf.setBackend("cpu");
      const [batch, time, inputs, units] = [5, 7, 6, 9];
      const layer = tfl.layers.simpleRNN({
        units,
        activation,
        recurrentInitializer: "glorotUniform",
        returnSequences,
        goBackwards,
        inputShape: [time, inputs],
      });
      const model = tfl.sequential({ layers: [layer] });
      const small = (shape: number[], seed: number): tf.Tensor => tf.mul(randomTensor(shape, seed), 0.3);
      const weights = [small([inputs, units], 1), small([units, units], 2), small([units], 3)];
      layer.setWeights(weights);
      const expected = Array.from((model.predict(randomTensor([batch, time, inputs], 4)) as tf.Tensor).dataSync());
      const [actual] = await valuesOn("simd", () => {
        const [kernel, recurrentKernel, bias] = weights as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
        const x = randomTensor([batch, time, inputs], 4) as tf.Tensor3D;
        return [simpleRnn({ x, kernel, recurrentKernel, bias, activation, returnSequences, goBackwards }).output];
      });
      expect(difference(actual ?? [], expected)).toBeLessThan(1e-5);
      model.dispose();
    },
  );

  test("says which input does not fit", async () => {
    await tf.setBackend("simd");
    const wrong = (): unknown =>
      simpleRnn({ x: tf.zeros([2, 3, 4]), kernel: tf.zeros([4, 2]), recurrentKernel: tf.zeros([2, 3]) });
    expect(() => tf.tidy(() => void wrong())).toThrow(
      "simpleRnn: recurrentKernel must have the shape [2,2]. Received: [2,3]",
    );
  });
});
