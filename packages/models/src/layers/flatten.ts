import { z } from "zod";
import { defineLayer, knownShape, requireFloat } from "./layer.js";

/** All axes as one: `[time, features]` → `[time · features]`. The mask ends here. */
export const flatten = defineLayer({
  name: "flatten",
  type: "Flatten",
  params: z.strictObject({}),
  build(_params, input, place) {
    requireFloat(place, input);
    const hint = "The sequences differ in length: pad them before training, or use lstm or global_average_pooling_1d.";
    const size = knownShape(place, input, hint).reduce((product, length) => product * length, 1);
    return {
      output: { kind: "float", shape: [size] },
      weights: [],
      call: (x, _weights, { device: { tf } }) => ({ output: tf.reshape(x, [-1, size]), mask: null }),
    };
  },
});
