import type { Json } from "@seqloom/core";
import type { Scenario } from "../train.js";
import { CLASSIFY, EMBED_MASKED, GRADIENTS, ids, MIX, series, vector } from "./build.js";

const MEAN = "global_average_pooling_1d";

function conv(params: Readonly<Record<string, Json>> = {}): Json {
  return { conv_1d: { filters: 5, kernel_size: 3, activation: "tanh", ...params } };
}

/** Vectors of 42 numbers as images of 7 by 6 pixels; `channels` come from a dense layer over each pixel. */
function image(name: string, layers: readonly Json[], more: Partial<Scenario> = {}): Scenario {
  const picture: Json = { reshape: { target_shape: [7, 6, 1] } };
  const channels: Json = { dense: { units: 3, activation: "tanh" } };
  return { ...vector(name, [picture, channels, ...layers, CLASSIFY], { width: 42, rows: 5 }), ...more };
}

/** Convolution and pooling over time and over images. */
export const convolution: readonly Scenario[] = [
  series("conv_1d valid", [conv(), MEAN, CLASSIFY], {}, GRADIENTS),
  series("conv_1d same, strides 2", [MIX, conv({ padding: "same", strides: 2 }), MEAN, CLASSIFY], {}, GRADIENTS),
  series(
    "conv_1d causal, dilation 2",
    [MIX, conv({ padding: "causal", dilation_rate: 2 }), "flatten", CLASSIFY],
    {},
    GRADIENTS,
  ),
  series("conv_1d of 2 steps, no bias", [MIX, conv({ kernel_size: 2, use_bias: false }), "flatten", CLASSIFY]),
  series("conv_1d relu", [conv({ activation: "relu", padding: "same" }), MEAN, CLASSIFY]),
  ids(
    "conv_1d masked, same",
    [EMBED_MASKED, conv({ padding: "same" }), MEAN, CLASSIFY],
    { lengths: "post" },
    GRADIENTS,
  ),
  series("conv_1d over lengths, one empty", [conv(), MEAN, CLASSIFY], { lengths: "empty" }),
  series("conv_1d of 33 rows, 17 filters", [conv({ filters: 17 }), MEAN, CLASSIFY], { rows: 33, width: 9, time: 11 }),
  series(
    "separable_conv_1d",
    [
      MIX,
      { separable_conv_1d: { filters: 5, kernel_size: 3, depth_multiplier: 2, activation: "tanh" } },
      MEAN,
      CLASSIFY,
    ],
    {},
    GRADIENTS,
  ),
  series("max_pooling_1d", [MIX, "max_pooling_1d", conv({ kernel_size: 2 }), MEAN, CLASSIFY], {}, GRADIENTS),
  series("max_pooling_1d same, overlapping", [
    MIX,
    { max_pooling_1d: { pool_size: 3, strides: 2, padding: "same" } },
    "flatten",
    CLASSIFY,
  ]),
  series("average_pooling_1d", [MIX, "average_pooling_1d", "flatten", CLASSIFY], {}, GRADIENTS),
  series(
    "average_pooling_1d same, overlapping",
    [MIX, { average_pooling_1d: { pool_size: 3, strides: 2, padding: "same" } }, "flatten", CLASSIFY],
    {},
    GRADIENTS,
  ),
  ids("average_pooling_1d masked", [EMBED_MASKED, "average_pooling_1d", MEAN, CLASSIFY], { lengths: "post" }),
  series("global_max_pooling_1d", [MIX, "global_max_pooling_1d", CLASSIFY], {}, GRADIENTS),
  ids("global_max_pooling_1d masked", [EMBED_MASKED, "global_max_pooling_1d", CLASSIFY], { lengths: "empty" }),
  image(
    "conv_2d",
    [{ conv_2d: { filters: 4, kernel_size: 3, activation: "tanh" } }, "global_average_pooling_2d"],
    GRADIENTS,
  ),
  image(
    "conv_2d same, strides 2, kernel 2 by 3",
    [{ conv_2d: { filters: 4, kernel_size: [2, 3], strides: 2, padding: "same", activation: "sigmoid" } }, "flatten"],
    GRADIENTS,
  ),
  image(
    "conv_2d dilated, max_pooling_2d",
    [{ conv_2d: { filters: 4, kernel_size: 2, dilation_rate: 2, activation: "relu" } }, "max_pooling_2d", "flatten"],
    GRADIENTS,
  ),
  image(
    "depthwise_conv_2d",
    [
      { depthwise_conv_2d: { kernel_size: 3, depth_multiplier: 2, padding: "same", activation: "tanh" } },
      "global_average_pooling_2d",
    ],
    GRADIENTS,
  ),
  image(
    "separable_conv_2d",
    [{ separable_conv_2d: { filters: 4, kernel_size: 3, activation: "tanh" } }, "global_max_pooling_2d"],
    GRADIENTS,
  ),
  image("average_pooling_2d", [{ average_pooling_2d: { pool_size: 2, padding: "same" } }, "flatten"], GRADIENTS),
];
