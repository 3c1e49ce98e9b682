import type { Json } from "@seqloom/core";
import type { Scenario } from "../train.js";
import { CLASSIFY, EMBED_MASKED, GRADIENTS, ids, MIX, series, vector } from "./build.js";

const MEAN = "global_average_pooling_1d";

function attention(params: Readonly<Record<string, Json>> = {}): Json {
  return { multi_head_attention: { num_heads: 2, key_dim: 3, ...params } };
}

function encoder(params: Readonly<Record<string, Json>> = {}): Json {
  return { transformer_encoder: { num_heads: 2, feed_forward: 7, activation: "gelu", ...params } };
}

/** Attention, positions, normalisation, residuals. */
export const attentionScenarios: readonly Scenario[] = [
  series("multi_head_attention", [MIX, attention(), MEAN, CLASSIFY], {}, GRADIENTS),
  ids("multi_head_attention masked", [EMBED_MASKED, attention(), MEAN, CLASSIFY], { lengths: "post" }, GRADIENTS),
  ids("multi_head_attention masked, an empty row", [EMBED_MASKED, attention(), MEAN, CLASSIFY], { lengths: "empty" }),
  series("multi_head_attention causal", [MIX, attention({ causal: true }), MEAN, CLASSIFY], {}, GRADIENTS),
  ids("multi_head_attention causal, masked", [EMBED_MASKED, attention({ causal: true }), MEAN, CLASSIFY], {
    lengths: "pre",
  }),
  series(
    "multi_head_attention value_dim, no bias",
    [MIX, attention({ value_dim: 5, use_bias: false }), MEAN, CLASSIFY],
    {},
    GRADIENTS,
  ),
  series("multi_head_attention dropout", [MIX, attention({ dropout: 0.3 }), MEAN, CLASSIFY], { rows: 13 }),
  series("multi_head_attention of 17 steps, 1 head", [MIX, attention({ num_heads: 1 }), MEAN, CLASSIFY], { time: 17 }),
  ids(
    "attention_pooling masked",
    [EMBED_MASKED, { attention_pooling: { units: 4 } }, CLASSIFY],
    { lengths: "post" },
    GRADIENTS,
  ),
  series("attention_pooling", [MIX, "attention_pooling", CLASSIFY], {}, GRADIENTS),
  series("transformer_encoder", [MIX, encoder(), MEAN, CLASSIFY], {}, GRADIENTS),
  ids(
    "transformer_encoder masked, post-norm",
    [
      { embedding: { units: 6, mask_zero: true, embeddings_initializer: "glorot_uniform" } },
      encoder({ pre_norm: false }),
      MEAN,
      CLASSIFY,
    ],
    { lengths: "post" },
    GRADIENTS,
  ),
  series("transformer_encoder of two blocks, causal, dropout", [
    MIX,
    "positional_encoding",
    encoder({ causal: true, dropout: 0.1 }),
    encoder({ causal: true, dropout: 0.1 }),
    "layer_normalization",
    MEAN,
    CLASSIFY,
  ]),
  series("positional_encoding", [MIX, { positional_encoding: { scale: 2 } }, MIX, MEAN, CLASSIFY], {}, GRADIENTS),
  series("positional_embedding", [MIX, "positional_embedding", MIX, MEAN, CLASSIFY], {}, GRADIENTS),
  vector("layer_normalization", [{ dense: { units: 9 } }, "layer_normalization", CLASSIFY], {}, GRADIENTS),
  series("layer_normalization over time", [MIX, { layer_normalization: { center: false } }, MEAN, CLASSIFY]),
  vector("layer_normalization without scale", [
    { dense: { units: 9 } },
    { layer_normalization: { scale: false } },
    CLASSIFY,
  ]),
  vector("rms_normalization", [{ dense: { units: 9 } }, "rms_normalization", CLASSIFY], {}, GRADIENTS),
  vector("batch_normalization", [{ dense: { units: 5 } }, "batch_normalization", CLASSIFY], { rows: 21 }, GRADIENTS),
  ids("batch_normalization masked", [EMBED_MASKED, { batch_normalization: { momentum: 0.8 } }, MEAN, CLASSIFY], {
    lengths: "post",
  }),
  series(
    "residual",
    [MIX, { residual: { layers: [{ dense: { units: 4, activation: "gelu" } }] } }, MEAN, CLASSIFY],
    {},
    GRADIENTS,
  ),
];
