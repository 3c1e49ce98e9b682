import { Dataset, labels, Random, rootSeed } from "@seqloom/core";
import {
  buildNetwork,
  type Device,
  type Flow,
  forward,
  initialWeights,
  layersSchema,
  loadModel,
  openDevice,
} from "@seqloom/models";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { beforeAll, describe, expect, it } from "vitest";
import { diagnosticsOf, HEAP_LAYERS, heapData, runTrain } from "../helpers.js";

/** Layers with all weights drawn anew, so that zeros and ones hide nothing. */
function networkOf(layers: unknown, input: Flow) {
  const network = buildNetwork(layersSchema.parse(layers), input);
  const random = new Random(rootSeed(3));
  const weights = new Map<string, tf.Tensor>();
  for (const [name, values] of initialWeights(network, random)) {
    const shape = network.layers.flatMap((layer) =>
      layer.weights.filter((weight) => `${layer.name}/${weight.name}` === name).map((weight) => [...weight.shape]),
    )[0];
    weights.set(
      name,
      tf.tensor(
        values.map((value) => value + 0.4 * random.uniform()),
        shape,
      ),
    );
  }
  return { network, weights };
}

function normals(shape: number[], seed = 9): tf.Tensor {
  const random = new Random(rootSeed(seed));
  return tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 1 + 2 * random.normal()),
    shape,
  );
}

function largestDifference(a: tf.Tensor, b: tf.Tensor): number {
  expect(a.shape).toEqual(b.shape);
  return tf.max(tf.abs(tf.sub(a, b))).dataSync()[0] as number;
}

describe.each(["cpu", "simd"])("normalisation on %s", (name) => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice(name);
  });
  const float = (...shape: number[]): Flow => ({ kind: "float", shape });

  it("layer_normalization is the stock layer", () => {
    const x = normals([4, 5, 6]);
    const { network, weights } = networkOf(["layer_normalization", "flatten"], float(5, 6));
    const output = forward(network, x, weights, { device, random: null, mask: null });
    const stock = tfl.layers.layerNormalization();
    stock.apply(x);
    stock.setWeights([...weights.values()]);
    expect(largestDifference(tf.reshape(output, [4, 5, 6]), stock.apply(x) as tf.Tensor)).toBeLessThan(1e-5);
  });

  it("layer_normalization may have no factor and no offset", () => {
    const { network, weights } = networkOf([{ layer_normalization: { center: false, scale: false } }], float(6));
    expect(weights.size).toBe(0);
    const output = forward(network, normals([3, 6]), weights, { device, random: null, mask: null });
    expect(Math.abs(tf.sum(output).dataSync()[0] as number)).toBeLessThan(1e-4);
  });

  it("rms_normalization makes rows of mean square 1, times the scale", () => {
    const { network, weights } = networkOf(["rms_normalization"], float(6));
    const x = normals([3, 6]);
    const output = forward(network, x, weights, { device, random: null, mask: null });
    const unit = tf.div(output, weights.get("rms_normalization/scale") as tf.Tensor);
    for (const square of tf.mean(tf.square(unit), 1).dataSync()) expect(square).toBeCloseTo(1, 4);
  });

  it("batch_normalization is the stock layer when it predicts", () => {
    const x = normals([7, 4]);
    const { network, weights } = networkOf(["batch_normalization", "flatten"], float(4));
    const output = forward(network, x, weights, { device, random: null, mask: null });
    const stock = tfl.layers.batchNormalization();
    stock.apply(x);
    stock.setWeights([...weights.values()]);
    expect(largestDifference(output, stock.apply(x, { training: false }) as tf.Tensor)).toBeLessThan(1e-5);
  });

  it("batch_normalization gives the next moving averages while it trains, of the steps that count", () => {
    const x = normals([3, 4, 5]);
    const mask = tf.tensor2d([1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 0, 0], [3, 4], "bool");
    const layers = [{ batch_normalization: { momentum: 0.75 } }, "flatten"];
    const { network, weights } = networkOf(layers, float(4, 5));
    const updates = new Map<string, tf.Tensor>();
    forward(network, x, weights, { device, random: new Random(rootSeed(1)), mask, updates });
    const rows = (x.arraySync() as number[][][]).flatMap((row, i) => row.slice(0, [4, 1, 2][i]));
    for (const [weight, power] of [
      ["moving_mean", 1],
      ["moving_variance", 2],
    ] as const) {
      const full = `batch_normalization/${weight}`;
      const before = weights.get(full)?.dataSync() as Float32Array;
      const after = updates.get(full)?.dataSync() as Float32Array;
      for (let i = 0; i < 5; i++) {
        const mean = rows.reduce((sum, row) => sum + (row[i] as number), 0) / rows.length;
        const spread = rows.reduce((sum, row) => sum + ((row[i] as number) - mean) ** 2, 0) / rows.length;
        const value = power === 1 ? mean : spread;
        expect(after[i]).toBeCloseTo(0.75 * (before[i] as number) + 0.25 * value, 4);
      }
    }
  });
});

describe("training with batch_normalization", () => {
  const layers = [{ dense: { units: 8 } }, "batch_normalization", ...(HEAP_LAYERS as object[])];

  it("follows the moments of the batches, predicts by them, and says what is not trained", async () => {
    const { state, data } = await runTrain(heapData(240), { layers, epochs: 8, batch_size: 16 });
    const variance = state.weights.get("batch_normalization/moving_variance")?.values as Float32Array;
    expect(variance.every((value) => value > 0 && Math.abs(value - 1) > 1e-3)).toBe(true);
    const { columns, rows } = state.config.summary as { columns: string[]; rows: unknown[][] };
    expect(columns).toHaveLength(3);
    expect(rows.at(-1)).toEqual(["Non-trainable params", null, 16]);
    expect(rows.at(-2)?.[2]).toBe((rows.at(-3)?.[2] as number) - 16);
    const correct = data.column("prediction");
    expect(correct).toBeDefined();
    // One row alone is predicted as it is among others.
    const predictor = await loadModel(state);
    const one = Dataset.of(
      {
        vector: { type: "vector", values: Float32Array.from([2, 0]), width: 2 },
        label: labels(["10"]),
      },
      1,
    );
    const alone = (await predictor.predict(one)).column("probabilities") as { values: Float32Array };
    expect(alone.values.every(Number.isFinite)).toBe(true);
    predictor.dispose();
  });

  it("leaves no tensors behind", async () => {
    await runTrain(heapData(40), { layers, epochs: 1 });
    const before = tf.memory().numTensors;
    await runTrain(heapData(40), { layers, epochs: 2 });
    expect(tf.memory().numTensors).toBe(before);
  });

  it("refuses ids", async () => {
    const ids = Dataset.of(
      {
        ids: { type: "padded", values: new Int32Array(8), width: 2, size: 4, pad: 0 },
        label: labels(["a", "b", "a", "b"]),
      },
      4,
    );
    const [diagnostic] = await diagnosticsOf(
      runTrain(ids, { layers: ["batch_normalization", ...(HEAP_LAYERS as object[])] }),
    );
    expect(diagnostic?.code).toBe("layer-shape");
    expect(diagnostic?.message).toContain("layers[0] (batch_normalization) expects numbers");
  });
});
