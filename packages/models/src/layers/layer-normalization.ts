import type { Tensor1D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { initializerOf } from "../initializers/initializers.js";
import { regularizerSchema } from "../regularizers.js";
import { defineLayer, requireFeatures } from "./layer.js";

/** Each row of features with its own mean and variance (Ba, Kiros and Hinton 2016): `[…, features]` → the same. */
export const layerNormalization = defineLayer({
  name: "layer_normalization",
  type: "LayerNormalization",
  params: z.strictObject({
    epsilon: z.number().positive().default(0.001).describe("Added to the variance"),
    center: z.boolean().default(true).describe("Whether an offset `beta` is learned"),
    scale: z.boolean().default(true).describe("Whether a factor `gamma` is learned"),
    beta_regularizer: regularizerSchema.describe("What large offsets cost"),
    gamma_regularizer: regularizerSchema.describe("What large factors cost"),
  }),
  build({ epsilon, center, scale, beta_regularizer, gamma_regularizer }, input, place) {
    const features = requireFeatures(place, input);
    const shape = [features];
    const gamma = { name: "gamma", shape, initializer: initializerOf({ ones: {} }), regularizer: gamma_regularizer };
    const beta = { name: "beta", shape, initializer: initializerOf({ zeros: {} }), regularizer: beta_regularizer };
    return {
      output: input,
      weights: [...(scale ? [gamma] : []), ...(center ? [beta] : [])],
      call(x, weights, { device: { tf, ops }, mask }) {
        const factor = (weights.gamma ?? tf.ones([features])) as Tensor1D;
        return { output: ops.layerNorm(x, factor, weights.beta as Tensor1D | undefined, epsilon), mask };
      },
    };
  },
});
