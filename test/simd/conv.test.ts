import { disposeSimd, simdMemory } from "@seqloom/simd";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { difference, differenceFromCpu, randomTensor, useSimd, valuesOn } from "./support.js";

beforeAll(() => useSimd());
afterAll(disposeSimd);

type Shape4 = [number, number, number, number];

/** A convolution to try. */
interface Case {
  readonly x: Shape4;
  readonly kernel: Shape4;
  readonly strides: [number, number];
  readonly dilations: [number, number];
  readonly pad: "same" | "valid";
  /** One number in so many of dy is not 0. */
  readonly every: number;
}

const side = fc.integer({ min: 1, max: 9 });
const channels = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 35 }));

const cases: fc.Arbitrary<Case> = fc
  .record({
    batch: fc.integer({ min: 1, max: 3 }),
    sides: fc.tuple(side, side),
    window: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    inputs: channels,
    outputs: channels,
    steps: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
    dilated: fc.boolean(),
    pad: fc.constantFrom("same" as const, "valid" as const),
    every: fc.constantFrom(1, 40),
  })
  .map(({ batch, sides, window, inputs, outputs, steps, dilated, pad, every }) => {
    const one: [number, number] = [1, 1];
    const dilations = dilated ? (steps.map((step) => Math.min(step, 3)) as [number, number]) : one;
    const reach = (i: 0 | 1): number => sides[i] + (pad === "valid" ? (window[i] - 1) * dilations[i] : 0);
    return {
      x: [batch, reach(0), reach(1), inputs],
      kernel: [...window, inputs, outputs],
      strides: dilated ? one : steps,
      dilations,
      pad,
      every,
    };
  });

/** Random numbers of which only one in so many is not 0. */
function thinned(shape: readonly number[], seed: number, every: number): tf.Tensor {
  const values = randomTensor(shape, seed).dataSync();
  return tf.tensor(
    values.map((value, i) => (i % every === 0 ? value : 0)),
    [...shape],
  );
}

/** The kernel with zeros between its taps, which makes of a dilated convolution a plain one. */
function spread(kernel: tf.Tensor, [down, across]: readonly [number, number]): tf.Tensor {
  const [h, w, inputs, outputs] = kernel.shape as Shape4;
  const padded = tf.pad(tf.reshape(kernel, [h, 1, w, 1, inputs * outputs]), [
    [0, 0],
    [0, down - 1],
    [0, 0],
    [0, across - 1],
    [0, 0],
  ]);
  const whole = tf.reshape(padded, [h * down, w * across, inputs, outputs]);
  return tf.slice(whole, [0, 0, 0, 0], [(h - 1) * down + 1, (w - 1) * across + 1, inputs, outputs]);
}

/** The value of a convolution and its gradients, by the kernel that knows dilation where there is one. */
function convolve(c: Case): tf.Tensor[] {
  const fused = tf.getBackend() === "simd";
  const apply = (x: tf.Tensor, filter: tf.Tensor): tf.Tensor =>
    fused
      ? (tf.engine().runKernel("SeqloomConv2D", { x, filter }, { ...c }) as tf.Tensor)
      : tf.conv2d(x as tf.Tensor4D, spread(filter, c.dilations) as tf.Tensor4D, c.strides, c.pad);
  const inputs = [randomTensor(c.x, 1), randomTensor(c.kernel, 2)];
  const value = apply(inputs[0] as tf.Tensor, inputs[1] as tf.Tensor);
  const weights = thinned(value.shape, 3, c.every);
  const loss = (...given: tf.Tensor[]): tf.Tensor =>
    tf.sum(tf.mul(apply(given[0] as tf.Tensor, given[1] as tf.Tensor), weights));
  return [value, ...tf.grads(loss)(inputs), tf.tensor1d(value.shape, "int32")];
}

describe("convolutions", () => {
  test("and their gradients agree with the cpu backend", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (c) => {
        expect(await differenceFromCpu(() => convolve(c))).toBeLessThan(1e-5);
      }),
      { numRuns: 150 },
    );
  });

  test.each([
    { x: [3, 1, 40, 64], kernel: [1, 5, 64, 48], strides: [1, 1], dilations: [1, 1], pad: "valid", every: 1 },
    { x: [3, 1, 40, 64], kernel: [1, 5, 64, 48], strides: [1, 1], dilations: [1, 1], pad: "valid", every: 100 },
    { x: [2, 1, 41, 30], kernel: [1, 4, 30, 33], strides: [1, 1], dilations: [1, 2], pad: "same", every: 60 },
    { x: [2, 1, 400, 3], kernel: [1, 7, 3, 17], strides: [1, 3], dilations: [1, 1], pad: "same", every: 1 },
    { x: [2, 1, 400, 3], kernel: [1, 7, 3, 17], strides: [1, 9], dilations: [1, 1], pad: "valid", every: 50 },
    { x: [4, 28, 28, 1], kernel: [3, 3, 1, 32], strides: [1, 1], dilations: [1, 1], pad: "valid", every: 1 },
    { x: [1, 15, 15, 20], kernel: [3, 3, 20, 130], strides: [2, 2], dilations: [1, 1], pad: "same", every: 1 },
    { x: [1, 15, 15, 20], kernel: [3, 3, 20, 130], strides: [2, 2], dilations: [1, 1], pad: "same", every: 70 },
    { x: [5, 9, 9, 20], kernel: [1, 1, 20, 10], strides: [2, 3], dilations: [1, 1], pad: "valid", every: 1 },
  ] as Case[])("of more than one block agree with the cpu backend: %j", async (c) => {
    expect(await differenceFromCpu(() => convolve(c))).toBeLessThan(3e-5);
  });

  test.each(["linear", "relu", "sigmoid", "tanh", "relu6"])("with a bias and %s are one kernel", async (activation) => {
    const attributes = { strides: [1, 1], pad: "same", dilations: [1, 1], dataFormat: "NHWC", activation };
    const make = (): tf.Tensor[] => {
      const [x, filter, bias] = [randomTensor([2, 6, 5, 7], 1), randomTensor([3, 2, 7, 18], 2), randomTensor([18], 3)];
      if (tf.getBackend() !== "cpu" || activation !== "tanh") {
        return [tf.engine().runKernel("FusedConv2D", { x, filter, bias }, attributes) as tf.Tensor];
      }
      return [tf.tanh(tf.add(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same"), bias))];
    };
    expect(await differenceFromCpu(make)).toBeLessThan(1e-5);
  });

  test.each([
    [[0, 5, 5, 2] as Shape4, [3, 3, 2, 4] as Shape4],
    [[2, 5, 5, 2] as Shape4, [3, 3, 2, 0] as Shape4],
  ])("of no images or no outputs give nothing, and zeros as gradients: %j by %j", async (x, kernel) => {
    const c: Case = { x, kernel, strides: [1, 1], dilations: [1, 1], pad: "same", every: 1 };
    const [value, dx, dk] = await valuesOn("simd", () => convolve(c));
    expect(value).toEqual([]);
    expect([...(dx ?? []), ...(dk ?? [])].every((number) => number === 0)).toBe(true);
  });

  test("the kernels of TensorFlow.js are overridden with all their gradients", async () => {
    const make = (): tf.Tensor[] => {
      const inputs = [randomTensor([2, 7, 6, 5], 1), randomTensor([3, 3, 5, 4], 2)];
      const apply = (x: tf.Tensor, k: tf.Tensor): tf.Tensor =>
        tf.conv2d(
          x as tf.Tensor4D,
          k as tf.Tensor4D,
          [2, 1],
          [
            [0, 0],
            [2, 1],
            [0, 3],
            [0, 0],
          ],
        );
      return tf.grads((x, k) => tf.sum(tf.square(apply(x as tf.Tensor, k as tf.Tensor))))(inputs);
    };
    expect(await differenceFromCpu(make)).toBeLessThan(1e-5);
  });
});

/** A pooling or depthwise convolution with its gradient. */
function windows(apply: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]): tf.Tensor[] {
  const value = apply(...inputs);
  const weights = randomTensor(value.shape, 9);
  return [value, ...tf.grads((...given) => tf.sum(tf.mul(apply(...given), weights)))(inputs)];
}

describe("pooling", () => {
  test("and its gradients agree with the cpu backend", async () => {
    await fc.assert(
      fc.asyncProperty(cases, fc.boolean(), async (c, rounded) => {
        const window: [number, number] = [c.kernel[0], c.kernel[1]];
        const make = (): tf.Tensor[] => {
          // Rounded, many numbers of a window are equal.
          const x = rounded ? tf.round(tf.mul(randomTensor(c.x, 1), 2)) : randomTensor(c.x, 1);
          const largest = windows((t) => tf.maxPool(t as tf.Tensor4D, window, c.strides, c.pad), [x]);
          const mean = (t: tf.Tensor): tf.Tensor => tf.avgPool(t as tf.Tensor4D, window, c.strides, c.pad);
          // At edges the gradient of the cpu backend is not that of its value.
          return [...largest, ...(c.pad === "valid" ? windows((t) => mean(t as tf.Tensor), [x]) : [mean(x)])];
        };
        expect(await differenceFromCpu(make)).toBeLessThan(1e-6);
      }),
      { numRuns: 100 },
    );
  });

  test("the gradient of a mean at an edge is that of finite differences", async () => {
    await tf.setBackend("simd");
    const loss = (x: tf.Tensor): tf.Tensor => {
      const y = tf.avgPool(x as tf.Tensor4D, 3, 2, "same");
      return tf.sum(tf.mul(y, randomTensor(y.shape, 4)));
    };
    tf.tidy(() => {
      const x = randomTensor([1, 4, 5, 3], 1);
      const gradient = tf.grad(loss)(x).dataSync();
      for (let i = 0; i < x.size; i++) {
        const one = tf.cast(tf.oneHot(tf.tensor1d([i], "int32"), x.size), "float32");
        const step = tf.reshape(tf.mul(one, 0.5), x.shape);
        const slope = tf.sub(loss(tf.add(x, step)), loss(tf.sub(x, step))).dataSync()[0] as number;
        expect(slope).toBeCloseTo(gradient[i] as number, 5);
      }
    });
  });
});

describe("depthwise convolutions", () => {
  test("and their gradients agree with the cpu backend", async () => {
    await fc.assert(
      fc.asyncProperty(cases, fc.integer({ min: 1, max: 5 }), async (c, multiplier) => {
        const stride = c.strides[0];
        const make = (): tf.Tensor[] => {
          const inputs = [randomTensor(c.x, 1), randomTensor([c.kernel[0], c.kernel[1], c.kernel[2], multiplier], 2)];
          const attributes = { strides: [stride, stride], pad: c.pad, dilations: c.dilations };
          const apply = (x: tf.Tensor, filter: tf.Tensor): tf.Tensor =>
            tf.getBackend() === "simd"
              ? (tf.engine().runKernel("SeqloomDepthwiseConv2D", { x, filter }, attributes) as tf.Tensor)
              : tf.depthwiseConv2d(x as tf.Tensor4D, spread(filter, c.dilations) as tf.Tensor4D, stride, c.pad);
          return windows((x, filter) => apply(x as tf.Tensor, filter as tf.Tensor), inputs);
        };
        expect(await differenceFromCpu(make)).toBeLessThan(1e-5);
      }),
      { numRuns: 80 },
    );
  });
});

test("the results are the same bytes with 1, 2, 3 and 5 threads, and nothing is left behind", async () => {
  const wide: Case = {
    x: [20, 1, 60, 32],
    kernel: [1, 5, 32, 64],
    strides: [1, 1],
    dilations: [1, 1],
    pad: "same",
    every: 1,
  };
  const results: (readonly number[][])[] = [];
  for (const threads of [1, 2, 3, 5]) {
    await useSimd(threads);
    const all = (): tf.Tensor[] => [
      ...convolve(wide),
      ...convolve({ ...wide, every: 90 }),
      ...windows((x) => tf.maxPool(x as tf.Tensor4D, [1, 3], [1, 2], "same"), [randomTensor(wide.x, 1)]),
      ...windows((x) => tf.avgPool(x as tf.Tensor4D, [1, 3], [1, 2], "valid"), [randomTensor(wide.x, 1)]),
      ...windows(
        (x, k) => tf.depthwiseConv2d(x as tf.Tensor4D, k as tf.Tensor4D, 1, "same"),
        [randomTensor(wide.x, 1), randomTensor([1, 5, 32, 2], 2)],
      ),
    ];
    const before = tf.memory().numTensors;
    results.push(await valuesOn("simd", all));
    expect(tf.memory().numTensors).toBe(before);
    expect(simdMemory()?.used).toBe(0);
  }
  const [first = [], ...others] = results;
  for (const other of others) {
    for (const [i, values] of other.entries()) expect(difference(values, first[i] ?? [])).toBe(0);
  }
});
