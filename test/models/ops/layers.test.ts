import {
  dense,
  embedding,
  globalAveragePooling1d,
  sigmoidCrossEntropy,
  softmaxCrossEntropy,
} from "@seqloom/models/ops";
import { disposeSimd } from "@seqloom/simd";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { difference, differenceFromCpu, randomTensor, useSimd, valuesOn } from "../../simd/support.js";

beforeAll(() => useSimd());
afterAll(disposeSimd);

/** A function's value and its gradients by all its inputs. */
function withGradients(apply: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]): tf.Tensor[] {
  const value = apply(...inputs);
  const weights = randomTensor(value.shape, 99);
  return [value, ...tf.grads((...given) => tf.sum(tf.mul(apply(...given), weights)))(inputs)];
}

describe("dense", () => {
  for (const activation of ["linear", "relu", "sigmoid", "tanh"] as const) {
    test.each([[[4, 3]], [[2, 5, 3]], [[1, 3]], [[0, 3]]])(
      `${activation} of %j agrees between backends`,
      async (shape) => {
        const make = (): tf.Tensor[] =>
          withGradients(
            (x, w, b) => dense(x as tf.Tensor, w as tf.Tensor2D, b as tf.Tensor1D, activation),
            [randomTensor(shape, 1), randomTensor([3, 17], 2), randomTensor([17], 3)],
          );
        expect(await differenceFromCpu(make)).toBeLessThan(1e-5);
      },
    );
  }

  test("is x W + b, and its gradients are those of the stock operations", async () => {
    const inputs = (): tf.Tensor[] => [randomTensor([6, 3], 1), randomTensor([3, 5], 2), randomTensor([5], 3)];
    const ours = await valuesOn("simd", () =>
      withGradients((x, w, b) => dense(x as tf.Tensor, w as tf.Tensor2D, b as tf.Tensor1D, "sigmoid"), inputs()),
    );
    const stock = await valuesOn("cpu", () =>
      withGradients(
        (x, w, b) => tf.sigmoid(tf.add(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D), b as tf.Tensor)),
        inputs(),
      ),
    );
    for (const [i, values] of ours.entries()) expect(difference(values, stock[i] ?? [])).toBeLessThan(1e-5);
  });

  test("says what its last dimension must be", async () => {
    await tf.setBackend("simd");
    const wrong = (): tf.Tensor => dense(tf.zeros([2, 4]), tf.zeros([3, 5]));
    expect(() => tf.tidy(wrong)).toThrow("dense: x must have 3 as its last dimension. Received: [2,4]");
  });
});

describe("embedding", () => {
  test("takes rows, and adds up the gradients of rows taken twice", async () => {
    const make = (): tf.Tensor[] => {
      const ids = tf.tensor2d(
        [
          [0, 3, 3],
          [1, 0, 3],
        ],
        [2, 3],
        "int32",
      );
      return withGradients((table) => embedding(ids, table as tf.Tensor2D), [randomTensor([5, 7], 1)]);
    };
    expect(await differenceFromCpu(make)).toBeLessThan(1e-6);
    const [, gradient] = await valuesOn("simd", make);
    expect(gradient?.slice(14, 21)).toEqual(new Array(7).fill(0)); // row 2 is never taken
  });
});

describe("softmax cross-entropy", () => {
  test.each([
    [1, 2],
    [5, 3],
    [40, 130],
  ])("of %i rows of %i agrees between backends, with weights", async (rows, classes) => {
    const make = (): tf.Tensor[] => {
      const labels = tf.tensor1d(
        Array.from({ length: rows }, (_, i) => (i * 7) % classes),
        "int32",
      );
      const weights = tf.abs(randomTensor([rows], 2)) as tf.Tensor1D;
      const apply = (logits: tf.Tensor): tf.Tensor => softmaxCrossEntropy(logits as tf.Tensor2D, labels, weights);
      return withGradients((logits) => apply(logits as tf.Tensor), [tf.mul(randomTensor([rows, classes], 1), 9)]);
    };
    expect(await differenceFromCpu(make)).toBeLessThan(1e-5);
  });

  test("does not overflow, and is 0 for a sure and right answer", async () => {
    const [values] = await valuesOn("simd", () => [
      softmaxCrossEntropy(
        tf.tensor2d([
          [1000, -1000],
          [1000, -1000],
        ]),
        tf.tensor1d([0, 1], "int32"),
      ),
    ]);
    expect(values).toEqual([0, 2000]);
  });

  test("says when labels do not fit", async () => {
    await tf.setBackend("simd");
    const wrong = (): tf.Tensor => softmaxCrossEntropy(tf.zeros([3, 2]), tf.zeros<tf.Rank.R1>([4], "int32"));
    expect(() => tf.tidy(wrong)).toThrow(
      "softmaxCrossEntropy: 3 rows of logits need as many labels and weights. Received: 4 and none",
    );
  });
});

describe("sigmoid cross-entropy", () => {
  test("agrees between backends and does not overflow", async () => {
    const make = (): tf.Tensor[] => {
      const targets = tf.tensor2d([
        [0, 1],
        [1, 0.3],
      ]);
      return withGradients(
        (z) => sigmoidCrossEntropy(z as tf.Tensor, targets),
        [
          tf.tensor2d([
            [500, 500],
            [-500, 0.2],
          ]),
        ],
      );
    };
    expect(await differenceFromCpu(make)).toBeLessThan(1e-6);
    const [values] = await valuesOn("simd", make);
    expect(values?.slice(0, 3)).toEqual([500, 0, 500]);
  });
});

describe("global average pooling", () => {
  test("is the mean of the steps that count, and zeros where none does", async () => {
    const make = (): tf.Tensor[] => {
      const mask = tf.tensor2d(
        [
          [1, 1, 0],
          [0, 0, 0],
        ],
        [2, 3],
        "bool",
      );
      const x = randomTensor([2, 3, 5], 1);
      return withGradients((y) => globalAveragePooling1d(y as tf.Tensor3D, mask), [x]);
    };
    expect(await differenceFromCpu(make)).toBeLessThan(1e-6);
    const [values] = await valuesOn("simd", make);
    expect(values?.slice(5)).toEqual([0, 0, 0, 0, 0]);
  });

  test("without a mask is the plain mean", async () => {
    const make = (): tf.Tensor[] =>
      withGradients((y) => globalAveragePooling1d(y as tf.Tensor3D), [randomTensor([2, 3, 5], 1)]);
    expect(await differenceFromCpu(make)).toBeLessThan(1e-6);
  });
});
