import { z } from "zod";
import { initializerOf, initializerSchema } from "../initializers/initializers.js";
import { regularizerSchema } from "../regularizers.js";
import { defineLayer, requireSequence, shapeError } from "./layer.js";

/** Adds a learned vector for each position: `[time, features]` → the same. All rows must be of one length. */
export const positionalEmbedding = defineLayer({
  name: "positional_embedding",
  type: "PositionalEmbedding",
  params: z.strictObject({
    embeddings_initializer: initializerSchema.prefault("uniform").describe("How the vectors begin"),
    embeddings_regularizer: regularizerSchema.describe("What large vectors cost"),
  }),
  build(params, input, place) {
    const features = requireSequence(place, input);
    const time = input.shape[0];
    if (typeof time !== "number") {
      const hint = "It learns a vector for each position: pad the sequences to one length, or use positional_encoding.";
      throw shapeError(place, "sequences of one length", input, hint);
    }
    const initializer = initializerOf(params.embeddings_initializer);
    return {
      output: input,
      weights: [
        { name: "embeddings", shape: [time, features], initializer, regularizer: params.embeddings_regularizer },
      ],
      call: (x, weights, { device: { tf }, mask }) => ({ output: tf.add(x, weights.embeddings!), mask }),
    };
  },
});
