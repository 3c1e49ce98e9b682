import type { Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { defineLayer, requireFloat, shapeError } from "./layer.js";

/** The mean over time of the steps that are not masked: `[time, features]` → `[features]`. */
export const globalAveragePooling1d = defineLayer({
  name: "global_average_pooling_1d",
  type: "GlobalAveragePooling1D",
  params: z.strictObject({}),
  build(_params, input, place) {
    requireFloat(place, input);
    const [, features] = input.shape;
    if (input.shape.length !== 2 || typeof features !== "number") {
      const hint = "It averages over time: it comes after embedding, or after an lstm with `return_sequences: true`.";
      throw shapeError(place, "[time, features]", input, hint);
    }
    return {
      output: { kind: "float", shape: [features] },
      weights: [],
      call(x, _weights, { device: { ops }, mask }) {
        const sequence = x as Tensor3D;
        const output =
          mask === null ? ops.globalAveragePooling1d(sequence) : ops.globalAveragePooling1d(sequence, mask as Tensor2D);
        return { output, mask: null };
      },
    };
  },
});
