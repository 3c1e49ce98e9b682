import { fail } from "@seqloom/core";
import { z } from "zod";
import { defineLayer, knownShape, requireFloat, shapeText } from "./layer.js";

/** The same numbers in another shape (the batch left out); one size may be -1: whatever is left. The mask ends here. */
export const reshape = defineLayer({
  name: "reshape",
  type: "Reshape",
  params: z.strictObject({
    target_shape: z
      .array(z.int().min(-1))
      .min(1)
      .describe("The new shape without the batch; one size may be -1: whatever is left"),
  }),
  build(params, input, place) {
    requireFloat(place, input);
    const hint = "The sequences differ in length: pad them before training.";
    const size = knownShape(place, input, hint).reduce((product, length) => product * length, 1);
    const open = params.target_shape.filter((length) => length === -1).length;
    const known = params.target_shape.reduce((product, length) => (length === -1 ? product : product * length), 1);
    if (open > 1 || known === 0 || (open === 1 ? size % known !== 0 : size !== known)) {
      const asked = shapeText(params.target_shape);
      throw fail(
        "layer-shape",
        `${place} cannot make ${asked} of ${shapeText(input.shape)}: it holds ${size} numbers`,
        {
          hint: `The sizes must multiply to ${size}; one of them may be -1.`,
        },
      );
    }
    const shape = params.target_shape.map((length) => (length === -1 ? size / known : length));
    return {
      output: { kind: "float", shape },
      weights: [],
      call: (x, _weights, { device: { tf } }) => ({ output: tf.reshape(x, [-1, ...shape]), mask: null }),
    };
  },
});
