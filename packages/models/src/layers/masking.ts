import { z } from "zod";
import { defineLayer, requireFloat, shapeError } from "./layer.js";

/** Masks the steps whose features all equal a value, and sets them to zero. No gradient passes the comparison. */
export const masking = defineLayer({
  name: "masking",
  type: "Masking",
  params: z.strictObject({
    mask_value: z.number().default(0).describe("The value that all features of a masked step have"),
  }),
  build({ mask_value: value }, input, place) {
    requireFloat(place, input);
    if (input.shape.length !== 2) {
      throw shapeError(place, "[time, features]", input, "Masks are for sequences: it comes before lstm.");
    }
    return {
      output: input,
      weights: [],
      call(x, _weights, { device: { tf, ops }, mask }) {
        // After a layer with weights x is on the tape, and TensorFlow.js knows no gradient of `any`.
        const real = tf.any(tf.notEqual(ops.detach(x), value), -1); // [batch, time]
        const output = tf.mul(x, tf.cast(tf.expandDims(real, -1), "float32"));
        return { output, mask: mask === null ? real : tf.logicalAnd(mask, real) };
      },
    };
  },
});
