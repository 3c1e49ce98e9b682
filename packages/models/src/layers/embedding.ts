import { fail } from "@seqloom/core";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { initializerOf, initializerSchema } from "../initializers/initializers.js";
import { activityRegularizer, regularizerSchema } from "../regularizers.js";
import { defineLayer, shapeError } from "./layer.js";

/** A vector per id: `[time]` ids → `[time, output_dim]`. The number of ids comes from the data. */
export const embedding = defineLayer({
  name: "embedding",
  type: "Embedding",
  params: z.strictObject({
    output_dim: z.int().positive().optional().describe("Length of the vectors"),
    units: z
      .int()
      .positive()
      .optional()
      .describe("Another name of output_dim, as other layers have it; give one of the two"),
    mask_zero: z.boolean().default(false).describe("Mask the steps that hold the padding id"),
    embeddings_initializer: initializerSchema.prefault("uniform").describe("How the vectors begin"),
    vectors: z
      .boolean()
      .default(false)
      .describe("Begin with the matrix on the port `vectors` of the stage, which text/embedding-matrix makes"),
    trainable: z.boolean().default(true).describe("Whether the vectors are trained; false: they stay as they begin"),
    embeddings_regularizer: regularizerSchema.describe("What large vectors cost: `{l2: 0.0001}`"),
    activity_regularizer: activityRegularizer,
  }),
  build(params, input, place) {
    const units = params.output_dim ?? params.units;
    if (units === undefined || (params.units !== undefined && params.output_dim !== undefined)) {
      throw fail("layer-parameter", `${place} needs either output_dim or units, which mean the same`, {
        hint: "Write `embedding: {output_dim: 32}`.",
      });
    }
    if (input.kind !== "ids" || input.shape.length !== 1 || input.size === undefined) {
      const hint = "It must be the first layer, over a column of ids: text/encode and text/pad make one.";
      throw shapeError(place, "ids [time]", input, hint);
    }
    const pad = input.pad ?? -1;
    return {
      output: { kind: "float", shape: [...input.shape, units] },
      weights: [
        {
          name: "embeddings",
          shape: [input.size, units],
          initializer: initializerOf(params.embeddings_initializer),
          regularizer: params.embeddings_regularizer,
          ...(params.vectors && { given: true }),
          ...(!params.trainable && { trainable: false }),
        },
      ],
      activity: params.activity_regularizer,
      call(x, weights, { device: { tf, ops }, mask }) {
        const output = ops.embedding(x as Tensor2D, weights.embeddings as Tensor2D);
        return { output, mask: params.mask_zero && pad >= 0 ? tf.notEqual(x, tf.scalar(pad, "int32")) : mask };
      },
    };
  },
});
