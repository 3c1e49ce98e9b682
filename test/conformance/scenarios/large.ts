import type { Json } from "@seqloom/core";
import type { DataSpec } from "../data.js";
import type { Scenario } from "../train.js";
import { CLASSIFY } from "./build.js";

const MEAN = "global_average_pooling_1d";
const EMBED: Json = { embedding: { units: 24, mask_zero: true, embeddings_initializer: "glorot_uniform" } };

function large(name: string, layers: readonly Json[], data: Partial<DataSpec> = {}): Scenario {
  return {
    name,
    data: { input: "ids", rows: 70, time: 23, width: 400, lengths: "post", ...data },
    layers: [EMBED, ...layers, CLASSIFY],
  };
}

function recurrent(kind: string): Scenario[] {
  const layer = (params: Readonly<Record<string, Json>> = {}): Json => ({ [kind]: { units: 37, ...params } });
  return [
    large(kind, [layer()]),
    large(`${kind} of two layers, dropout, backwards`, [
      layer({ return_sequences: true, dropout: 0.2, recurrent_dropout: 0.1 }),
      layer({ go_backwards: true }),
    ]),
  ];
}

/** Models that are large enough for several threads to share the work: what must give the same bytes for any number. */
export const largeScenarios: readonly Scenario[] = [
  ...recurrent("lstm"),
  ...recurrent("gru"),
  ...recurrent("simple_rnn"),
  ...["lstm", "gru", "simple_rnn"].map((kind) =>
    large(`bidirectional ${kind}`, [
      { bidirectional: { layer: { [kind]: { units: 21, return_sequences: true } } } },
      { bidirectional: { layer: { [kind]: { units: 21 } }, merge_mode: "sum" } },
    ]),
  ),
  large("gru, reset before", [{ gru: { units: 37, reset_after: false } }]),
  large("conv_1d, max_pooling_1d", [
    { conv_1d: { filters: 45, kernel_size: 5, activation: "relu" } },
    "max_pooling_1d",
    { conv_1d: { filters: 45, kernel_size: 3, padding: "causal", dilation_rate: 2, activation: "gelu" } },
    "global_max_pooling_1d",
  ]),
  large("separable_conv_1d, batch_normalization", [
    { separable_conv_1d: { filters: 45, kernel_size: 5, padding: "same" } },
    "batch_normalization",
    MEAN,
  ]),
  large("conv_2d", [
    { reshape: { target_shape: [23, 24, 1] } },
    { conv_2d: { filters: 11, kernel_size: 3, activation: "relu" } },
    "max_pooling_2d",
    { depthwise_conv_2d: { kernel_size: 3, activation: "tanh" } },
    "global_average_pooling_2d",
  ]),
  large("separable_conv_2d, average_pooling_2d", [
    { reshape: { target_shape: [23, 24, 1] } },
    { conv_2d: { filters: 8, kernel_size: [3, 2], strides: 2, padding: "same" } },
    "layer_normalization",
    { separable_conv_2d: { filters: 9, kernel_size: 3, depth_multiplier: 2, activation: "elu" } },
    { average_pooling_2d: { pool_size: 2, padding: "same" } },
    "flatten",
  ]),
  large("multi_head_attention", [
    "positional_embedding",
    { multi_head_attention: { num_heads: 4, key_dim: 9, dropout: 0.1 } },
    { attention_pooling: { units: 33 } },
  ]),
  large("transformer_encoder", [
    "positional_encoding",
    { transformer_encoder: { num_heads: 4, feed_forward: 64, activation: "gelu", dropout: 0.1 } },
    { transformer_encoder: { num_heads: 4, feed_forward: 64, pre_norm: false, causal: true } },
    MEAN,
  ]),
];
