import { z } from "zod";
import { dropoutMask, requireRandom } from "./dropout-mask.js";
import { defineLayer, requireFloat } from "./layer.js";

/** Sets a share of the numbers to zero while training, another one at each step (Srivastava and others 2014). */
export const dropout = defineLayer({
  name: "dropout",
  type: "Dropout",
  params: z.strictObject({
    rate: z.number().min(0).lt(1).describe("Share of the numbers that is dropped"),
  }),
  build({ rate }, input, place) {
    requireFloat(place, input);
    return {
      output: input,
      weights: [],
      call(x, _weights, { device: { tf }, training, random, mask }) {
        if (!training || rate === 0) return { output: x, mask };
        return { output: tf.mul(x, dropoutMask(tf, x.shape, rate, requireRandom(random))), mask };
      },
    };
  },
});
