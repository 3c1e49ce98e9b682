import type { Tensor4D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { imageOf } from "./conv-params.js";
import { defineLayer } from "./layer.js";

/** The mean of each channel: `[height, width, channels]` → `[channels]`. */
export const globalAveragePooling2d = defineLayer({
  name: "global_average_pooling_2d",
  type: "GlobalAveragePooling2D",
  params: z.strictObject({}),
  build(_params, input, place) {
    const [, , channels] = imageOf(place, input);
    return {
      output: { kind: "float", shape: [channels] },
      weights: [],
      call: (x, _weights, { device: { ops } }) => ({ output: ops.globalAveragePooling2d(x as Tensor4D), mask: null }),
    };
  },
});
