import { batchNorm, batchNormInference, gelu, layerNorm, rmsNorm } from "@seqloom/models/ops";
import { disposeSimd } from "@seqloom/simd";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { difference, differenceFromCpu, randomFloats, randomTensor, useSimd, valuesOn } from "../../simd/support.js";
import { expectTrueGradients, valuesAndGradients } from "./gradients.js";

beforeAll(() => useSimd());
afterAll(disposeSimd);

const weights = (shape: readonly number[]): tf.Tensor => randomTensor(shape, 31);
const steps = (shape: [number, number]): tf.Tensor2D =>
  tf.tensor2d(
    Array.from(randomFloats(shape[0] * shape[1], 17), (value) => (value > -0.3 ? 1 : 0)),
    shape,
    "bool",
  );

/** x, gamma and beta of a shape. */
function parametersOf(shape: readonly number[]): [tf.Tensor, tf.Tensor1D, tf.Tensor1D] {
  const width = shape.at(-1) as number;
  const x = tf.add(tf.mul(randomTensor(shape, 1), 2), 3);
  return [x, tf.add(randomTensor([width], 2), 1.5) as tf.Tensor1D, randomTensor([width], 3) as tf.Tensor1D];
}

const shapes = fc
  .tuple(fc.array(fc.integer({ min: 1, max: 11 }), { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 70 }))
  .map(([outer, width]) => [...outer, width]);

describe("normalisation of rows", () => {
  test("gives the outputs and gradients of the composed one on the cpu backend", async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.boolean(), async (shape, offset) => {
        const layer = (): tf.Tensor[] => {
          const [x, gamma, beta] = parametersOf(shape);
          const own = offset ? [beta] : [];
          const make = (...given: tf.Tensor[]): tf.Tensor[] => [
            layerNorm(given[0] as tf.Tensor, given[1] as tf.Tensor1D, given[2] as tf.Tensor1D | undefined, 0.1),
          ];
          return valuesAndGradients(make, [x, gamma, ...own], weights);
        };
        expect(await differenceFromCpu(layer)).toBeLessThan(1e-4);
        const root = (): tf.Tensor[] => {
          const [x, gamma] = parametersOf(shape);
          const make = (...given: tf.Tensor[]): tf.Tensor[] => [
            rmsNorm(given[0] as tf.Tensor, given[1] as tf.Tensor1D),
          ];
          return valuesAndGradients(make, [x, gamma], weights);
        };
        expect(await differenceFromCpu(root)).toBeLessThan(1e-4);
      }),
      { numRuns: 40, seed: 2 },
    );
  });

  test("makes rows of mean 0 and variance 1", async () => {
    await tf.setBackend("simd");
    const values = tf.tidy(() => {
      const x = tf.add(tf.mul(randomTensor([40, 33], 4), 5), 100);
      const y = layerNorm(x, tf.ones([33]), tf.zeros([33]), 1e-6);
      return [tf.mean(y, 1), tf.mean(tf.square(y), 1)].map((t) => Array.from(t.dataSync()));
    });
    for (const mean of values[0] as number[]) expect(Math.abs(mean)).toBeLessThan(1e-4);
    for (const square of values[1] as number[]) expect(Math.abs(square - 1)).toBeLessThan(1e-4);
  });

  test("has gradients that finite differences confirm", async () => {
    await tf.setBackend("simd");
    const [x, gamma, beta] = parametersOf([3, 5, 7]);
    const loss = (...[a, g, b]: tf.Tensor[]): tf.Scalar =>
      tf.sum(tf.mul(layerNorm(a as tf.Tensor, g as tf.Tensor1D, b as tf.Tensor1D), weights([3, 5, 7])));
    expectTrueGradients(loss, [x, gamma, beta]);
    const root = (...[a, g]: tf.Tensor[]): tf.Scalar =>
      tf.sum(tf.mul(rmsNorm(a as tf.Tensor, g as tf.Tensor1D), weights([3, 5, 7])));
    expectTrueGradients(root, [x, gamma]);
    tf.dispose([x, gamma, beta]);
  });

  test("of constant rows is finite, forward and backward", async () => {
    const [y, dx] = await valuesOn("simd", () => {
      const f = (x: tf.Tensor): tf.Tensor => layerNorm(x, tf.ones([6]), tf.zeros([6]));
      return [f(tf.ones([4, 6])), tf.grad(f)(tf.ones([4, 6]))];
    });
    expect(y).toEqual(new Array(24).fill(0));
    expect(dx?.every(Number.isFinite)).toBe(true);
  });

  test("takes no rows", async () => {
    await tf.setBackend("simd");
    const shapesOf = tf.tidy(() => {
      const gradients = tf.grads((x, g, b) => layerNorm(x as tf.Tensor, g as tf.Tensor1D, b as tf.Tensor1D));
      return gradients([tf.zeros([0, 5]), tf.ones([5]), tf.zeros([5])]).map((t) => [t.shape, Array.from(t.dataSync())]);
    });
    expect(shapesOf).toEqual([
      [[0, 5], []],
      [[5], [0, 0, 0, 0, 0]],
      [[5], [0, 0, 0, 0, 0]],
    ]);
  });

  test("says which parameter does not fit", () => {
    expect(() => layerNorm(tf.ones([2, 3]), tf.ones([4]))).toThrow(
      "layerNorm: gamma must have the shape [3]. Received: [4]",
    );
  });
});

describe("normalisation by a batch", () => {
  test.each([
    [[1, 1], false],
    [[7, 5], false],
    [[300, 13], false],
    [[9, 40, 6], true],
    [[2, 150, 17], true],
  ] as const)("of %j, masked %s, agrees with the cpu backend", async (shape, masked) => {
    const make = (): tf.Tensor[] => {
      const mask = masked ? steps([shape[0], shape[1]]) : undefined;
      const outputs = (...given: tf.Tensor[]): tf.Tensor[] => {
        const [x, gamma, beta] = given as [tf.Tensor, tf.Tensor1D, tf.Tensor1D];
        const { output, mean, variance } = batchNorm(x, gamma, beta, mask);
        return [output, mean, variance, batchNormInference(x, gamma, tf.abs(gamma), beta, undefined)];
      };
      return valuesAndGradients(outputs, parametersOf(shape), weights);
    };
    expect(await differenceFromCpu(make)).toBeLessThan(1e-4);
  });

  test("has gradients that finite differences confirm", async () => {
    await tf.setBackend("simd");
    const parameters = parametersOf([4, 6, 5]);
    const mask = steps([4, 6]);
    for (const own of [undefined, mask]) {
      const loss = (...[x, gamma, beta]: tf.Tensor[]): tf.Scalar => {
        const { output } = batchNorm(x as tf.Tensor, gamma as tf.Tensor1D, beta as tf.Tensor1D, own, 0.01);
        return tf.sum(tf.mul(output, weights([4, 6, 5])));
      };
      expectTrueGradients(loss, parameters);
    }
    tf.dispose([...parameters, mask]);
  });

  test("with a mask of zeros is finite", async () => {
    const values = await valuesOn("simd", () => {
      const mask = tf.zeros([3, 4], "bool");
      const [x, gamma, beta] = parametersOf([3, 4, 5]);
      const { output, mean, variance } = batchNorm(x, gamma, beta, mask);
      return [output, mean, variance, tf.grad((given) => batchNorm(given, gamma, beta, mask).output)(x)];
    });
    expect(values.flat().every(Number.isFinite)).toBe(true);
    expect(values[1]).toEqual([0, 0, 0, 0, 0]);
  });

  test("keeps its precision far from zero", async () => {
    const [variance] = await valuesOn("simd", () => {
      const x = tf.add(tf.mul(randomTensor([1000, 3], 5), 0.5), 1000);
      return [batchNorm(x, tf.ones([3]), tf.zeros([3])).variance];
    });
    for (const value of variance as number[]) expect(Math.abs(value - 1 / 12)).toBeLessThan(0.01);
  });
});

describe("the Gaussian error linear unit", () => {
  test("is x times the probability of less, to 1e-6, from -12 to 12", async () => {
    // Reference values of the error function by its series and its continued fraction, in double precision.
    const erf = (x: number): number => {
      if (Math.abs(x) > 3) {
        let fraction = 0;
        for (let n = 60; n > 0; n--) fraction = n / 2 / (Math.abs(x) + fraction);
        return Math.sign(x) * (1 - Math.exp(-x * x) / Math.sqrt(Math.PI) / (Math.abs(x) + fraction));
      }
      let [term, sum] = [x, x];
      for (let n = 1; n < 80; n++) {
        term *= (-x * x) / n;
        sum += term / (2 * n + 1);
      }
      return (2 / Math.sqrt(Math.PI)) * sum;
    };
    const xs = Float32Array.from({ length: 4801 }, (_, i) => (i - 2400) / 200);
    const [ours, slopes] = await valuesOn("simd", () => [
      gelu(tf.tensor1d(xs)),
      tf.grad((x) => gelu(x))(tf.tensor1d(xs)),
    ]);
    const expected = Array.from(xs, (x) => (x / 2) * (1 + erf(x / Math.SQRT2)));
    const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
    const slope = Array.from(xs, (x) => (1 + erf(x / Math.SQRT2)) / 2 + x * density(x));
    expect(difference(ours as number[], expected)).toBeLessThan(1e-6);
    expect(difference(slopes as number[], slope)).toBeLessThan(1e-6);
  });

  test.each([false, true])("agrees with the cpu backend, by tanh %s", async (approximate) => {
    const make = (): tf.Tensor[] => {
      const x = tf.mul(randomTensor([3, 70], 6), 6);
      return valuesAndGradients((given) => [gelu(given as tf.Tensor, approximate)], [x], weights);
    };
    expect(await differenceFromCpu(make)).toBeLessThan(2e-6);
  });
});
