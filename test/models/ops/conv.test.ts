import {
  averagePooling1d,
  averagePooling2d,
  conv1d,
  conv2d,
  depthwiseConv1d,
  depthwiseConv2d,
  embedding,
  globalAveragePooling2d,
  globalMaxPooling1d,
  globalMaxPooling2d,
  maxPooling1d,
  maxPooling2d,
} from "@seqloom/models/ops";
import { disposeSimd, simdMemory } from "@seqloom/simd";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { differenceFromCpu, randomFloats, randomTensor, useSimd, valuesOn } from "../../simd/support.js";

beforeAll(() => useSimd());
afterAll(disposeSimd);

type Apply = (...inputs: tf.Tensor[]) => tf.Tensor;

/** A function's value and its gradients by all its inputs. */
function withGradients(apply: Apply, inputs: tf.Tensor[]): tf.Tensor[] {
  const value = apply(...inputs);
  const weights = randomTensor(value.shape, 99);
  return [value, ...tf.grads((...given) => tf.sum(tf.mul(apply(...given), weights)))(inputs)];
}

/** The largest difference of gradients from slopes measured with a step of 1/2, which is exact for what is linear in each number. */
function worstSlope(apply: Apply, inputs: readonly tf.Tensor[]): number {
  const weights = randomTensor(apply(...inputs).shape, 99);
  const loss = (...given: tf.Tensor[]): tf.Tensor => tf.sum(tf.mul(apply(...given), weights));
  const gradients = tf.grads(loss)([...inputs]);
  let worst = 0;
  for (const [which, input] of inputs.entries()) {
    const values = input.dataSync();
    const at = (i: number, value: number): number => {
      const moved = tf.tensor(
        values.map((old, j) => (i === j ? value : old)),
        input.shape,
      );
      return loss(...inputs.map((other, j) => (j === which ? moved : other))).dataSync()[0] as number;
    };
    const expected = gradients[which]?.dataSync() ?? [];
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      const slope = at(i, value + 0.5) - at(i, value - 0.5);
      worst = Math.max(worst, Math.abs(slope - (expected[i] as number)));
    }
  }
  return worst;
}

const sequences = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  time: fc.integer({ min: 1, max: 12 }),
  channels: fc.integer({ min: 1, max: 18 }),
  filters: fc.integer({ min: 1, max: 18 }),
  taps: fc.integer({ min: 1, max: 5 }),
  stride: fc.integer({ min: 1, max: 4 }),
  dilation: fc.integer({ min: 1, max: 3 }),
  padding: fc.constantFrom("valid" as const, "same" as const, "causal" as const),
});

describe("convolutions over time", () => {
  for (const activation of ["linear", "relu", "sigmoid", "tanh"] as const) {
    test(`with ${activation} agree between backends, with all gradients`, async () => {
      await fc.assert(
        fc.asyncProperty(sequences, async ({ batch, time, channels, filters, taps, ...c }) => {
          const steps = time + (c.padding === "valid" ? (taps - 1) * c.dilation : 0);
          const make = (): tf.Tensor[] =>
            withGradients(
              (x, kernel, bias) =>
                conv1d(x as tf.Tensor3D, kernel as tf.Tensor3D, { ...c, activation, bias: bias as tf.Tensor1D }),
              [
                randomTensor([batch, steps, channels], 1),
                randomTensor([taps, channels, filters], 2),
                randomTensor([filters], 3),
              ],
            );
          expect(await differenceFromCpu(make)).toBeLessThan(1e-5);
        }),
        { numRuns: 40 },
      );
    });
  }

  test("by each feature agree between backends, with all gradients", async () => {
    await fc.assert(
      fc.asyncProperty(sequences, async ({ batch, time, channels, taps, filters, ...c }) => {
        const steps = time + (c.padding === "valid" ? (taps - 1) * c.dilation : 0);
        const make = (): tf.Tensor[] =>
          withGradients(
            (x, kernel) => depthwiseConv1d(x as tf.Tensor3D, kernel as tf.Tensor3D, c),
            [randomTensor([batch, steps, channels], 1), randomTensor([taps, channels, (filters % 3) + 1], 2)],
          );
        expect(await differenceFromCpu(make)).toBeLessThan(1e-5);
      }),
      { numRuns: 40 },
    );
  });

  test.each(["cpu", "simd"])("with causal padding see no later step on %s", async (backend) => {
    await tf.setBackend(backend);
    tf.tidy(() => {
      const kernel = randomTensor([3, 2, 4], 2) as tf.Tensor3D;
      const x = randomTensor([1, 9, 2], 1) as tf.Tensor3D;
      const options = { padding: "causal", dilation: 2 } as const;
      const whole = conv1d(x, kernel, options);
      expect(whole.shape).toEqual([1, 9, 4]);
      for (let end = 1; end < 9; end++) {
        const cut = conv1d(tf.slice(x, [0, 0, 0], [1, end, 2]), kernel, options);
        expect(cut.dataSync()).toEqual(tf.slice(whole, [0, 0, 0], [1, end, 4]).dataSync());
      }
    });
  });

  test("by hand: two taps of one feature", async () => {
    const [valid, causal] = await valuesOn("simd", () => {
      const x = tf.tensor3d([1, 2, 4, 8], [1, 4, 1]);
      const kernel = tf.tensor3d([10, 1], [2, 1, 1]);
      return [conv1d(x, kernel), conv1d(x, kernel, { padding: "causal" })];
    });
    expect(valid).toEqual([12, 24, 48]);
    expect(causal).toEqual([1, 12, 24, 48]);
  });
});

describe("convolutions over embeddings", () => {
  /** Ids of which the last of the vocabulary never comes. */
  const idsOf = (batch: number, time: number, vocabulary: number): tf.Tensor2D =>
    tf.tensor2d(
      randomFloats(batch * time, 7).map((value) => Math.floor(((value + 1) / 2) * (vocabulary - 1))),
      [batch, time],
      "int32",
    );

  test("multiply each token once and agree with the cpu backend, with all gradients", async () => {
    await fc.assert(
      fc.asyncProperty(sequences, async ({ batch, time, channels, filters, taps, ...c }) => {
        const steps = time + (c.padding === "valid" ? (taps - 1) * c.dilation : 0);
        const make = (): tf.Tensor[] =>
          withGradients(
            (table, kernel, bias) =>
              conv1d(embedding(idsOf(batch, steps, 6), table as tf.Tensor2D), kernel as tf.Tensor3D, {
                ...c,
                activation: "tanh",
                bias: bias as tf.Tensor1D,
              }),
            [randomTensor([6, channels], 1), randomTensor([taps, channels, filters], 2), randomTensor([filters], 3)],
          );
        expect(await differenceFromCpu(make)).toBeLessThan(1e-5);
      }),
      { numRuns: 60 },
    );
  });

  test("give each row the same bytes whatever the other rows are", async () => {
    const kernel = (): tf.Tensor3D => randomTensor([3, 16, 33], 2) as tf.Tensor3D;
    const [all, last] = await valuesOn("simd", () => {
      const ids = idsOf(9, 12, 50);
      const table = randomTensor([50, 16], 1) as tf.Tensor2D;
      const alone = conv1d(embedding(tf.slice(ids, [8, 0], [1, 12]), table), kernel());
      return [conv1d(embedding(ids, table), kernel()), alone];
    });
    expect(all?.slice(-10 * 33)).toEqual(last);
  });

  test("train to the same bytes with 1, 2, 3 and 5 threads, and leave nothing behind", async () => {
    const results: (readonly number[][])[] = [];
    for (const threads of [1, 2, 3, 5]) {
      await useSimd(threads);
      const make = (): tf.Tensor[] =>
        withGradients(
          (table, kernel, bias) => {
            const options = { activation: "relu", bias: bias as tf.Tensor1D } as const;
            const sequence = conv1d(
              embedding(idsOf(20, 40, 300), table as tf.Tensor2D),
              kernel as tf.Tensor3D,
              options,
            );
            return globalMaxPooling1d(sequence);
          },
          [randomTensor([300, 24], 1), randomTensor([5, 24, 70], 2), randomTensor([70], 3)],
        );
      results.push(await valuesOn("simd", make));
      expect(simdMemory()?.used).toBe(0);
    }
    const [first, ...others] = results;
    for (const other of others) expect(other).toEqual(first);
  });
});

describe("gradients are those of finite differences", () => {
  const image = (): tf.Tensor => randomTensor([2, 5, 4, 3], 1);
  const cases: Readonly<Record<string, readonly [Apply, () => tf.Tensor[]]>> = {
    "conv2d with dilation": [
      (x, k, b) =>
        conv2d(x as tf.Tensor4D, k as tf.Tensor4D, { dilation: [2, 1], padding: "same", bias: b as tf.Tensor1D }),
      () => [image(), randomTensor([2, 3, 3, 4], 2), randomTensor([4], 3)],
    ],
    "conv2d with strides": [
      (x, k) => conv2d(x as tf.Tensor4D, k as tf.Tensor4D, { strides: [3, 2] }),
      () => [image(), randomTensor([2, 2, 3, 5], 2)],
    ],
    depthwiseConv2d: [
      (x, k) => depthwiseConv2d(x as tf.Tensor4D, k as tf.Tensor4D, { strides: [2, 2], padding: "same" }),
      () => [image(), randomTensor([3, 2, 3, 2], 2)],
    ],
    "averagePooling2d at edges": [
      (x) => averagePooling2d(x as tf.Tensor4D, { size: [3, 2], strides: [2, 1], padding: "same" }),
      () => [image()],
    ],
    globalAveragePooling2d: [(x) => globalAveragePooling2d(x as tf.Tensor4D), () => [image()]],
  };
  for (const [name, [apply, inputs]] of Object.entries(cases)) {
    test.each(["cpu", "simd"])(`of ${name} on %s`, async (backend) => {
      await tf.setBackend(backend);
      const before = tf.memory().numTensors;
      let worst = Number.NaN;
      tf.tidy(() => {
        worst = worstSlope(apply, inputs());
      });
      expect(worst).toBeLessThan(1e-4);
      expect(tf.memory().numTensors).toBe(before);
    });
  }
});

describe("pooling", () => {
  const pools: Readonly<Record<string, Apply>> = {
    maxPooling1d: (x) => maxPooling1d(x as tf.Tensor3D, 3, 2, "same"),
    averagePooling1d: (x) => averagePooling1d(x as tf.Tensor3D, 3, 2, "same"),
    globalMaxPooling1d: (x) => globalMaxPooling1d(x as tf.Tensor3D),
    "globalMaxPooling1d with a mask": (x) =>
      globalMaxPooling1d(x as tf.Tensor3D, tf.tensor2d([1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1], [2, 7], "bool")),
  };
  for (const [name, apply] of Object.entries(pools)) {
    test(`${name} agrees between backends, with its gradient`, async () => {
      const make = (): tf.Tensor[] => withGradients(apply, [randomTensor([2, 7, 21], 1)]);
      expect(await differenceFromCpu(make)).toBeLessThan(1e-6);
    });
  }

  test.each(["valid", "same"] as const)("of images with %s edges agrees between backends", async (padding) => {
    const options = { size: [3, 2], strides: [2, 3], padding } as const;
    const make = (): tf.Tensor[] =>
      [maxPooling2d, averagePooling2d].flatMap((pool) =>
        withGradients((x) => pool(x as tf.Tensor4D, options), [randomTensor([2, 7, 6, 5], 1)]),
      );
    expect(await differenceFromCpu(make)).toBeLessThan(1e-6);
  });

  test("over everything is the maximum, with zeros where no step counts", async () => {
    const [rows, masked, image] = await valuesOn("simd", () => {
      const x = tf.tensor3d([-1, -2, -3, -4, -5, -6, -7, -8], [2, 4, 1]);
      const mask = tf.tensor2d([0, 0, 1, 1, 0, 0, 0, 0], [2, 4], "bool");
      return [globalMaxPooling1d(x), globalMaxPooling1d(x, mask), globalMaxPooling2d(tf.reshape(x, [2, 2, 2, 1]))];
    });
    expect(rows).toEqual([-1, -5]);
    expect(masked?.map((value) => value + 0)).toEqual([-3, 0]);
    expect(image).toEqual([-1, -5]);
  });
});

describe("inputs that do not fit", () => {
  test("are refused with what was expected and received", async () => {
    await tf.setBackend("simd");
    const wrong = (): tf.Tensor => conv1d(tf.zeros([2, 9, 4]), tf.zeros([3, 5, 6]));
    expect(() => tf.tidy(wrong)).toThrow(
      "conv1d: x must have the rank of the kernel [3,5,6] and 5 channels. Received: [2,9,4]",
    );
  });
});
