import { DiagnosticError, Random, rootSeed } from "@seqloom/core";
import {
  buildNetwork,
  type Device,
  type Flow,
  forward,
  initialWeights,
  layersSchema,
  openDevice,
} from "@seqloom/models";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { beforeAll, describe, expect, it } from "vitest";
import { randomTensor } from "../../simd/support.js";

const SEQUENCE: Flow = { kind: "float", shape: [11, 3] };
const IMAGE: Flow = { kind: "float", shape: [9, 8, 3] };
const RAGGED: Flow = { kind: "float", shape: [null, 3] };

/** A network with its first weights; the biases are random too. */
function networkOf(layers: unknown, input: Flow) {
  const network = buildNetwork(layersSchema.parse(layers), input);
  const random = new Random(rootSeed(5));
  const values = initialWeights(network, random);
  const weights = new Map<string, tf.Tensor>();
  for (const layer of network.layers) {
    for (const { name, shape } of layer.weights) {
      const full = `${layer.name}/${name}`;
      const value = values.get(full)!;
      if (name === "bias") for (let i = 0; i < value.length; i++) value[i] = random.normal() / 4;
      weights.set(full, tf.tensor(value, [...shape]));
    }
  }
  return { network, weights };
}

describe.each(["cpu", "simd"])("convolution and pooling on %s", (name) => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice(name);
  });

  function run(layers: unknown, input: Flow, x: tf.Tensor, mask: tf.Tensor | null = null) {
    const { network, weights } = networkOf(layers, input);
    return { output: forward(network, x, weights, { device, random: null, mask }), weights, network };
  }

  /** Checks a layer against the stock one with the same weights, and the shape that it announced. */
  function expectStock(layer: object, input: Flow, same: tfl.layers.Layer): void {
    tf.tidy(() => {
      const x = randomTensor([2, ...(input.shape as number[])], 1);
      const { output, weights, network } = run([layer, { activation: { activation: "linear" } }], input, x);
      same.apply(x);
      same.setWeights([...weights.values()]);
      const expected = same.apply(x) as tf.Tensor;
      expect(output.shape).toEqual(expected.shape);
      expect(output.shape.slice(1)).toEqual(network.output.shape);
      expect(tf.max(tf.abs(tf.sub(output, expected))).dataSync()[0]).toBeLessThan(1e-5);
    });
  }

  it.each([
    {},
    { padding: "same", activation: "relu" },
    { strides: 3, activation: "tanh", use_bias: false },
    { strides: 2, padding: "same", activation: "elu" },
    { dilation_rate: 2, activation: "sigmoid" },
  ] as const)("conv_1d with %j is the stock layer", (params) => {
    const stock = tfl.layers.conv1d({
      filters: 5,
      kernelSize: 4,
      strides: "strides" in params ? params.strides : 1,
      padding: "padding" in params ? params.padding : "valid",
      dilationRate: "dilation_rate" in params ? params.dilation_rate : 1,
      activation: "activation" in params ? params.activation : "linear",
      useBias: !("use_bias" in params),
    });
    expectStock({ conv_1d: { filters: 5, kernel_size: 4, ...params } }, SEQUENCE, stock);
  });

  it("conv_1d with causal padding is the plain one with zeros before it", () => {
    tf.tidy(() => {
      const x = randomTensor([2, 11, 3], 1);
      const params = { filters: 5, kernel_size: 3, dilation_rate: 2 };
      const causal = run([{ conv_1d: { ...params, padding: "causal" } }], SEQUENCE, x).output;
      const longer = tf.pad(x as tf.Tensor3D, [
        [0, 0],
        [4, 0],
        [0, 0],
      ]);
      const plain = run([{ conv_1d: params }], { kind: "float", shape: [15, 3] }, longer).output;
      expect(causal.shape).toEqual([2, 11, 5]);
      expect(tf.max(tf.abs(tf.sub(causal, plain))).dataSync()[0]).toBeLessThan(1e-6);
    });
  });

  it.each([
    {},
    { padding: "same", activation: "relu" },
    { strides: [3, 2], use_bias: false },
    { dilation_rate: [2, 2], activation: "tanh" },
  ] as const)("conv_2d with %j is the stock layer", (params) => {
    const stock = tfl.layers.conv2d({
      filters: 6,
      kernelSize: [3, 2],
      strides: "strides" in params ? [...params.strides] : 1,
      padding: "padding" in params ? params.padding : "valid",
      dilationRate: "dilation_rate" in params ? [...params.dilation_rate] : 1,
      activation: "activation" in params ? params.activation : "linear",
      useBias: !("use_bias" in params),
    });
    expectStock({ conv_2d: { filters: 6, kernel_size: [3, 2], ...params } }, IMAGE, stock);
  });

  it("depthwise_conv_2d is the stock layer", () => {
    const stock = tfl.layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: "same", strides: 2 });
    const layer = { depthwise_conv_2d: { kernel_size: 3, depth_multiplier: 2, padding: "same", strides: 2 } };
    expectStock(layer, IMAGE, stock);
  });

  it("separable_conv_2d is the stock layer", () => {
    const stock = tfl.layers.separableConv2d({ filters: 5, kernelSize: 3, depthMultiplier: 2, activation: "relu" });
    const layer = { separable_conv_2d: { filters: 5, kernel_size: 3, depth_multiplier: 2, activation: "relu" } };
    expectStock(layer, IMAGE, stock);
  });

  it("separable_conv_1d is separable_conv_2d over images of height 1", () => {
    tf.tidy(() => {
      const x = randomTensor([2, 11, 3], 1);
      const params = { filters: 4, depth_multiplier: 2, strides: 2, padding: "same" };
      const one = run([{ separable_conv_1d: { kernel_size: 3, ...params } }, "flatten"], SEQUENCE, x);
      const { network } = networkOf([{ separable_conv_2d: { kernel_size: [1, 3], ...params } }, "flatten"], {
        kind: "float",
        shape: [1, 11, 3],
      });
      const weights = new Map(
        [...one.weights].map(([key, value]) => {
          const shape = key.endsWith("bias") ? value.shape : [1, ...value.shape];
          return [key.replace("1d", "2d"), tf.reshape(value, shape)];
        }),
      );
      const pass = { device, random: null, mask: null };
      const two = forward(network, tf.reshape(x, [2, 1, 11, 3]), weights, pass);
      expect(tf.max(tf.abs(tf.sub(one.output, two))).dataSync()[0]).toBeLessThan(1e-6);
    });
  });

  it.each([{}, { pool_size: 3, strides: 2, padding: "same" }] as const)("pooling over time with %j is stock", (p) => {
    const config = "strides" in p ? { poolSize: 3, strides: 2, padding: "same" as const } : { poolSize: 2 };
    expectStock({ max_pooling_1d: p }, SEQUENCE, tfl.layers.maxPooling1d(config));
    expectStock({ average_pooling_1d: p }, SEQUENCE, tfl.layers.averagePooling1d(config));
  });

  it.each([{}, { pool_size: [3, 2], strides: [2, 1], padding: "same" }] as const)(
    "pooling of images with %j is stock",
    (p) => {
      const config =
        "strides" in p
          ? { poolSize: [3, 2] as [number, number], strides: [2, 1] as [number, number], padding: "same" as const }
          : { poolSize: 2 };
      expectStock({ max_pooling_2d: p }, IMAGE, tfl.layers.maxPooling2d(config));
      expectStock({ average_pooling_2d: p }, IMAGE, tfl.layers.averagePooling2d(config));
    },
  );

  it("pooling over everything is stock", () => {
    expectStock({ global_max_pooling_1d: {} }, SEQUENCE, tfl.layers.globalMaxPooling1d());
    expectStock({ global_max_pooling_2d: {} }, IMAGE, tfl.layers.globalMaxPooling2d({}));
    expectStock({ global_average_pooling_2d: {} }, IMAGE, tfl.layers.globalAveragePooling2d({}));
  });

  describe.each([
    [{ conv_1d: { filters: 4, kernel_size: 3, dilation_rate: 2 } }],
    [{ conv_1d: { filters: 4, kernel_size: 3, padding: "same" } }],
    [{ conv_1d: { filters: 4, kernel_size: 3, padding: "causal", strides: 2 } }],
    [{ separable_conv_1d: { filters: 4, kernel_size: 4, strides: 3 } }],
    [{ max_pooling_1d: { pool_size: 3, strides: 1 } }],
    [{ average_pooling_1d: { pool_size: 2 } }],
  ])("a row of a longer batch after %j", (layer) => {
    it.each(["global_max_pooling_1d", "global_average_pooling_1d"])("and %s is what it is alone", (pool) => {
      tf.tidy(() => {
        const row = randomTensor([1, 6, 3], 1) as tf.Tensor3D;
        const alone = run([layer, pool], RAGGED, row).output;
        // What lies behind the row is not zero, and does not count.
        const longer = tf.concat([row, randomTensor([1, 5, 3], 2) as tf.Tensor3D], 1);
        const mask = tf.tensor2d([1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0], [1, 11], "bool");
        const within = run([layer, pool], RAGGED, longer, mask).output;
        expect(tf.max(tf.abs(tf.sub(alone, within))).dataSync()[0]).toBeLessThan(1e-6);
      });
    });
  });

  it("rows that are all shorter than the kernel give zeros", () => {
    tf.tidy(() => {
      const layers = [{ conv_1d: { filters: 4, kernel_size: 5 } }, "global_max_pooling_1d"];
      const { output } = run(layers, RAGGED, randomTensor([2, 3, 3], 1));
      expect(output.shape).toEqual([2, 4]);
      expect([...output.dataSync()].every((value) => value === 0)).toBe(true);
    });
  });
});

describe("shapes that do not fit", () => {
  function problemOf(layers: unknown, input: Flow): string {
    try {
      buildNetwork(layersSchema.parse(layers), input);
    } catch (error) {
      if (error instanceof DiagnosticError) {
        const [{ code, message, hint }] = error.diagnostics;
        return `${code}: ${message}. ${hint}`;
      }
      throw error;
    }
    throw new Error("it was built");
  }

  it.each([
    [
      { conv_1d: { filters: 2, kernel_size: 5, dilation_rate: 3 } },
      SEQUENCE,
      "layer-shape: layers[0] (conv_1d) expects at least 13 steps, received [11, 3]. Use a smaller kernel_size, `padding: same` or causal, or longer sequences.",
    ],
    [
      { max_pooling_1d: { pool_size: 12 } },
      SEQUENCE,
      "layers[0] (max_pooling_1d) expects at least 12 steps, received [11, 3]. Use a smaller pool_size, `padding: same`, or longer sequences.",
    ],
    [
      { conv_2d: { filters: 2, kernel_size: [3, 9] } },
      IMAGE,
      "layers[0] (conv_2d) expects at least [3, 9, channels], received [9, 8, 3]. Use a smaller kernel_size, `padding: same`, or larger images.",
    ],
    [
      { average_pooling_2d: { pool_size: 10 } },
      IMAGE,
      "layers[0] (average_pooling_2d) expects at least [10, 10, channels], received [9, 8, 3]. Use a smaller pool_size",
    ],
    [
      { conv_1d: { filters: 2, kernel_size: 2 } },
      { kind: "float", shape: [7] },
      "layers[0] (conv_1d) expects [time, features], received [7]. To read the 7 numbers one by one, put `reshape: {target_shape: [7, 1]}` before it.",
    ],
    [
      { conv_2d: { filters: 2, kernel_size: 2 } },
      { kind: "float", shape: [784] },
      "expects [height, width, channels], received [784]. Say what the numbers are: put `reshape: {target_shape: [height, width, channels]}` before it.",
    ],
    [
      { conv_2d: { filters: 2, kernel_size: 2 } },
      { kind: "float", shape: [28, 28] },
      "received [28, 28]. For one channel put `reshape: {target_shape: [28, 28, 1]}` before it.",
    ],
    [
      { conv_1d: { filters: 2, kernel_size: 2 } },
      { kind: "ids", shape: [7], size: 5, pad: 0 },
      "expects numbers, received ids [7]. Ids are names, not amounts: put an embedding layer before it.",
    ],
    [
      { conv_1d: { filters: 2, kernel_size: 2, padding: "same", strides: 2 } },
      RAGGED,
      "expects [time, features] of one length, received [any, 3]. The sequences differ in length: use `padding: valid` or causal, or pad them before training.",
    ],
  ] as const)("%j over %j says so", (layer, input, text) => {
    expect(problemOf([layer], input)).toContain(text);
  });
});

describe("parameters", () => {
  it("have Keras' defaults", () => {
    const [first, second, third] = layersSchema.parse([
      { conv_1d: { filters: 2, kernel_size: 3 } },
      { separable_conv_2d: { filters: 2, kernel_size: 3 } },
      "max_pooling_2d",
    ]);
    expect(first?.conv_1d).toEqual({
      filters: 2,
      kernel_size: 3,
      strides: 1,
      padding: "valid",
      dilation_rate: 1,
      activation: "linear",
      use_bias: true,
      kernel_initializer: { glorot_uniform: {} },
      bias_initializer: { zeros: {} },
      kernel_regularizer: null,
      bias_regularizer: null,
      activity_regularizer: null,
    });
    expect(second?.separable_conv_2d).toMatchObject({ depth_multiplier: 1, strides: 1, padding: "valid" });
    expect(third?.max_pooling_2d).toEqual({ pool_size: 2, strides: null, padding: "valid" });
  });

  it("of weights have Keras' names and shapes", () => {
    const named = (layer: object, input: Flow) =>
      [...networkOf([layer, { activation: { activation: "relu" } }], input).weights].map(([key, { shape }]) => [
        key,
        shape,
      ]);
    expect(named({ conv_1d: { filters: 4, kernel_size: 5 } }, SEQUENCE)).toEqual([
      ["conv_1d/kernel", [5, 3, 4]],
      ["conv_1d/bias", [4]],
    ]);
    expect(named({ separable_conv_2d: { filters: 4, kernel_size: 2, depth_multiplier: 2 } }, IMAGE)).toEqual([
      ["separable_conv_2d/depthwise_kernel", [2, 2, 3, 2]],
      ["separable_conv_2d/pointwise_kernel", [1, 1, 6, 4]],
      ["separable_conv_2d/bias", [4]],
    ]);
  });
});
