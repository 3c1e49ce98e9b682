import { fail } from "@seqloom/core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { activationSchema } from "../activations.js";
import { regularizerSchema } from "../regularizers.js";
import { dense } from "./dense.js";
import { dropout } from "./dropout.js";
import { defineLayer, requireSequence } from "./layer.js";
import { layerNormalization } from "./layer-normalization.js";
import { multiHeadAttention } from "./multi-head-attention.js";
import { callPart, callParts, part, weightsOfParts } from "./nested.js";

const schema = z.strictObject({
  num_heads: z.int().positive().describe("Number of heads of attention"),
  key_dim: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe("Features of a head; null: those of the input, shared out"),
  feed_forward: z.int().positive().describe("Units between the two dense layers of each step"),
  activation: activationSchema.default("relu").describe("Between the two dense layers"),
  dropout: z.number().min(0).lt(1).default(0).describe("Share of the numbers dropped after each half while training"),
  pre_norm: z.boolean().default(true).describe("Normalise before each half, not after the sum"),
  causal: z.boolean().default(false).describe("Let each step see only those before it, and itself"),
  epsilon: z.number().positive().default(1e-5).describe("Added to the variance of the normalisations"),
  kernel_regularizer: regularizerSchema.describe("What large weights of attention and of the dense layers cost"),
  bias_regularizer: regularizerSchema.describe("What their large biases cost"),
});

/**
 * One block of a transformer's encoder (Vaswani and others 2017, section 3.1): attention, then two dense layers for each step,
 * both with the input added and normalised. `[time, features]` → the same. With `pre_norm` (Xiong and others 2020), put a
 * layer_normalization after the last block.
 */
export const transformerEncoder = defineLayer({
  name: "transformer_encoder",
  type: "TransformerEncoder",
  params: schema,
  build(params, input, place) {
    const features = requireSequence(place, input);
    const { num_heads, pre_norm: before, epsilon, causal, kernel_regularizer, bias_regularizer } = params;
    const costs = { kernel_regularizer, bias_regularizer };
    const keyWidth = params.key_dim ?? Math.floor(features / num_heads);
    if (params.key_dim === null && features % num_heads !== 0) {
      throw fail("layer-parameter", `${place} cannot share ${features} features among ${num_heads} heads`, {
        hint: "Choose a number of heads that divides the features, or set key_dim.",
      });
    }
    const norm = layerNormalization.params.parse({ epsilon });
    const drop = part("dropout", dropout.build({ rate: params.dropout }, input, place));
    const attend = multiHeadAttention.params.parse({ num_heads, key_dim: keyWidth, causal, ...costs });
    const attention = part("attention", multiHeadAttention.build(attend, input, place));
    const wide = dense.params.parse({ units: params.feed_forward, activation: params.activation, ...costs });
    const first = part("feed_forward", dense.build(wide, input, place));
    const narrow = dense.build(dense.params.parse({ units: features, ...costs }), first.output, place);
    const second = part("feed_forward_output", narrow);
    const norms = ["attention_norm", "feed_forward_norm"].map((name) =>
      part(name, layerNormalization.build(norm, input, place)),
    );
    const halves = [[attention], [first, second]];
    return {
      output: input,
      weights: weightsOfParts([...norms, ...halves.flat()]),
      call(x, weights, context) {
        const { tf } = context.device;
        let output: Tensor = x;
        for (const [i, half] of halves.entries()) {
          const normalise = norms[i]!;
          // Each half drops numbers of its own.
          const own = { ...context, random: context.random?.fork(normalise.name) ?? null };
          const inner = callParts([...(before ? [normalise] : []), ...half, drop], output, weights, own).output;
          const sum = tf.add(output, inner);
          output = before ? sum : callPart(normalise, sum, weights, own).output;
        }
        return { output, mask: context.mask };
      },
    };
  },
});
