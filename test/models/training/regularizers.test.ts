import { Dataset, labels } from "@seqloom/core";
import { releaseModels } from "@seqloom/models";
import { afterEach, describe, expect, it } from "vitest";
import { orderData, runTrain } from "../helpers.js";

afterEach(releaseModels);

const STILL = { optimizer: { sgd: { learning_rate: 1e-30 } }, batch_size: 1000 };
const HEAD = { dense: { units: 2, activation: "softmax" } };
const EMBEDDING = { embedding: { units: 4 } };

/** The loss that is logged for these layers over {@link orderData}, in training and in validation. */
async function lossOf(layers: readonly object[], data = orderData(16)): Promise<readonly [number, number]> {
  const { report } = await runTrain(data, { layers, ...STILL });
  const { loss, val_loss } = report.curves as Record<string, number[]>;
  return [loss[0], val_loss[0]];
}

/** Layers before, the layer that costs, its parameters beside the regularizer, layers after. */
type Place = readonly [before: readonly object[], name: string, params: object, after: readonly object[]];

async function costOf([before, name, params, after]: Place, key: string, value: unknown, data?: Dataset) {
  const layersWith = (more: object): object[] => [...before, { [name]: { ...params, ...more } }, ...after];
  const plain = await lossOf(layersWith({}), data);
  const costly = await lossOf(layersWith({ [key]: value }), data);
  expect(costly[0] - plain[0]).toBeCloseTo(costly[1] - plain[1], 4);
  return costly[0] - plain[0];
}

const ONES = { kernel_initializer: "ones", bias_initializer: "ones" };
const PIXELS = [EMBEDDING, { reshape: { target_shape: [6, 4, 1] } }];
const POOLED = [{ global_average_pooling_2d: {} }, HEAD];
const LAST = [{ global_average_pooling_1d: {} }, HEAD];

describe("the cost of weights is in the logged loss, 0.1 for each that is one:", () => {
  const cases: readonly (readonly [string, number, Place])[] = [
    [
      "kernel_regularizer",
      8,
      [
        [EMBEDDING, { flatten: {} }, { dense: { units: 4 } }],
        "dense",
        { units: 2, ...ONES, activation: "softmax" },
        [],
      ],
    ],
    ["bias_regularizer", 2, [[EMBEDDING, { flatten: {} }], "dense", { units: 2, ...ONES, activation: "softmax" }, []]],
    ["embeddings_regularizer", 36, [[], "embedding", { units: 4, embeddings_initializer: "ones" }, LAST]],
    ["kernel_regularizer", 24, [[EMBEDDING], "conv_1d", { filters: 3, kernel_size: 2, ...ONES }, LAST]],
    ["bias_regularizer", 3, [[EMBEDDING], "conv_1d", { filters: 3, kernel_size: 2, ...ONES }, LAST]],
    ["kernel_regularizer", 12, [PIXELS, "conv_2d", { filters: 3, kernel_size: 2, ...ONES }, POOLED]],
    [
      "depthwise_regularizer",
      4,
      [PIXELS, "depthwise_conv_2d", { kernel_size: 2, depthwise_initializer: "ones" }, POOLED],
    ],
    [
      "pointwise_regularizer",
      12,
      [[EMBEDDING], "separable_conv_1d", { filters: 3, kernel_size: 2, pointwise_initializer: "ones" }, LAST],
    ],
    [
      "depthwise_regularizer",
      8,
      [[EMBEDDING], "separable_conv_1d", { filters: 3, kernel_size: 2, depthwise_initializer: "ones" }, LAST],
    ],
    [
      "pointwise_regularizer",
      3,
      [PIXELS, "separable_conv_2d", { filters: 3, kernel_size: 2, pointwise_initializer: "ones" }, POOLED],
    ],
    ["recurrent_regularizer", 36, [[EMBEDDING], "lstm", { units: 3, recurrent_initializer: "ones" }, [HEAD]]],
    ["bias_regularizer", 12, [[EMBEDDING], "lstm", { units: 3, ...ONES }, [HEAD]]],
    ["bias_regularizer", 18, [[EMBEDDING], "gru", { units: 3, ...ONES }, [HEAD]]],
    ["kernel_regularizer", 12, [[EMBEDDING], "simple_rnn", { units: 3, ...ONES }, [HEAD]]],
    ["gamma_regularizer", 4, [[EMBEDDING], "layer_normalization", {}, LAST]],
    ["gamma_regularizer", 4, [[EMBEDDING], "batch_normalization", {}, LAST]],
    ["beta_regularizer", 0, [[EMBEDDING], "batch_normalization", {}, LAST]],
    ["kernel_regularizer", 96, [[EMBEDDING], "multi_head_attention", { num_heads: 2, key_dim: 3, ...ONES }, LAST]],
    ["bias_regularizer", 22, [[EMBEDDING], "multi_head_attention", { num_heads: 2, key_dim: 3, ...ONES }, LAST]],
    ["kernel_regularizer", 15, [[EMBEDDING], "attention_pooling", { units: 3, ...ONES }, [HEAD]]],
    ["bias_regularizer", 3, [[EMBEDDING], "attention_pooling", { units: 3, ...ONES }, [HEAD]]],
    ["embeddings_regularizer", 24, [[EMBEDDING], "positional_embedding", { embeddings_initializer: "ones" }, LAST]],
  ];
  it.each(cases)("%s of %i weights", async (key, weights, place) => {
    expect(await costOf(place, key, { l2: 0.1 })).toBeCloseTo(0.1 * weights, 4);
    expect(await costOf(place, key, { l1: 0.1 })).toBeCloseTo(0.1 * weights, 4);
  });

  it("every matrix of a transformer's block has its part", async () => {
    const place: Place = [[EMBEDDING], "transformer_encoder", { num_heads: 2, feed_forward: 5 }, LAST];
    expect(await costOf(place, "kernel_regularizer", { l2: 0.1 })).toBeGreaterThan(0.1);
    expect(await costOf(place, "bias_regularizer", { l2: 0.1 })).toBeCloseTo(0, 6);
  });
});

describe("the cost of outputs is in the logged loss, a mean over the rows:", () => {
  const ZEROS = { kernel_initializer: "zeros", bias_initializer: "ones" };
  const cases: readonly (readonly [number, Place])[] = [
    // Six steps of four ones.
    [24, [[], "embedding", { units: 4, embeddings_initializer: "ones" }, LAST]],
    [18, [[EMBEDDING], "dense", { units: 3, ...ZEROS }, LAST]],
    [15, [[EMBEDDING], "conv_1d", { filters: 3, kernel_size: 2, ...ZEROS }, LAST]],
    [45, [PIXELS, "conv_2d", { filters: 3, kernel_size: 2, ...ZEROS }, POOLED]],
    [
      15,
      [
        PIXELS,
        "depthwise_conv_2d",
        { kernel_size: 2, depthwise_initializer: "zeros", bias_initializer: "ones" },
        POOLED,
      ],
    ],
    [
      18,
      [
        [EMBEDDING],
        "simple_rnn",
        { units: 3, activation: "linear", recurrent_initializer: "zeros", return_sequences: true, ...ZEROS },
        LAST,
      ],
    ],
    [24, [[EMBEDDING], "multi_head_attention", { num_heads: 2, key_dim: 3, ...ZEROS }, LAST]],
  ];
  it.each(cases)("%i ones", async (ones, place) => {
    expect(await costOf(place, "activity_regularizer", { l2: 0.1 })).toBeCloseTo(0.1 * ones, 4);
  });

  it("probabilities for the last layer, whose activation the loss takes over", async () => {
    const place: Place = [[EMBEDDING, { flatten: {} }], "dense", { units: 2, activation: "softmax" }, []];
    expect(await costOf(place, "activity_regularizer", { l1: 0.1 })).toBeCloseTo(0.1, 5);
  });

  it("of both directions, and of layers inside others", async () => {
    const inner = (more: object) => ({
      simple_rnn: { units: 3, activation: "linear", recurrent_initializer: "zeros", ...ZEROS, ...more },
    });
    const cost = { activity_regularizer: { l2: 0.1 } };
    const both = (more: object) => [EMBEDDING, { bidirectional: { layer: inner(more) } }, HEAD];
    expect((await lossOf(both(cost)))[0] - (await lossOf(both({})))[0]).toBeCloseTo(0.6, 4);
    const around = (more: object) => [
      EMBEDDING,
      { residual: { layers: [{ dense: { units: 4, ...ZEROS, ...more } }] } },
      ...LAST,
    ];
    expect((await lossOf(around(cost)))[0] - (await lossOf(around({})))[0]).toBeCloseTo(2.4, 4);
  });

  it("does not change with the size of the batches, and keeps outputs small", async () => {
    const values = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i * 7));
    const data = Dataset.of({
      vector: { type: "vector", values, width: 2 },
      label: labels(Array.from({ length: 32 }, (_, row) => (values[row * 2] > 0 ? "a" : "b"))),
    });
    const layers = [{ dense: { units: 3, activity_regularizer: { l2: 0.5 } } }, HEAD];
    const lossWith = async (batch_size: number): Promise<number> => {
      const { report } = await runTrain(data, { layers, optimizer: STILL.optimizer, batch_size, shuffle: false });
      return (report.curves as Record<string, number[]>).loss[0];
    };
    expect(await lossWith(4)).toBeCloseTo(await lossWith(32), 5);
    const sizeWith = async (activity_regularizer: unknown): Promise<number> => {
      const own = [{ dense: { units: 3, activity_regularizer } }, HEAD];
      const { state } = await runTrain(data, { layers: own, optimizer: { sgd: { learning_rate: 0.1 } }, epochs: 60 });
      const kernel = state.weights.get("dense/kernel");
      return Math.hypot(...((kernel?.values ?? []) as Float32Array));
    };
    expect(await sizeWith({ l2: 0.5 })).toBeLessThan((await sizeWith(null)) / 2);
  });
});
