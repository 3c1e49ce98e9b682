import type { Tensor1D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { initializerOf } from "../initializers/initializers.js";
import { defineLayer, requireFeatures } from "./layer.js";

/** Each row of features by its root mean square (Zhang and Sennrich 2019): `[…, features]` → the same. */
export const rmsNormalization = defineLayer({
  name: "rms_normalization",
  type: "RMSNormalization",
  params: z.strictObject({
    epsilon: z.number().positive().default(1e-6).describe("Added to the mean square"),
  }),
  build({ epsilon }, input, place) {
    const features = requireFeatures(place, input);
    return {
      output: input,
      weights: [{ name: "scale", shape: [features], initializer: initializerOf({ ones: {} }) }],
      call: (x, weights, { device: { ops }, mask }) => ({
        output: ops.rmsNorm(x, weights.scale as Tensor1D, epsilon),
        mask,
      }),
    };
  },
});
