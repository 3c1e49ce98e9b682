import { type Dataset, type LabelColumn, labels, numbers } from "@seqloom/core";
import { openDevice, releaseModels } from "@seqloom/models";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, describe, expect, it } from "vitest";
import {
  contextOf,
  diagnosticsOf,
  HEAP_LAYERS,
  heapData,
  modelDigest,
  ORDER_LAYERS,
  orderData,
  runTrain,
} from "../helpers.js";

afterEach(releaseModels);

type Curves = Record<string, number[]>;

const ONE_LAYER = [{ dense: { units: 3, activation: "softmax" } }];
const STILL = { sgd: { learning_rate: 1e-30 } };

async function curvesOf(data: Dataset, params: unknown): Promise<Curves> {
  return (await runTrain(data, params)).report.curves as Curves;
}

describe("optimizers of models/train", () => {
  it.each([
    [{ adam: { learning_rate: 0.05 } }],
    [{ adamw: { learning_rate: 0.05 } }],
    [{ nadam: { learning_rate: 0.05 } }],
    [{ rmsprop: { learning_rate: 0.02, momentum: 0.5, centered: true } }],
    [{ adagrad: { learning_rate: 0.3 } }],
    [{ sgd: { learning_rate: 0.2, momentum: 0.9 } }],
  ])("learn: %o", async (optimizer) => {
    const { loss } = await curvesOf(heapData(120), { layers: HEAP_LAYERS, epochs: 20, optimizer });
    expect(loss[19]).toBeLessThan(loss[0] / 4);
  });

  it("follow a schedule, whose rate is a curve of the report", async () => {
    const optimizer = { sgd: { learning_rate: { step: { initial_learning_rate: 0.4, decay_steps: 5 } } } };
    const { report } = await runTrain(heapData(40), { layers: ONE_LAYER, epochs: 3, batch_size: 4, optimizer });
    // Five steps an epoch.
    expect((report.curves as Curves).learning_rate).toEqual([0.4, 0.4 * 0.1, 0.4 * 0.1 * 0.1]);
    const plain = await curvesOf(heapData(40), { layers: ONE_LAYER });
    expect(Object.keys(plain)).toEqual(["loss", "accuracy", "val_loss", "val_accuracy"]);
  });

  it("take steps no longer than the clipped gradient", async () => {
    const one = { layers: ONE_LAYER, batch_size: 1000, shuffle: false };
    const weightsAfter = async (more: object): Promise<Float32Array> => {
      const { state } = await runTrain(heapData(40), { ...one, ...more });
      return Float32Array.from([...state.weights.values()].flatMap(({ values }) => [...values]));
    };
    const start = await weightsAfter({ optimizer: STILL });
    const move = async (clip: object): Promise<number[]> => {
      const after = await weightsAfter({ optimizer: { sgd: { learning_rate: 1 } }, ...clip });
      return Array.from(after, (value, i) => value - start[i]);
    };
    const norm = (values: number[]): number => Math.hypot(...values);
    const free = await move({});
    expect(norm(await move({ clip_norm: 0.05 }))).toBeCloseTo(0.05, 5);
    expect(await move({ clip_norm: 100 })).toEqual(free);
    const bounded = await move({ clip_value: 0.02 });
    bounded.forEach((value, i) => {
      expect(value).toBeCloseTo(Math.max(-0.02, Math.min(0.02, free[i])), 5);
    });
  });

  it("clip in one way only", async () => {
    const { train } = await import("@seqloom/models");
    const problems = train.check?.(train.params.parse({ layers: ONE_LAYER, clip_norm: 1, clip_value: 1 }));
    expect(problems).toMatchObject([{ path: ["clip_value"], message: "gradients are clipped by clip_norm already" }]);
  });
});

describe("regularizers", () => {
  const layersWith = (more: object) => [{ dense: { units: 3, activation: "softmax", ...more } }];

  it("show their cost in the loss, of validation too, as Keras does", async () => {
    const data = heapData(60);
    const still = { optimizer: STILL };
    const { state, report } = await runTrain(data, { layers: ONE_LAYER, ...still });
    const kernel = [...(state.weights.get("dense/kernel")?.values ?? [])];
    const [sizes, squares] = [kernel.reduce((a, w) => a + Math.abs(w), 0), kernel.reduce((a, w) => a + w * w, 0)];
    const plain = report.curves as Curves;
    for (const [regularizer, cost] of [
      [{ l2: 0.3 }, 0.3 * squares],
      [{ l1: 0.2, l2: 0.1 }, 0.2 * sizes + 0.1 * squares],
      ["l1", 0.01 * sizes],
    ] as const) {
      const costly = await curvesOf(data, { layers: layersWith({ kernel_regularizer: regularizer }), ...still });
      expect(costly.loss[0]).toBeCloseTo(plain.loss[0] + cost, 4);
      expect(costly.val_loss[0]).toBeCloseTo(plain.val_loss[0] + cost, 4);
      expect(costly.accuracy).toEqual(plain.accuracy);
    }
  });

  it("keep weights small, of an embedding too", async () => {
    const sizeOf = async (regularizer: unknown): Promise<number> => {
      const [, ...rest] = ORDER_LAYERS as object[];
      const layers = [{ embedding: { units: 8, embeddings_regularizer: regularizer } }, ...rest];
      const { state } = await runTrain(orderData(80), {
        layers,
        epochs: 15,
        optimizer: { adam: { learning_rate: 0.02 } },
      });
      return Math.hypot(...(state.weights.get("embedding/embeddings")?.values ?? []));
    };
    expect(await sizeOf({ l2: 0.1 })).toBeLessThan((await sizeOf(null)) / 2);
  });

  it("of 0 cost nothing: the same weights, to the bit", async () => {
    const weights = async (more: object) => (await runTrain(heapData(40), { layers: layersWith(more) })).state.weights;
    expect(await weights({ kernel_regularizer: { l1: 0 } })).toEqual(await weights({}));
  });
});

describe("label smoothing", () => {
  it("of labels spreads a share of the target over all classes", async () => {
    const params = { layers: HEAP_LAYERS, epochs: 60, optimizer: { adam: { learning_rate: 0.05 } } };
    const smooth = await curvesOf(heapData(90), { ...params, label_smoothing: 0.3 });
    const sharp = await curvesOf(heapData(90), params);
    // The least that smoothed targets of three classes allow is their entropy.
    const [own, other] = [0.7 + 0.1, 0.1];
    const entropy = -own * Math.log(own) - 2 * other * Math.log(other);
    expect(smooth.loss[59]).toBeGreaterThan(entropy);
    expect(sharp.loss[59]).toBeLessThan(entropy);
  });

  it("takes class names under Keras' other name of the loss too", async () => {
    const params = { layers: HEAP_LAYERS, epochs: 2 };
    const sparse = await runTrain(heapData(40), params);
    const dense = await runTrain(heapData(40), { ...params, loss: "categorical_crossentropy" });
    expect(dense.state.weights).toEqual(sparse.state.weights);
    expect(dense.state.config.loss).toBe("categorical_crossentropy");
  });
});

describe("sample weights", () => {
  const weighted = (data: Dataset, weightOf: (row: number) => number): Dataset =>
    data.with({ weight: numbers(Array.from({ length: data.rows }, (_, row) => weightOf(row))) }) as unknown as Dataset;

  it("are left alone unless they are asked for", async () => {
    const params = { layers: HEAP_LAYERS, epochs: 2 };
    const [plain, other] = [heapData(40), weighted(heapData(40), (row) => row)];
    expect((await runTrain(other, params)).state.weights).toEqual((await runTrain(plain, params)).state.weights);
  });

  it("of 1 change nothing, and of 0 leave a row out of loss and accuracy", async () => {
    const params = { layers: HEAP_LAYERS, epochs: 3, sample_weights: true, batch_size: 1000, shuffle: false };
    const plain = await runTrain(heapData(60), { ...params, sample_weights: false });
    const ones = await runTrain(
      weighted(heapData(60), () => 1),
      params,
    );
    expect(ones.state.weights).toEqual(plain.state.weights);
    expect(ones.report.curves).toEqual(plain.report.curves);

    // A wrong label that has no weight does no harm.
    const data = heapData(60) as Dataset<{ label: "label" }>;
    const column = data.column("label") as LabelColumn;
    const wrong = labels(Array.from(column.indices, (index, row) => (row === 0 ? "9" : column.dictionary[index])));
    const without = await runTrain(
      weighted(heapData(60), (row) => (row === 0 ? 0 : 1)),
      params,
    );
    const spoilt = await runTrain(
      weighted(data.with({ label: wrong }) as unknown as Dataset, (row) => (row === 0 ? 0 : 1)),
      params,
    );
    expect(spoilt.state.weights).toEqual(without.state.weights);
    expect(spoilt.report.curves).toEqual(without.report.curves);
  });

  it("times the weights of classes move the loss", async () => {
    const params = { layers: HEAP_LAYERS, optimizer: STILL, batch_size: 1000 };
    const plain = await curvesOf(heapData(60), params);
    const double = await curvesOf(
      weighted(heapData(60), () => 2),
      {
        ...params,
        sample_weights: true,
        class_weights: { "9": 3, "10": 3, "100": 3 },
      },
    );
    expect(double.loss[0]).toBeCloseTo(6 * plain.loss[0], 4);
    expect(double.val_loss[0]).toBeCloseTo(2 * plain.val_loss[0], 4);
    expect(double.accuracy).toEqual(plain.accuracy);
  });

  it("say what is wrong with them", async () => {
    const params = { layers: HEAP_LAYERS, sample_weights: true };
    expect(await diagnosticsOf(runTrain(heapData(20), params))).toMatchObject([{ code: "weight-missing" }]);
    expect(
      await diagnosticsOf(
        runTrain(
          weighted(heapData(20), (row) => 1 - row),
          params,
        ),
      ),
    ).toMatchObject([{ code: "weight-invalid", message: "train row 3 has the weight -3" }]);
    expect(
      await diagnosticsOf(
        runTrain(
          weighted(heapData(20), () => 0),
          params,
        ),
      ),
    ).toMatchObject([{ code: "weight-invalid", message: "all train rows have the weight 0" }]);
  });
});

describe("a loss that is no longer finite", () => {
  // A cost that throws the weights over, a million times further with every step.
  const wild = {
    layers: [{ dense: { units: 3, activation: "softmax", kernel_regularizer: { l2: 1e6 } } }],
    epochs: 30,
    batch_size: 1000,
    shuffle: false,
    optimizer: { sgd: { learning_rate: 1 } },
  };

  it("fails with epoch and step, and leaves nothing", async () => {
    await openDevice("simd");
    const before = tf.memory().numTensors;
    const [found] = await diagnosticsOf(runTrain(heapData(80), wild));
    expect(found.code).toBe("loss-not-finite");
    expect(found.message).toMatch(/ loss is not finite in epoch [3-9],/);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("with on_divergence: stop ends with the weights of the last epoch that went well", async () => {
    const lines: string[] = [];
    const context = contextOf(1, { log: (line) => void lines.push(line) });
    const { state, report } = await runTrain(heapData(80), { ...wild, on_divergence: "stop" }, context);
    const { epochs } = report.values;
    expect(epochs).toBeGreaterThan(1);
    expect(epochs).toBeLessThan(10);
    expect(lines).toEqual([expect.stringContaining(`the weights of epoch ${epochs} are kept`)]);
    const short = await runTrain(heapData(80), { ...wild, epochs });
    expect(short.state.weights).toEqual(state.weights);
    expect(short.report.curves).toEqual(report.curves);
  });

  it("in the first epoch fails all the same: there is nothing to keep", async () => {
    const params = { ...wild, layers: HEAP_LAYERS, optimizer: { sgd: { learning_rate: 1e30 } }, on_divergence: "stop" };
    const [found] = await diagnosticsOf(runTrain(heapData(80), { ...params, batch_size: 10 }));
    expect(found.message).toMatch(/ is not finite in epoch 1, step \d of 4,/);
  });

  it("that comes with the last step is found in the weights", async () => {
    const params = {
      layers: HEAP_LAYERS,
      batch_size: 1000,
      optimizer: { sgd: { learning_rate: 3e38, momentum: 0.9 } },
    };
    const data = heapData(80).without("split");
    const huge = (data as Dataset<{ vector: "vector" }>).column("vector").values.map((value) => value * 1e3);
    const large = data.with({ vector: { type: "vector", values: huge, width: 2 } }) as unknown as Dataset;
    const [found] = await diagnosticsOf(runTrain(large, params));
    expect(found.message).toMatch(/^the weight \S+ after the last step is not finite in epoch 1/);
  });
});

it("all options together train to the same bytes again, and leave no tensors", async () => {
  await openDevice("simd");
  const before = tf.memory().numTensors;
  const params = {
    layers: [
      { embedding: { units: 6, embeddings_regularizer: { l2: 0.001 } } },
      { lstm: { units: 5 } },
      { dense: { units: 2, activation: "softmax", kernel_regularizer: { l1: 0.001, l2: 0.01 } } },
    ],
    epochs: 3,
    batch_size: 16,
    label_smoothing: 0.1,
    clip_norm: 0.5,
    class_weights: "balanced",
    optimizer: { nadam: { learning_rate: { cosine: { initial_learning_rate: 0.01, warmup_steps: 2 } } } },
  };
  const digest = async () => {
    const digest = await modelDigest((await runTrain(orderData(60), params)).state);
    releaseModels();
    return digest;
  };
  const first = await digest();
  expect(await digest()).toBe(first);
  expect(tf.memory().numTensors).toBe(before);
});
