import { lstm } from "@seqloom/models/ops";
import { disposeSimd } from "@seqloom/simd";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { difference, differenceFromCpu, randomTensor, useSimd, valuesOn } from "../../simd/support.js";
import { everythingOf, type LstmCase, lossOf, parametersOf } from "./support.js";

beforeAll(() => useSimd());
afterAll(disposeSimd);

const cases: fc.Arbitrary<LstmCase> = fc.record({
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
  }),
});

describe("the fused LSTM", () => {
  test("gives the outputs and gradients of the composed one on the cpu backend", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (one) => {
        expect(await differenceFromCpu(() => everythingOf(one))).toBeLessThan(2e-5);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  test.each<[string, LstmCase]>([
    ["an empty batch", { batch: 0, time: 3, inputs: 2, units: 5 }],
    ["no steps", { batch: 2, time: 0, inputs: 2, units: 5, initial: true }],
  ])("takes %s", async (_, one) => {
    await tf.setBackend("simd");
    const shapes = tf.tidy(() => everythingOf(one).map((tensor) => tensor.shape));
    expect(shapes.slice(0, 3)).toEqual([
      [one.batch, 5],
      [one.batch, 5],
      [one.batch, 5],
    ]);
  });

  test.each<[string, LstmCase]>([
    ["plain, last output", { batch: 2, time: 4, inputs: 3, units: 5 }],
    ["sequences", { batch: 2, time: 4, inputs: 3, units: 5, options: { returnSequences: true } }],
    ["masked", { batch: 3, time: 5, inputs: 3, units: 4, mask: true, options: { returnSequences: true } }],
    ["masked, last output", { batch: 3, time: 5, inputs: 3, units: 4, mask: true }],
    [
      "initial state, backwards",
      { batch: 2, time: 4, inputs: 2, units: 3, initial: true, mask: true, options: { goBackwards: true } },
    ],
    ["dropout", { batch: 2, time: 4, inputs: 3, units: 5, dropout: true, options: { returnSequences: true } }],
  ])("has gradients that finite differences confirm: %s", async (_, one) => {
    await tf.setBackend("simd");
    const parameters = parametersOf(one);
    const gradients = tf.grads((...given) => lossOf(one, given))(parameters);
    for (const [i, parameter] of parameters.entries()) {
      const values = Array.from(parameter.dataSync());
      const gradient = gradients[i]?.dataSync() as Float32Array;
      for (let at = 0; at < values.length; at += Math.max(1, Math.floor(values.length / 7))) {
        const step = 1 / 128;
        const shifted = [step, -step].map((shift) =>
          tf.tidy(() => {
            const moved = tf.tensor(
              values.map((value, j) => (j === at ? value + shift : value)),
              parameter.shape,
            );
            return lossOf(
              one,
              parameters.map((other, j) => (j === i ? moved : other)),
            ).dataSync()[0] as number;
          }),
        );
        const slope = ((shifted[0] as number) - (shifted[1] as number)) / (2 * step);
        expect(Math.abs(slope - (gradient[at] as number))).toBeLessThan(5e-3 * (1 + Math.abs(slope)));
      }
    }
    tf.dispose([...parameters, ...gradients]);
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
      const layer = tfl.layers.lstm({
        units,
        recurrentActivation: stock,
        recurrentInitializer: "glorotUniform",
        returnSequences,
        goBackwards,
        inputShape: [time, inputs],
      });
      const model = tfl.sequential({ layers: [layer] });
      const weights = [
        randomTensor([inputs, 4 * units], 1),
        randomTensor([units, 4 * units], 2),
        randomTensor([4 * units], 3),
      ];
      layer.setWeights(weights);
      const expected = Array.from((model.predict(randomTensor([batch, time, inputs], 4)) as tf.Tensor).dataSync());
      const [actual] = await valuesOn("simd", () => {
        const [kernel, recurrentKernel, bias] = weights as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
        const x = randomTensor([batch, time, inputs], 4) as tf.Tensor3D;
        return [
          lstm({ x, kernel, recurrentKernel, bias, recurrentActivation: ours, returnSequences, goBackwards }).output,
        ];
      });
      expect(difference(actual ?? [], expected)).toBeLessThan(1e-5);
      model.dispose();
    },
  );

  test("carries output and states over masked steps", async () => {
    await tf.setBackend("simd");
    const values = tf.tidy(() => {
      const [x, kernel, recurrentKernel, bias] = parametersOf({ batch: 1, time: 4, inputs: 2, units: 3 }) as [
        tf.Tensor3D,
        tf.Tensor2D,
        tf.Tensor2D,
        tf.Tensor1D,
      ];
      const weights = { kernel, recurrentKernel, bias };
      const padded = lstm({ x, ...weights, mask: tf.tensor2d([[1, 1, 0, 0]], [1, 4], "bool"), returnSequences: true });
      const short = lstm({ x: tf.slice(x, [0, 0, 0], [1, 2, 2]), ...weights });
      return [padded.h, short.h, tf.slice(padded.output, [0, 3, 0], [1, 1, 3]), padded.c, short.c].map((t) =>
        Array.from(t.dataSync()),
      );
    });
    expect(values[0]).toEqual(values[1]);
    expect(values[2]).toEqual(values[1]);
    expect(values[3]).toEqual(values[4]);
  });

  test("says which input does not fit", async () => {
    await tf.setBackend("simd");
    const wrong = (): unknown =>
      lstm({ x: tf.zeros([2, 3, 4]), kernel: tf.zeros([5, 8]), recurrentKernel: tf.zeros([2, 8]) });
    expect(() => tf.tidy(() => void wrong())).toThrow("lstm: kernel must have the shape [4,8]. Received: [5,8]");
  });
});
