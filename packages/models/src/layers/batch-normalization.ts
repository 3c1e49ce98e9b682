import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { TensorFlow } from "../device.js";
import { initializerOf } from "../initializers/initializers.js";
import { regularizerSchema } from "../regularizers.js";
import { defineLayer, requireFeatures, type WeightSpec } from "./layer.js";

/**
 * Each feature with its mean and variance (Ioffe and Szegedy 2015): those of the batch while training, moving averages of them
 * afterwards. Masked steps do not count. `[…, features]` → the same.
 */
export const batchNormalization = defineLayer({
  name: "batch_normalization",
  type: "BatchNormalization",
  params: z.strictObject({
    momentum: z.number().min(0).lt(1).default(0.99).describe("How slowly the moving averages follow"),
    epsilon: z.number().positive().default(0.001).describe("Added to the variance"),
    center: z.boolean().default(true).describe("Whether an offset `beta` is learned"),
    scale: z.boolean().default(true).describe("Whether a factor `gamma` is learned"),
    beta_regularizer: regularizerSchema.describe("What large offsets cost"),
    gamma_regularizer: regularizerSchema.describe("What large factors cost"),
  }),
  build({ momentum, epsilon, center, scale, beta_regularizer, gamma_regularizer }, input, place) {
    const features = requireFeatures(place, input);
    const ones = initializerOf({ ones: {} });
    const zeros = initializerOf({ zeros: {} });
    const weights: WeightSpec[] = [
      ...(scale ? [{ name: "gamma", shape: [features], initializer: ones, regularizer: gamma_regularizer }] : []),
      ...(center ? [{ name: "beta", shape: [features], initializer: zeros, regularizer: beta_regularizer }] : []),
      { name: "moving_mean", shape: [features], initializer: zeros, trainable: false },
      { name: "moving_variance", shape: [features], initializer: ones, trainable: false },
    ];
    return {
      output: input,
      weights,
      call(x, own, { device: { tf, ops }, training, mask, update }) {
        const gamma = (own.gamma ?? tf.ones([features])) as Tensor1D;
        const beta = own.beta as Tensor1D | undefined;
        const mean = own.moving_mean as Tensor1D;
        const variance = own.moving_variance as Tensor1D;
        if (!training) return { output: ops.batchNormInference(x, mean, variance, gamma, beta, epsilon), mask };
        const steps = mask !== null && mask.rank === x.rank - 1 ? mask : undefined;
        const batch = ops.batchNorm(x, gamma, beta, steps, epsilon);
        update?.("moving_mean", towards(tf, mean, batch.mean, momentum));
        update?.("moving_variance", towards(tf, variance, batch.variance, momentum));
        return { output: batch.output, mask };
      },
    };
  },
});

function towards(tf: TensorFlow, average: Tensor, value: Tensor, momentum: number): Tensor {
  return tf.add(tf.mul(average, momentum), tf.mul(value, 1 - momentum));
}
