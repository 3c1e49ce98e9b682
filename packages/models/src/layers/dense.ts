import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { activate, activationSchema } from "../activations.js";
import { initializerOf, initializerSchema } from "../initializers/initializers.js";
import { activityRegularizer, regularizerSchema } from "../regularizers.js";
import { defineLayer, requireFloat, shapeError } from "./layer.js";

/** Every output from every input of the last axis: `[…, features]` → `[…, units]`. */
export const dense = defineLayer({
  name: "dense",
  type: "Dense",
  params: z.strictObject({
    units: z.int().positive().describe("Number of outputs"),
    activation: activationSchema.default("linear").describe("What is applied to the outputs"),
    use_bias: z.boolean().default(true).describe("Whether there is a bias"),
    kernel_initializer: initializerSchema.prefault("glorot_uniform").describe("Of the weights"),
    bias_initializer: initializerSchema.prefault("zeros").describe("Of the bias"),
    kernel_regularizer: regularizerSchema.describe("What large weights cost: `{l2: 0.001}`"),
    bias_regularizer: regularizerSchema.describe("What a large bias costs"),
    activity_regularizer: activityRegularizer,
  }),
  endsInActivation: true,
  build(params, input, place) {
    requireFloat(place, input);
    const features = input.shape.at(-1);
    if (typeof features !== "number") {
      const hint = "The number of features must be the same in every row: use an lstm or a pooling layer before it.";
      throw shapeError(place, "[…, features]", input, hint);
    }
    const { units } = params;
    const bias = params.use_bias
      ? [
          {
            name: "bias",
            shape: [units],
            initializer: initializerOf(params.bias_initializer),
            regularizer: params.bias_regularizer,
          },
        ]
      : [];
    return {
      output: { kind: "float", shape: [...input.shape.slice(0, -1), units] },
      weights: [
        {
          name: "kernel",
          shape: [features, units],
          initializer: initializerOf(params.kernel_initializer),
          regularizer: params.kernel_regularizer,
        },
        ...bias,
      ],
      activity: params.activity_regularizer,
      call(x, weights, { device: { tf, ops }, mask }) {
        const { activation } = params;
        const fused =
          activation === "relu" || activation === "sigmoid" || activation === "tanh" ? activation : "linear";
        const product = ops.dense(x, weights.kernel as Tensor2D, weights.bias as Tensor1D | undefined, fused);
        return { output: fused === activation ? product : activate(tf, activation, product, ops), mask };
      },
    };
  },
});
