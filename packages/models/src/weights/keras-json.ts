import { fail, type Json, type JsonObject } from "@seqloom/core";
import type { ModelConfig } from "../artifact.js";
import { type LayerParams, layerOf } from "../layers/index.js";
import { buildNetwork } from "../network.js";
import { chosen } from "../params/choice.js";
import { type RegularizerParams, regularizerOf } from "../regularizers.js";

/** Names of initializers as Keras' classes, and of their parameters where they differ. */
const INITIALIZERS: Readonly<Record<string, string>> = {
  glorot_uniform: "GlorotUniform",
  glorot_normal: "GlorotNormal",
  he_uniform: "HeUniform",
  he_normal: "HeNormal",
  uniform: "RandomUniform",
  normal: "RandomNormal",
  orthogonal: "Orthogonal",
  zeros: "Zeros",
  ones: "Ones",
};

/**
 * Layers that Keras has not, or that do not stand in a Sequential model there: their class is written as that of a package,
 * `Seqloom>Residual`, with this package's own parameters, for a reader to register.
 */
const OWN: ReadonlySet<string> = new Set([
  "AttentionPooling",
  "MultiHeadAttention",
  "PositionalEmbedding",
  "PositionalEncoding",
  "Residual",
  "TransformerEncoder",
]);

/** Parameters that Keras calls otherwise. */
const RENAMED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  embedding: { units: "output_dim" },
  uniform: { min: "minval", max: "maxval" },
};

/**
 * A model as Keras writes it to JSON, `{"class_name": "Sequential", …}`: Keras 2 and 3 and TensorFlow.js read it with
 * `model_from_json`. Under `seqloom`, which they pass over, stand the classes and what the model reads.
 * @throws DiagnosticError `model-export` when the model masks ids in a way that Keras cannot say.
 */
export function kerasJson(config: ModelConfig): JsonObject {
  const { input, layers, classes } = config;
  const network = buildNetwork(layers, input.flow);
  if (input.masked && input.flow.pad !== 0) {
    throw fail("model-export", `this model masks the id ${input.flow.pad}; Keras can only mask the id 0`, {
      hint: "Train it on ids that text/pad fills with 0.",
    });
  }
  const first: JsonObject = {
    class_name: "InputLayer",
    config: {
      batch_input_shape: [config.batch_size ?? null, ...input.flow.shape],
      dtype: input.flow.kind === "ids" ? "int32" : "float32",
      name: "input",
    },
  };
  const rest = layers.map((layer, index): JsonObject => {
    const json = layerJson(layer, network.layers[index].name);
    if (network.layers[index].type !== "Embedding") return json;
    const own = json.config as JsonObject;
    const masked = own.mask_zero === true || input.masked;
    return { ...json, config: { ...own, mask_zero: masked, input_dim: input.flow.size ?? 0 } };
  });
  return {
    class_name: "Sequential",
    config: { name: "sequential", layers: [first, ...rest] },
    keras_version: "2.15.0",
    backend: "tensorflow",
    seqloom: { classes: [...classes], input: input as unknown as Json },
  };
}

function layerJson(layer: LayerParams, name: string): JsonObject {
  const [{ name: kind, type }, params] = layerOf(layer);
  const config: Record<string, Json> = { name, trainable: true, dtype: "float32" };
  if (OWN.has(type)) return { class_name: `Seqloom>${type}`, config: { ...config, ...(params as JsonObject) } };
  for (const [key, value] of Object.entries(params)) {
    if (value !== undefined) config[RENAMED[kind]?.[key] ?? key] = valueJson(key, value, name);
  }
  return { class_name: type, config };
}

function valueJson(key: string, value: unknown, name: string): Json {
  if (key === "layer") {
    const inner = value as LayerParams;
    return layerJson(inner, `${name}_${chosen(inner)[0]}`);
  }
  if (key.endsWith("_initializer")) return initializerJson(value);
  if (!key.endsWith("_regularizer")) return value as Json;
  const costs = regularizerOf(value as RegularizerParams);
  return costs === null ? null : { class_name: "L1L2", config: { l1: costs.l1, l2: costs.l2 } };
}

function initializerJson(value: unknown): JsonObject {
  const [name, params] = chosen(value as Readonly<Record<string, unknown>>);
  const config = Object.fromEntries(
    Object.entries(params as Readonly<Record<string, Json>>).map(([key, own]) => [RENAMED[name]?.[key] ?? key, own]),
  );
  return { class_name: INITIALIZERS[name], config };
}
