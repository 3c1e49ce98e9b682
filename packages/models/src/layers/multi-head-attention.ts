import type { Tensor1D, Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { initializerOf, initializerSchema } from "../initializers/initializers.js";
import { activityRegularizer, regularizerSchema } from "../regularizers.js";
import { dropoutMask, requireRandom } from "./dropout-mask.js";
import { defineLayer, requireSequence, type WeightSpec } from "./layer.js";

const schema = z.strictObject({
  num_heads: z.int().positive().describe("Number of heads"),
  key_dim: z.int().positive().describe("Features of the queries and keys of one head"),
  value_dim: z.int().positive().nullable().default(null).describe("Features of the values of one head; null: key_dim"),
  dropout: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe("Share of the weights of attention that is dropped while training"),
  use_bias: z.boolean().default(true).describe("Whether the projections have a bias"),
  causal: z.boolean().default(false).describe("Let each step see only those before it, and itself"),
  kernel_initializer: initializerSchema.prefault("glorot_uniform").describe("Of the weights of the projections"),
  bias_initializer: initializerSchema.prefault("zeros").describe("Of the biases"),
  kernel_regularizer: regularizerSchema.describe("What large weights of the projections cost"),
  bias_regularizer: regularizerSchema.describe("What large biases cost"),
  activity_regularizer: activityRegularizer,
});

/**
 * Self-attention of many heads (Vaswani and others 2017): `[time, features]` → the same. Masked steps are not looked at.
 * Weights are Keras' with the heads beside one another: `query/kernel` is `[features, num_heads · key_dim]`.
 */
export const multiHeadAttention = defineLayer({
  name: "multi_head_attention",
  type: "MultiHeadAttention",
  params: schema,
  build(params, input, place) {
    const features = requireSequence(place, input);
    const { num_heads: heads, key_dim: keyWidth, dropout } = params;
    const valueWidth = params.value_dim ?? keyWidth;
    return {
      output: input,
      weights: [
        ...projection("query", features, heads * keyWidth, params),
        ...projection("key", features, heads * keyWidth, params),
        ...projection("value", features, heads * valueWidth, params),
        ...projection("attention_output", heads * valueWidth, features, params),
      ],
      activity: params.activity_regularizer,
      call(x, weights, { device: { tf, ops }, training, random, mask }) {
        const [batch, time] = x.shape as [number, number];
        const project = (name: string, from: Tensor3D): Tensor3D => {
          const bias = weights[`${name}/bias`] as Tensor1D | undefined;
          return ops.dense(from, weights[`${name}/kernel`] as Tensor2D, bias) as Tensor3D;
        };
        const sequence = x as Tensor3D;
        const dropped =
          training && dropout > 0
            ? (dropoutMask(tf, [batch, heads, time, time], dropout, requireRandom(random)) as Tensor4D)
            : undefined;
        const output = ops.attention({
          query: project("query", sequence), // [batch, time, heads * keyWidth]
          key: project("key", sequence),
          value: project("value", sequence),
          heads,
          causal: params.causal,
          ...(mask !== null && { mask: mask as Tensor2D }),
          ...(dropped && { dropoutMask: dropped }),
        });
        return { output: project("attention_output", output), mask };
      },
    };
  },
});

function projection(name: string, inputs: number, units: number, params: z.output<typeof schema>): WeightSpec[] {
  const kernel = {
    name: `${name}/kernel`,
    shape: [inputs, units],
    initializer: initializerOf(params.kernel_initializer),
    regularizer: params.kernel_regularizer,
  };
  if (!params.use_bias) return [kernel];
  const initializer = initializerOf(params.bias_initializer);
  return [kernel, { name: `${name}/bias`, shape: [units], initializer, regularizer: params.bias_regularizer }];
}
