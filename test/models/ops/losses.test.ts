import { Random, rootSeed } from "@seqloom/core";
import {
  huber,
  logUniformCandidates,
  meanAbsoluteError,
  meanSquaredError,
  negativeSamplingLoss,
  powerCandidates,
  sampledSoftmaxLoss,
  sigmoidCrossEntropy,
  softmaxCrossEntropy,
  softmaxDivergence,
} from "@seqloom/models/ops";
import { disposeSimd, registerSimdBackend, simdMemory } from "@seqloom/simd";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { difference, differenceFromCpu, randomFloats, randomTensor, useSimd, valuesOn } from "../../simd/support.js";

beforeAll(() => useSimd());
beforeEach(() => tf.setBackend("simd").then(() => undefined));
afterAll(disposeSimd);

const [ROWS, CLASSES] = [67, 7] as const;

const outputs = (): tf.Tensor2D => tf.mul(randomTensor([ROWS, CLASSES], 1), 6);
const labels = (): tf.Tensor1D =>
  tf.tensor1d(
    Int32Array.from({ length: ROWS }, (_, i) => (i * 5) % CLASSES),
    "int32",
  );
const weights = (): tf.Tensor1D => tf.tensor1d(randomFloats(ROWS, 2).map((value, i) => (i % 4 === 0 ? 0 : value + 2)));
/** Rows that add up to 1; some entries are 0. */
const distributions = (): tf.Tensor2D => {
  const raw = tf.relu(randomTensor([ROWS, CLASSES], 3)) as tf.Tensor2D;
  const some = tf.add(raw, tf.oneHot(labels(), CLASSES, 0.5, 0, "float32")) as tf.Tensor2D;
  return tf.div(some, tf.sum(some, 1, true));
};
const targets = (): tf.Tensor2D => randomTensor([ROWS, CLASSES], 4) as tf.Tensor2D;

type Loss = (outputs: tf.Tensor2D, weights?: tf.Tensor1D) => tf.Tensor1D;

const LOSSES: readonly [string, Loss][] = [
  ["sparse cross-entropy", (z, w) => softmaxCrossEntropy(z, labels(), w)],
  ["sparse cross-entropy, smoothed", (z, w) => softmaxCrossEntropy(z, labels(), w, { labelSmoothing: 0.2 })],
  ["dense cross-entropy", (z, w) => softmaxCrossEntropy(z, distributions(), w)],
  ["dense cross-entropy, smoothed", (z, w) => softmaxCrossEntropy(z, distributions(), w, { labelSmoothing: 0.1 })],
  ["divergence", (z, w) => softmaxDivergence(z, distributions(), w)],
  ["binary cross-entropy", (z, w) => binary(z, w, 0)],
  ["binary cross-entropy, smoothed", (z, w) => binary(z, w, 0.3)],
  ["squared error", (y, w) => meanSquaredError(y, targets(), w)],
  ["absolute error", (y, w) => meanAbsoluteError(y, targets(), w)],
  ["Huber's loss", (y, w) => huber(y, targets(), w, { delta: 1.5 })],
];

/** Of the first column, so that there is one entry per row. */
function binary(z: tf.Tensor2D, w: tf.Tensor1D | undefined, labelSmoothing: number): tf.Tensor1D {
  const first = tf.reshape(tf.slice(z, [0, 0], [ROWS, 1]), [ROWS]) as tf.Tensor1D;
  const wanted = tf.reshape(tf.slice(distributions(), [0, 0], [ROWS, 1]), [ROWS]) as tf.Tensor1D;
  return sigmoidCrossEntropy(first, wanted, w, { labelSmoothing });
}

/** Losses, and the gradient of them with a dy of their own for each row. */
function everything(loss: Loss, weighted: boolean): tf.Tensor[] {
  const given = weighted ? weights() : undefined;
  const dy = tf.tensor1d(randomFloats(ROWS, 5));
  return [loss(outputs(), given), tf.grad((y) => tf.sum(tf.mul(loss(y as tf.Tensor2D, given), dy)))(outputs())];
}

describe.each(LOSSES)("%s", (_, loss) => {
  test("is the same as by stock operations, with its gradient, with weights and without", async () => {
    for (const weighted of [false, true]) {
      expect(await differenceFromCpu(() => everything(loss, weighted))).toBeLessThan(1e-5);
    }
  });

  test("has the gradient that small changes show", () => {
    tf.tidy(() => {
      const gradient = tf
        .grad((y) => tf.sum(loss(y as tf.Tensor2D)))(outputs())
        .dataSync();
      const at = outputs().dataSync();
      for (let i = 0; i < 40; i += 3) {
        const total = (by: number): number => {
          const moved = Float32Array.from(at, (value, k) => (k === i ? value + by : value));
          return loss(tf.tensor2d(moved, [ROWS, CLASSES])).dataSync()[Math.floor(i / CLASSES)] as number;
        };
        expect(gradient[i]).toBeCloseTo((total(0.01) - total(-0.01)) / 0.02, 2);
      }
    });
  });

  test("counts a row of weight 0 as 0, whatever is in it", async () => {
    const w = tf.tensor1d(Float32Array.from({ length: ROWS }, (_unused, row) => (row === 1 ? 0 : 1)));
    const spoilt = Float32Array.from(outputs().dataSync(), (value, i) =>
      Math.floor(i / CLASSES) === 1 ? Number.NaN : value,
    );
    tf.tidy(() => {
      const y = tf.tensor2d(spoilt, [ROWS, CLASSES]);
      const { value, grad } = tf.valueAndGrad((x) => tf.sum(loss(x as tf.Tensor2D, w)))(y);
      expect(Number.isFinite(value.dataSync()[0])).toBe(true);
      const gradient = grad.dataSync();
      expect(Array.from(gradient.subarray(CLASSES, 2 * CLASSES))).toEqual(new Array(CLASSES).fill(0));
    });
    w.dispose();
  });

  test("gives the same bytes with 1, 2, 3 and 5 threads, and leaves nothing in the memory", async () => {
    const results: unknown[] = [];
    for (const threads of [1, 2, 3, 5]) {
      await registerSimdBackend({ threads });
      results.push(await valuesOn("simd", () => everything(loss, true)));
      expect(simdMemory()?.used).toBe(0);
    }
    for (const result of results.slice(1)) expect(result).toEqual(results[0]);
  });
});

describe("losses by hand", () => {
  const near = async (make: () => tf.Tensor, expected: readonly number[]): Promise<void> => {
    const [values] = await valuesOn("simd", () => [make()]);
    expect(difference(values ?? [], expected)).toBeLessThan(1e-5);
  };

  test("cross-entropy of smoothed labels is Keras'", async () => {
    // p = [0.25, 0.75]; the smoothed targets of label 1 are [0.1, 0.9].
    const z = (): tf.Tensor2D => tf.tensor2d([[0, Math.log(3)]]);
    const expected = [-0.1 * Math.log(0.25) - 0.9 * Math.log(0.75)];
    const label = (): tf.Tensor1D => tf.tensor1d([1], "int32");
    await near(() => softmaxCrossEntropy(z(), label(), undefined, { labelSmoothing: 0.2 }), expected);
    const dense = (): tf.Tensor2D => tf.tensor2d([[0, 1]]);
    await near(() => softmaxCrossEntropy(z(), dense(), undefined, { labelSmoothing: 0.2 }), expected);
    await near(() => softmaxDivergence(z(), tf.tensor2d([[0.5, 0.5]])), [0.5 * Math.log(2) + 0.5 * Math.log(2 / 3)]);
    await near(
      () => sigmoidCrossEntropy(tf.tensor1d([Math.log(3)]), tf.tensor1d([1]), undefined, { labelSmoothing: 0.2 }),
      [-0.9 * Math.log(0.75) - 0.1 * Math.log(0.25)],
    );
  });

  test("errors are means over the width of a row", async () => {
    const [y, t] = [() => tf.tensor2d([[1, 4]]), () => tf.tensor2d([[0.5, 1]])];
    await near(() => meanSquaredError(y(), t()), [(0.25 + 9) / 2]);
    await near(() => meanAbsoluteError(y(), t()), [(0.5 + 3) / 2]);
    await near(() => huber(y(), t()), [(0.125 + 2.5) / 2]);
    await near(() => huber(y(), t(), undefined, { delta: 2 }), [(0.125 + 2 * 2) / 2]);
    await near(() => meanSquaredError(y(), t(), tf.tensor1d([2])), [9.25]);
  });

  test("do not overflow for logits that are very sure", async () => {
    await near(() => softmaxCrossEntropy(tf.tensor2d([[1000, -1000]]), tf.tensor1d([1], "int32")), [2000]);
    await near(() => softmaxDivergence(tf.tensor2d([[1000, -1000]]), tf.tensor2d([[0, 1]])), [2000]);
    await near(() => sigmoidCrossEntropy(tf.tensor1d([1000, -1000]), tf.tensor1d([0, 0])), [1000, 0]);
  });

  test("say what does not fit", () => {
    const y = tf.zeros([2, 3]) as tf.Tensor2D;
    expect(() => meanSquaredError(y, tf.zeros([2, 2]))).toThrow("outputs have the shape [2,3] and targets [2,2]");
    expect(() => huber(y, y, tf.zeros([3]))).toThrow("2 rows of outputs need as many targets and weights");
    expect(() => sigmoidCrossEntropy<tf.Tensor>(y, tf.zeros([2]))).toThrow(
      "sigmoidCrossEntropy: outputs have the shape",
    );
    y.dispose();
  });
});

describe("losses over some of many classes", () => {
  const [rows, width, classes] = [5, 4, 30] as const;
  const layer = (): tf.Tensor[] => [
    randomTensor([rows, width], 1),
    randomTensor([classes, width], 2),
    randomTensor([classes], 3),
  ];
  const own = Int32Array.of(3, 0, 29, 3, 7);
  const given = ([inputs, kernel, bias]: readonly tf.Tensor[]) => ({
    ...{ inputs: inputs as tf.Tensor2D, weights: kernel as tf.Tensor2D, bias: bias as tf.Tensor1D, labels: own },
  });
  const candidates = logUniformCandidates(new Random(rootSeed(1)), classes, 8);
  const negatives = Int32Array.from({ length: rows * 3 }, (_, i) => (i * 7) % classes);
  const losses = {
    sampledSoftmaxLoss: (all: readonly tf.Tensor[]) => sampledSoftmaxLoss(given(all), candidates),
    negativeSamplingLoss: (all: readonly tf.Tensor[]) => negativeSamplingLoss(given(all), negatives),
  };

  test.each(Object.entries(losses))(
    "%s agrees between backends, with gradients by inputs, weights and bias",
    async (_, loss) => {
      const make = (): tf.Tensor[] => [loss(layer()), ...tf.grads((...all) => tf.sum(loss(all)))(layer())];
      expect(await differenceFromCpu(make)).toBeLessThan(1e-5);
    },
  );

  test("the sampled softmax over every class once is the softmax", async () => {
    const all = { ids: Int32Array.from({ length: classes }, (_, id) => id), logExpected: () => 0 };
    const [sampled, whole] = await valuesOn("simd", () => {
      const [inputs, kernel, bias] = layer() as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
      const logits = tf.add(tf.matMul(inputs, kernel, false, true), bias) as tf.Tensor2D;
      return [sampledSoftmaxLoss(given(layer()), all), softmaxCrossEntropy(logits, tf.tensor1d(own, "int32"))];
    });
    expect(difference(sampled ?? [], whole ?? [])).toBeLessThan(1e-5);
  });

  test("negative sampling is a logistic regression of own against drawn classes", async () => {
    const [losses5] = await valuesOn("simd", () => [losses.negativeSamplingLoss(layer())]);
    const [inputs, kernel, bias] = layer().map((tensor) => Array.from(tensor.dataSync())) as [
      number[],
      number[],
      number[],
    ];
    const logit = (row: number, id: number): number =>
      (bias[id] as number) +
      Array.from(
        { length: width },
        (_, i) => (inputs[row * width + i] as number) * (kernel[id * width + i] as number),
      ).reduce((a, b) => a + b);
    const softplus = (x: number): number => Math.log(1 + Math.exp(x));
    const expected = Array.from(own, (id, row) =>
      [0, 1, 2].reduce(
        (sum, k) => sum + softplus(logit(row, negatives[row * 3 + k] as number)),
        softplus(-logit(row, id)),
      ),
    );
    expect(difference(losses5 ?? [], expected)).toBeLessThan(1e-5);
  });

  test("draws classes as often as it says", () => {
    const random = new Random(rootSeed(2));
    const counts = [1, 16, 0, 81];
    for (const { ids, logExpected } of [
      logUniformCandidates(random, 4, 40_000),
      powerCandidates(random, counts, 40_000),
    ]) {
      for (const id of [0, 1, 3]) {
        const seen = ids.reduce((sum, drawn) => sum + (drawn === id ? 1 : 0), 0);
        expect(Math.abs(seen / Math.exp(logExpected(id)) - 1)).toBeLessThan(0.1);
      }
    }
    const { ids, logExpected } = powerCandidates(random, counts, 1000);
    expect(ids.includes(2)).toBe(false);
    // 1, 8, 0 and 27 of 36.
    expect(Math.exp(logExpected(1))).toBeCloseTo((1000 * 8) / 36, 6);
    expect(() => powerCandidates(random, [0, 0], 1)).toThrow("at least one class must occur");
  });
});
