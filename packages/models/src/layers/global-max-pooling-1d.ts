import type { Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { sequenceOf } from "./conv-sequence.js";
import { defineLayer } from "./layer.js";

/** The maximum over time of the steps that are not masked: `[time, features]` → `[features]`. */
export const globalMaxPooling1d = defineLayer({
  name: "global_max_pooling_1d",
  type: "GlobalMaxPooling1D",
  params: z.strictObject({}),
  build(_params, input, place) {
    const [, features] = sequenceOf(place, input);
    return {
      output: { kind: "float", shape: [features] },
      weights: [],
      call: (x, _weights, { device: { ops }, mask }) => ({
        output: ops.globalMaxPooling1d(x as Tensor3D, mask === null ? undefined : (mask as Tensor2D)),
        mask: null,
      }),
    };
  },
});
