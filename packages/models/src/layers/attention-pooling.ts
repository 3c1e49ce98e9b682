import type { Tensor1D, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { initializerOf, initializerSchema } from "../initializers/initializers.js";
import { regularizerSchema } from "../regularizers.js";
import { defineLayer, requireSequence } from "./layer.js";

/**
 * The sum over time by learned weights, softmax(u · tanh(x W + b)): additive attention (Bahdanau, Cho and Bengio 2015) with one
 * learned query (Yang and others 2016, section 2.2). `[time, features]` → `[features]`. Masked steps get no weight; a row of
 * masked steps alone gives zeros.
 */
export const attentionPooling = defineLayer({
  name: "attention_pooling",
  type: "AttentionPooling",
  params: z.strictObject({
    units: z
      .int()
      .positive()
      .nullable()
      .default(null)
      .describe("Length of the inner vector; null: that of the features"),
    kernel_initializer: initializerSchema.prefault("glorot_uniform").describe("Of the weights"),
    bias_initializer: initializerSchema.prefault("zeros").describe("Of the bias"),
    kernel_regularizer: regularizerSchema.describe("What large weights cost, the query's too"),
    bias_regularizer: regularizerSchema.describe("What a large bias costs"),
  }),
  build(params, input, place) {
    const features = requireSequence(place, input);
    const units = params.units ?? features;
    const kernel = { initializer: initializerOf(params.kernel_initializer), regularizer: params.kernel_regularizer };
    const bias = { initializer: initializerOf(params.bias_initializer), regularizer: params.bias_regularizer };
    return {
      output: { kind: "float", shape: [features] },
      weights: [
        { name: "kernel", shape: [features, units], ...kernel },
        { name: "bias", shape: [units], ...bias },
        { name: "context", shape: [units, 1], ...kernel },
      ],
      call(x, weights, { device: { tf, ops }, mask }) {
        const [batch, time] = x.shape as [number, number];
        const inner = ops.dense(x, weights.kernel as Tensor2D, weights.bias as Tensor1D, "tanh"); // [batch, time, units]
        const scores = tf.reshape(ops.dense(inner, weights.context as Tensor2D), [batch, 1, time]) as Tensor3D;
        const shares = ops.maskedSoftmax(scores, mask === null ? undefined : (mask as Tensor2D)); // [batch, 1, time]
        return { output: tf.reshape(tf.matMul(shares, x as Tensor3D), [batch, features]), mask: null };
      },
    };
  },
});
