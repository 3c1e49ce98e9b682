import { layerSchema, layersSchema, train } from "@seqloom/models";
import { describe, expect, it } from "vitest";
import { z } from "zod";

interface Issue {
  readonly path: string;
  readonly message: string;
  readonly code: string;
  readonly hint?: string;
}

function issuesOf(layers: unknown): Issue[] {
  const result = layersSchema.safeParse(layers);
  if (result.success) throw new Error("it parsed");
  return result.error.issues.map((issue) => {
    const { hint } = (issue.code === "custom" ? (issue.params ?? {}) : {}) as { hint?: string };
    return { path: issue.path.join("."), message: issue.message, code: issue.code, ...(hint && { hint }) };
  });
}

describe("layers in YAML", () => {
  it("take a bare name where defaults do", () => {
    expect(layerSchema.parse("flatten")).toEqual({ flatten: {} });
  });

  it("take a key without a value, which is how YAML writes `- flatten:`", () => {
    expect(layerSchema.parse({ flatten: null })).toEqual({ flatten: {} });
  });

  it("have the defaults of Keras", () => {
    expect(layerSchema.parse({ lstm: { units: 32 } })).toEqual({
      lstm: {
        units: 32,
        activation: "tanh",
        recurrent_activation: "sigmoid",
        use_bias: true,
        unit_forget_bias: true,
        kernel_initializer: { glorot_uniform: {} },
        recurrent_initializer: { orthogonal: { gain: 1 } },
        bias_initializer: { zeros: {} },
        kernel_regularizer: null,
        recurrent_regularizer: null,
        bias_regularizer: null,
        activity_regularizer: null,
        stateful: false,
        dropout: 0,
        recurrent_dropout: 0,
        return_sequences: false,
        go_backwards: false,
      },
    });
    expect(layerSchema.parse({ embedding: { units: 8 } })).toEqual({
      embedding: {
        units: 8,
        trainable: true,
        vectors: false,
        mask_zero: false,
        embeddings_initializer: { uniform: { min: -0.05, max: 0.05 } },
        embeddings_regularizer: null,
        activity_regularizer: null,
      },
    });
  });

  it("have the names of Keras", () => {
    expect(layerSchema.parse({ embedding: { output_dim: 8 } })).toMatchObject({ embedding: { output_dim: 8 } });
    expect(layerSchema.parse("masking")).toEqual({ masking: { mask_value: 0 } });
    expect(layerSchema.parse({ reshape: { target_shape: [2, -1] } })).toEqual({ reshape: { target_shape: [2, -1] } });
    const wrong = layersSchema.safeParse([{ masking: { value: 1 } }]);
    expect(wrong.error?.issues).toMatchObject([{ code: "unrecognized_keys", keys: ["value"], path: [0, "masking"] }]);
  });

  it("parse what they parsed to the same again", () => {
    const parsed = layersSchema.parse([
      { embedding: { units: 8 } },
      { lstm: { units: 4 } },
      "flatten",
      { dense: { units: 2 } },
    ]);
    expect(layersSchema.parse(parsed)).toEqual(parsed);
    expect(JSON.parse(JSON.stringify(parsed))).toEqual(parsed);
  });

  it("say the closest name for an unknown layer, at its key", () => {
    expect(issuesOf([{ lstm: { units: 2 } }, { lsmt: { units: 32 } }])).toEqual([
      { path: "1.lsmt", code: "custom", message: 'there is no layer "lsmt"', hint: 'Did you mean "lstm"?' },
    ]);
    expect(issuesOf(["flaten"])).toEqual([
      { path: "0", code: "custom", message: 'there is no layer "flaten"', hint: 'Did you mean "flatten"?' },
    ]);
  });

  it("list the names when none is near", () => {
    expect(issuesOf([{ quantum: {} }])[0].hint).toMatch(/^Valid layers: embedding, lstm, .+ \(\d+ in all\)\.$/);
  });

  it("give the path of an unknown parameter", () => {
    const result = layersSchema.safeParse(["flatten", { lstm: { units: 32, unitz: 3 } }]);
    expect(result.error?.issues).toMatchObject([{ code: "unrecognized_keys", keys: ["unitz"], path: [1, "lstm"] }]);
  });

  it("give the path of a missing and of a wrong parameter", () => {
    expect(issuesOf(["lstm"])).toMatchObject([{ path: "0.lstm.units", code: "invalid_type" }]);
    expect(issuesOf([{ dense: { units: "many" } }])).toMatchObject([{ path: "0.dense.units", code: "invalid_type" }]);
    expect(issuesOf([{ dense: { units: 0 } }])).toMatchObject([{ path: "0.dense.units", code: "too_small" }]);
    expect(issuesOf([{ dropout: { rate: 1 } }])).toMatchObject([{ path: "0.dropout.rate", code: "too_big" }]);
    expect(issuesOf([{ dense: { units: 3, activation: "softmacks" } }])).toMatchObject([
      { path: "0.dense.activation", code: "invalid_value" },
    ]);
  });

  it("have exactly one key", () => {
    expect(issuesOf([{ lstm: { units: 1 }, dense: { units: 2 } }])).toEqual([
      { path: "0", code: "custom", message: "a layer has exactly one key, its name; received lstm, dense" },
    ]);
    expect(issuesOf([{}])[0].message).toBe("a layer has exactly one key, its name; received none");
  });

  it("are not numbers or lists", () => {
    expect(issuesOf([3])).toMatchObject([{ path: "0", code: "invalid_type" }]);
    expect(issuesOf([["lstm"]])).toMatchObject([{ path: "0", code: "invalid_type" }]);
  });

  it("are at least one", () => {
    expect(issuesOf([])).toMatchObject([{ path: "", code: "too_small" }]);
  });

  it("name the path of a wrong initializer", () => {
    expect(issuesOf([{ dense: { units: 1, kernel_initializer: "glorot" } }])).toMatchObject([
      { path: "0.dense.kernel_initializer", message: 'there is no initializer "glorot"' },
    ]);
    expect(issuesOf([{ dense: { units: 1, kernel_initializer: { uniform: { low: 1 } } } }])).toMatchObject([
      { path: "0.dense.kernel_initializer.uniform", code: "unrecognized_keys" },
    ]);
  });
});

describe("the parameters of models/train", () => {
  it("become a JSON Schema, in which a layer may be a bare name", () => {
    const schema = z.toJSONSchema(train.params, { io: "input" }) as unknown as {
      properties: {
        layers: { items: { type: unknown; properties: Record<string, unknown> } };
        epochs: { default: number };
      };
    };
    expect(schema.properties.layers.items.type).toEqual(["object", "string"]);
    expect(Object.keys(schema.properties.layers.items.properties)).toContain("global_average_pooling_1d");
    expect(schema.properties.epochs.default).toBe(1);
  });

  it("have Keras' defaults", () => {
    const { layers: _, ...rest } = train.params.parse({ layers: ["flatten"] });
    expect(rest).toEqual({
      loss: "auto",
      optimizer: { adam: { learning_rate: 0.001, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 } },
      epochs: 1,
      batch_size: 32,
      shuffle: true,
      use_mask: false,
      label_smoothing: 0,
      clip_norm: null,
      clip_value: null,
      class_weights: null,
      sample_weights: false,
      early_stopping: null,
      restore_best: null,
      on_divergence: "fail",
    });
    expect(train.params.parse({ layers: ["flatten"], optimizer: "sgd" }).optimizer).toEqual({
      sgd: { learning_rate: 0.01, momentum: 0, nesterov: false },
    });
  });

  it("are refused before there is data when the loss does not fit the last layer", () => {
    const problems = (params: unknown) => train.check?.(train.params.parse(params)) ?? [];
    expect(problems({ layers: [{ dense: { units: 2, activation: "softmax" } }] })).toEqual([]);
    expect(problems({ layers: [{ dense: { units: 2 } }, { activation: { activation: "softmax" } }] })).toEqual([]);
    expect(problems({ layers: ["flatten", { dense: { units: 2 } }] })).toMatchObject([
      { path: ["layers", 1], message: "no loss belongs to a last layer with activation linear" },
    ]);
    expect(
      problems({ layers: [{ dense: { units: 1, activation: "sigmoid" } }], loss: "sparse_categorical_crossentropy" }),
    ).toMatchObject([
      { message: expect.stringContaining("needs a last layer with activation softmax, this one has sigmoid") },
    ]);
  });
});
