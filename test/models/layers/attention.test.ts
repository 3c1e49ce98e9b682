import { DiagnosticError, Random, rootSeed } from "@seqloom/core";
import {
  buildNetwork,
  type Device,
  type Flow,
  forward,
  initialWeights,
  layersSchema,
  openDevice,
  train,
} from "@seqloom/models";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { modelDigest, orderData, runTrain } from "../helpers.js";

const float = (...shape: (number | null)[]): Flow => ({ kind: "float", shape });

function normals(shape: number[], seed = 9): tf.Tensor {
  const random = new Random(rootSeed(seed));
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal());
  return tf.tensor(values, shape);
}

function weightsOf(layers: unknown, input: Flow) {
  const network = buildNetwork(layersSchema.parse(layers), input);
  const values = initialWeights(network, new Random(rootSeed(3)));
  const weights = new Map<string, tf.Tensor>();
  for (const layer of network.layers) {
    for (const { name, shape } of layer.weights) {
      const full = `${layer.name}/${name}`;
      weights.set(full, tf.tensor(values.get(full) as Float32Array, [...shape]));
    }
  }
  return { network, weights };
}

function differenceOf(a: tf.Tensor, b: tf.Tensor): number {
  expect(a.shape).toEqual(b.shape);
  return tf.max(tf.abs(tf.sub(a, b))).dataSync()[0] as number;
}

function errorOf(layers: unknown, input: Flow): string {
  try {
    buildNetwork(layersSchema.parse(layers), input);
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics[0]?.message ?? "";
    throw error;
  }
  throw new Error("it was built");
}

describe.each(["cpu", "simd"])("attention on %s", (name) => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice(name);
  });

  function run(layers: unknown, x: tf.Tensor, mask: tf.Tensor | null = null, random: Random | null = null): tf.Tensor {
    const { network, weights } = weightsOf(layers, float(...x.shape.slice(1)));
    return forward(network, x, weights, { device, random, mask });
  }

  it("multi_head_attention is Keras' formula, head by head", () => {
    const x = normals([2, 5, 6]);
    const params = { num_heads: 3, key_dim: 2, value_dim: 4 };
    const { network, weights } = weightsOf([{ multi_head_attention: params }], float(5, 6));
    expect(network.layers[0]?.weights.map(({ name: weight, shape }) => [weight, shape])).toEqual([
      ["query/kernel", [6, 6]],
      ["query/bias", [6]],
      ["key/kernel", [6, 6]],
      ["key/bias", [6]],
      ["value/kernel", [6, 12]],
      ["value/bias", [12]],
      ["attention_output/kernel", [12, 6]],
      ["attention_output/bias", [6]],
    ]);
    const weight = (label: string): tf.Tensor2D => weights.get(`multi_head_attention/${label}/kernel`) as tf.Tensor2D;
    const rows = tf.unstack(x).map((row) => {
      const heads = [0, 1, 2].map((head) => {
        const part = (label: string, width: number): tf.Tensor2D =>
          tf.matMul(row as tf.Tensor2D, tf.slice(weight(label), [0, head * width], [6, width]));
        const scores = tf.div(tf.matMul(part("query", 2), part("key", 2), false, true), Math.sqrt(2));
        return tf.matMul(tf.softmax(scores), part("value", 4));
      });
      return tf.matMul(tf.concat(heads, 1), weight("attention_output"));
    });
    const output = forward(network, x, weights, { device, random: null, mask: null });
    expect(differenceOf(output, tf.stack(rows))).toBeLessThan(1e-5);
  });

  it("masked steps change nothing in the others, in any of the layers", () => {
    const x = normals([1, 6, 8]);
    const wild = tf.concat([tf.slice(x, [0, 0, 0], [1, 4, 8]), tf.mul(normals([1, 2, 8], 5), 100)], 1);
    const mask = tf.tensor2d([[1, 1, 1, 1, 0, 0]], [1, 6], "bool");
    for (const layer of [
      { multi_head_attention: { num_heads: 2, key_dim: 4 } },
      { transformer_encoder: { num_heads: 2, feed_forward: 16 } },
    ]) {
      const cut = (from: tf.Tensor): tf.Tensor => tf.slice(run([layer], from, mask), [0, 0, 0], [1, 4, 8]);
      expect(differenceOf(cut(x), cut(wild))).toBe(0);
    }
    expect(differenceOf(run(["attention_pooling"], x, mask), run(["attention_pooling"], wild, mask))).toBe(0);
  });

  it("causal attention does not see what comes later", () => {
    const layers = [{ multi_head_attention: { num_heads: 2, key_dim: 4, causal: true } }];
    const x = normals([1, 6, 8]);
    const other = tf.concat([tf.slice(x, [0, 0, 0], [1, 3, 8]), normals([1, 3, 8], 5)], 1);
    const first = (from: tf.Tensor): tf.Tensor => tf.slice(run(layers, from), [0, 0, 0], [1, 3, 8]);
    expect(differenceOf(first(x), first(other))).toBe(0);
  });

  it("a mask of zeros is finite", () => {
    const mask = tf.zeros([2, 4], "bool");
    const layers = [{ transformer_encoder: { num_heads: 2, feed_forward: 8 } }, "attention_pooling"];
    expect([...run(layers, normals([2, 4, 4]), mask).dataSync()]).toEqual(new Array(8).fill(0));
  });

  it("attention_pooling weighs the steps by softmax(u tanh(x W + b))", () => {
    const x = normals([2, 5, 3]);
    const { network, weights } = weightsOf([{ attention_pooling: { units: 4 } }], float(5, 3));
    const [kernel, , context] = [...weights.values()] as [tf.Tensor2D, tf.Tensor1D, tf.Tensor2D];
    const rows = tf.unstack(x).map((row) => {
      const scores = tf.matMul(tf.tanh(tf.matMul(row as tf.Tensor2D, kernel)), context);
      return tf.sum(tf.mul(row, tf.reshape(tf.softmax(tf.reshape(scores, [5])), [5, 1])), 0);
    });
    const output = forward(network, x, weights, { device, random: null, mask: null });
    expect(differenceOf(output, tf.stack(rows))).toBeLessThan(1e-5);
  });

  it("positional_encoding adds sines and cosines", () => {
    const y = run([{ positional_encoding: { scale: 2 } }], tf.ones([1, 50, 6])).arraySync() as number[][][];
    for (const [position, row] of (y[0] as number[][]).entries()) {
      for (const [column, value] of row.entries()) {
        const angle = position / 10_000 ** ((column - (column % 2)) / 6);
        expect(value).toBeCloseTo(2 + (column % 2 === 0 ? Math.sin(angle) : Math.cos(angle)), 5);
      }
    }
  });

  it("positional_embedding adds a vector for each position", () => {
    const { network, weights } = weightsOf(["positional_embedding"], float(4, 3));
    const output = forward(network, tf.zeros([2, 4, 3]), weights, { device, random: null, mask: null });
    const table = weights.get("positional_embedding/embeddings") as tf.Tensor;
    expect(differenceOf(output, tf.stack([table, table]))).toBe(0);
  });

  it("residual adds what its layers make to the input", () => {
    const x = normals([3, 4]);
    const inner = [{ dense: { units: 7, activation: "gelu" } }, "layer_normalization", { dense: { units: 4 } }];
    const { network, weights } = weightsOf([{ residual: { layers: inner } }, "flatten"], float(4));
    expect([...weights.keys()]).toEqual([
      "residual/dense/kernel",
      "residual/dense/bias",
      "residual/layer_normalization/gamma",
      "residual/layer_normalization/beta",
      "residual/dense_1/kernel",
      "residual/dense_1/bias",
    ]);
    const output = forward(network, x, weights, { device, random: null, mask: null });
    const plain = buildNetwork(layersSchema.parse([...inner, "flatten"]), float(4));
    const own = new Map([...weights].map(([key, value]) => [key.replace("residual/", ""), value]));
    const expected = tf.add(x, forward(plain, x, own, { device, random: null, mask: null }));
    expect(differenceOf(output, expected)).toBeLessThan(1e-6);
  });

  it("pre_norm normalises before each half, else after each sum", () => {
    const x = normals([2, 3, 4]);
    const after = run([{ transformer_encoder: { num_heads: 1, feed_forward: 8, pre_norm: false } }], x);
    for (const mean of tf.mean(after, -1).dataSync()) expect(Math.abs(mean)).toBeLessThan(1e-5);
    const before = run([{ transformer_encoder: { num_heads: 1, feed_forward: 8 } }], x);
    expect(tf.max(tf.abs(tf.mean(before, -1))).dataSync()[0]).toBeGreaterThan(1e-3);
  });

  it("dropout in attention and in the blocks differs from step to step, and comes from the stream", () => {
    for (const layer of [
      { multi_head_attention: { num_heads: 2, key_dim: 2, dropout: 0.5 } },
      { transformer_encoder: { num_heads: 2, feed_forward: 8, dropout: 0.5 } },
    ]) {
      const x = normals([2, 5, 4]);
      const at = (seed: number): tf.Tensor => run([layer], x, null, new Random(rootSeed(seed)));
      expect(differenceOf(at(1), at(1))).toBe(0);
      expect(differenceOf(at(1), at(2))).toBeGreaterThan(1e-3);
    }
  });
});

describe("layers of attention in YAML", () => {
  it("say what does not fit, and where", () => {
    expect(errorOf([{ multi_head_attention: { num_heads: 2, key_dim: 2 } }], float(4))).toBe(
      "layers[0] (multi_head_attention) expects [time, features], received [4]",
    );
    expect(errorOf([{ transformer_encoder: { num_heads: 3, feed_forward: 8 } }], float(5, 8))).toBe(
      "layers[0] (transformer_encoder) cannot share 8 features among 3 heads",
    );
    expect(errorOf(["positional_embedding"], float(null, 8))).toBe(
      "layers[0] (positional_embedding) expects sequences of one length, received [any, 8]",
    );
    expect(errorOf([{ residual: { layers: [{ dense: { units: 3 } }] } }], float(4))).toBe(
      "layers[0] (residual) adds its input to what its layers give, but its layers make [3] of [4]",
    );
    expect(errorOf([{ residual: { layers: [{ lstm: { units: 4 } }] } }], float(4))).toContain(
      "layers[0] (residual).layers[0] (lstm) expects",
    );
  });

  it("give the path of a wrong parameter inside a residual", () => {
    const result = layersSchema.safeParse([{ residual: { layers: [{ dense: { units: 0 } }] } }]);
    expect(result.error?.issues[0]?.path).toEqual([0, "residual", "layers", 0, "dense", "units"]);
  });

  it("become a JSON Schema although residuals nest", () => {
    const schema = z.toJSONSchema(train.params, { io: "input" });
    expect(JSON.stringify(schema)).toContain("transformer_encoder");
    const nested = { residual: { layers: [{ residual: { layers: ["layer_normalization"] } }] } };
    expect(layersSchema.parse(layersSchema.parse([nested]))).toEqual(layersSchema.parse([nested]));
  });
});

describe("a transformer", () => {
  const layers = [
    { embedding: { units: 8 } },
    "positional_embedding",
    { transformer_encoder: { num_heads: 2, feed_forward: 16, dropout: 0.05 } },
    "layer_normalization",
    "attention_pooling",
    { dense: { units: 2, activation: "softmax" } },
  ];

  it("learns which of two words comes first", async () => {
    const params = { layers, epochs: 25, batch_size: 16, optimizer: { adam: { learning_rate: 0.01 } } };
    const { state } = await runTrain(orderData(400), params);
    const { accuracy } = state.config.history as { accuracy: number[] };
    expect(accuracy.at(-1)).toBeGreaterThan(0.95);
  });

  it("is the same model when it is trained again, and leaves no tensors behind", async () => {
    const train1 = async (): Promise<string> =>
      modelDigest((await runTrain(orderData(60), { layers, epochs: 2, batch_size: 16, use_mask: true })).state);
    const first = await train1();
    const before = tf.memory().numTensors;
    expect(await train1()).toBe(first);
    expect(tf.memory().numTensors).toBe(before);
  });
});
