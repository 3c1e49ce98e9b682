import type { Scenario } from "../train.js";
import { CLASSIFY, EMBED, EMBED_MASKED, GRADIENTS, ids, MIX, series, vector } from "./build.js";

const ACTIVATIONS = [
  "relu",
  "sigmoid",
  "tanh",
  "softmax",
  "hard_sigmoid",
  "elu",
  "selu",
  "softplus",
  "swish",
  "gelu",
  "exponential",
] as const;

/** Embedding, dense, activations, dropout, shapes, masks, the mean over time. */
export const plain: readonly Scenario[] = [
  ids("embedding, mean", [EMBED, "global_average_pooling_1d", CLASSIFY], {}, GRADIENTS),
  ids("embedding mask_zero, mean, post", [EMBED_MASKED, "global_average_pooling_1d", CLASSIFY], { lengths: "post" }),
  ids(
    "embedding use_mask, mean, pre",
    [EMBED, "global_average_pooling_1d", CLASSIFY],
    { lengths: "pre" },
    {
      with: { use_mask: true },
      gradients: true,
    },
  ),
  ids("embedding of few ids, flatten", [EMBED, "flatten", CLASSIFY], { width: 2, time: 9 }),
  ids("embedding of many ids, flatten", [EMBED, "flatten", CLASSIFY], { width: 67 }),
  vector("dense", [CLASSIFY], {}, GRADIENTS),
  vector("dense without bias", [{ dense: { units: 5, activation: "tanh", use_bias: false } }, CLASSIFY]),
  vector("dense, a batch of one", [MIX, CLASSIFY], { rows: 3 }, { with: { batch_size: 1 } }),
  vector("dense of 37 rows, 29 inputs, 19 units", [{ dense: { units: 19, activation: "tanh" } }, CLASSIFY], {
    rows: 37,
    width: 29,
  }),
  series("dense over time", [MIX, "flatten", CLASSIFY], {}, GRADIENTS),
  ...ACTIVATIONS.map((activation) =>
    vector(`dense ${activation}`, [{ dense: { units: 5, activation } }, CLASSIFY], {}, GRADIENTS),
  ),
  vector("activation layer", [MIX, { activation: { activation: "sigmoid" } }, CLASSIFY], {}, GRADIENTS),
  vector("dropout", [MIX, { dropout: { rate: 0.4 } }, CLASSIFY], { rows: 31 }, GRADIENTS),
  series("dropout over time", [MIX, { dropout: { rate: 0.2 } }, "flatten", CLASSIFY]),
  vector("reshape, flatten", [MIX, { reshape: { target_shape: [2, -1] } }, MIX, "flatten", CLASSIFY], {}, GRADIENTS),
  series(
    "masking, mean",
    [{ masking: {} }, MIX, "global_average_pooling_1d", CLASSIFY],
    { lengths: "empty" },
    GRADIENTS,
  ),
];
