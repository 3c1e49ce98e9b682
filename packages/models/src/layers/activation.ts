import { z } from "zod";
import { activate, activationSchema } from "../activations.js";
import { defineLayer, requireFloat } from "./layer.js";

/** Applies an activation, in any shape. */
export const activation = defineLayer({
  name: "activation",
  type: "Activation",
  params: z.strictObject({ activation: activationSchema.describe("Its name, such as relu") }),
  endsInActivation: true,
  build(params, input, place) {
    requireFloat(place, input);
    return {
      output: input,
      weights: [],
      call: (x, _weights, { device: { tf, ops }, mask }) => ({ output: activate(tf, params.activation, x, ops), mask }),
    };
  },
});
