import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Dataset, executeStage, type Json, type Model } from "@seqloom/core";
import { importModel, loadModel } from "@seqloom/models";
import { describe, expect, it } from "vitest";
import { contextOf, diagnosticsOf } from "../helpers.js";

const path = (name: string): string => fileURLToPath(new URL(`./reference/${name}`, import.meta.url));

interface Expected {
  readonly size: number;
  readonly length: number;
  readonly rows: number;
  readonly classes: number;
  readonly ids: readonly number[];
  readonly probabilities: Readonly<Record<string, readonly number[]>>;
}

const expected = JSON.parse(readFileSync(path("expected.json"), "utf8")) as Expected;
const { size, length, rows } = expected;
const data = Dataset.of({
  ids: { type: "padded", values: Int32Array.from(expected.ids), width: length, size, pad: 0 },
});

const EMBED: Json = { embedding: { units: 8 } };
const CLASSIFY: Json = { dense: { units: 3, activation: "softmax" } };
const NAMES = { embedding: "embed", dense: "fc" };

/** Runs models/import over a file of the folder `reference`. */
async function imported(file: string, params: Readonly<Record<string, Json>>): Promise<Model> {
  const parsed = importModel.params.parse({
    file,
    order: "pytorch",
    input: { ids: { size, length } },
    classes: ["a", "b", "c"],
    ...params,
  });
  const files = { weights: [{ path: path(file), name: file, digest: "" }] };
  return (await executeStage(importModel as never, {}, parsed, contextOf(1, { files }))).model as Model;
}

async function probabilitiesOf(model: Model): Promise<Float32Array> {
  const predictor = await loadModel(model);
  const predicted = await predictor.predict(data);
  predictor.dispose();
  return (predicted.columns.get("probabilities") as { values: Float32Array }).values;
}

/** What the model says beside what PyTorch said. */
async function difference(name: string, params: Readonly<Record<string, Json>>): Promise<number> {
  const values = await probabilitiesOf(await imported(`${name}.safetensors`, params));
  expect(values).toHaveLength(rows * expected.classes);
  return Math.max(...expected.probabilities[name].map((value, i) => Math.abs(value - values[i])));
}

const SEQUENCES = { return_sequences: true };

describe("a model of PyTorch predicts the same", () => {
  it.each<[string, readonly Json[], Readonly<Record<string, Json>>]>([
    ["lstm", [{ lstm: { units: 6 } }], { lstm: "rnn" }],
    [
      "lstm-two-layers",
      [{ lstm: { units: 6, ...SEQUENCES } }, { lstm: { units: 6 } }],
      { lstm: "rnn", lstm_1: { prefix: "rnn", level: 1 } },
    ],
    ["lstm-bidirectional", [{ bidirectional: { layer: { lstm: { units: 6 } } } }], { bidirectional: "rnn" }],
    ["gru", [{ gru: { units: 6 } }], { gru: "rnn" }],
    ["gru-bidirectional", [{ bidirectional: { layer: { gru: { units: 6 } } } }], { bidirectional: "rnn" }],
    ["rnn", [{ simple_rnn: { units: 6 } }], { simple_rnn: "rnn" }],
    [
      "conv",
      [{ conv_1d: { filters: 6, kernel_size: 3, padding: "same", activation: "relu" } }, "global_average_pooling_1d"],
      { conv_1d: "conv" },
    ],
    [
      "conv2d",
      [
        { reshape: { target_shape: [9, 8, 1] } },
        { conv_2d: { filters: 4, kernel_size: [3, 2], activation: "tanh" } },
        { depthwise_conv_2d: { kernel_size: [2, 3], depth_multiplier: 2, activation: "tanh" } },
        "global_average_pooling_2d",
        { batch_normalization: { epsilon: 1e-5 } },
      ],
      { conv_2d: "conv", depthwise_conv_2d: "depthwise", batch_normalization: "norm" },
    ],
    [
      "attention",
      [
        { multi_head_attention: { num_heads: 2, key_dim: 4 } },
        { layer_normalization: { epsilon: 1e-5 } },
        "global_average_pooling_1d",
      ],
      { multi_head_attention: "attention", layer_normalization: "norm" },
    ],
    [
      "transformer",
      [{ transformer_encoder: { num_heads: 2, feed_forward: 12 } }, "global_average_pooling_1d"],
      { transformer_encoder: "encoder" },
    ],
  ])("%s", async (name, layers, names) => {
    const params = { layers: [EMBED, ...layers, CLASSIFY], names: { ...NAMES, ...names } };
    expect(await difference(name, params)).toBeLessThan(1e-5);
  });
});

describe("models/import refuses", () => {
  const layers = [EMBED, { lstm: { units: 6 } }, CLASSIFY];
  const refusal = (params: Readonly<Record<string, Json>>, file = "lstm.safetensors") =>
    diagnosticsOf(imported(file, { layers, names: { ...NAMES, lstm: "rnn" }, ...params }));

  it("a name that the file does not have, and says what it has", async () => {
    const [found] = await refusal({ names: NAMES });
    expect(found).toMatchObject({
      code: "weights-missing",
      message: 'layer lstm needs the tensor "lstm.weight_ih_l0", which lstm.safetensors does not have',
    });
    expect(found.hint).toContain("The file has: embed.weight, rnn.weight_ih_l0");
  });

  it("weights of another shape", async () => {
    const wide = [EMBED, { lstm: { units: 7 } }, CLASSIFY];
    expect(await refusal({ layers: wide })).toMatchObject([
      { code: "weights-shape", message: "lstm/kernel has shape [8, 28], the file has shape [8, 24]" },
    ]);
  });

  it("a GRU that resets before, which PyTorch has not", async () => {
    const before = [EMBED, { gru: { units: 6, reset_after: false } }, CLASSIFY];
    const names = { ...NAMES, gru: "rnn" };
    expect(await refusal({ layers: before, names }, "gru.safetensors")).toMatchObject([{ code: "weights-layer" }]);
  });

  it("a layer that PyTorch has no module for", async () => {
    const pooled = [EMBED, "attention_pooling", CLASSIFY];
    expect(await refusal({ layers: pooled, names: NAMES })).toMatchObject([
      {
        code: "weights-layer",
        message: "layer attention_pooling (AttentionPooling) has no counterpart in PyTorch to read from",
      },
    ]);
  });

  it("a name for a layer that there is not", async () => {
    expect(await refusal({ names: { ...NAMES, lstm: "rnn", gru: "rnn" } })).toMatchObject([
      { code: "weights-names", message: 'names has "gru", which is no layer of this model' },
    ]);
  });

  it("a file that is not safetensors", async () => {
    expect(await refusal({}, "make.py")).toMatchObject([{ code: "weights-file" }]);
  });

  it("classes that the last layer does not have", async () => {
    expect(await refusal({ classes: ["a", "b"] })).toMatchObject([{ code: "classes-units" }]);
  });
});

it("tensors that nobody asked for are named in the log", async () => {
  const logs: string[] = [];
  const params = importModel.params.parse({
    file: "lstm.safetensors",
    order: "pytorch",
    input: { ids: { size, length } },
    layers: [EMBED, "global_average_pooling_1d", { dense: { units: 3, activation: "softmax", use_bias: false } }],
    classes: ["a", "b", "c"],
    names: { embedding: "embed", dense: "fc" },
  });
  const files = { weights: [{ path: path("attention.safetensors"), name: "attention.safetensors", digest: "" }] };
  const context = contextOf(1, { files, log: (message) => void logs.push(message) });
  await executeStage(importModel as never, {}, params, context);
  expect(logs).toEqual([
    "not used of attention.safetensors: attention.in_proj_weight, attention.in_proj_bias, attention.out_proj.weight, " +
      "attention.out_proj.bias, norm.weight, norm.bias, fc.bias",
  ]);
});
