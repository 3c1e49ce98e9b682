import { z } from "zod";
import { defineLayer, requireSequence } from "./layer.js";

/** Adds sines and cosines of each step's position (Vaswani and others 2017, section 3.5): `[time, features]` → the same. */
export const positionalEncoding = defineLayer({
  name: "positional_encoding",
  type: "PositionalEncoding",
  params: z.strictObject({
    max_wavelength: z.number().min(1).default(10_000).describe("Wavelength of the slowest pair of features, over 2π"),
    scale: z.number().positive().default(1).describe("Factor of the input; the paper's is the root of its features"),
  }),
  build({ max_wavelength: wavelength, scale }, input, place) {
    const features = requireSequence(place, input);
    let known: { readonly time: number; readonly values: Float32Array } | undefined;
    return {
      output: input,
      weights: [],
      call(x, _weights, { device: { tf, ops }, mask }) {
        const time = x.shape[1] as number;
        if (known?.time !== time) known = { time, values: ops.sinusoidalPositions(time, features, wavelength) };
        const positions = tf.tensor2d(known.values, [time, features], "float32");
        return { output: tf.add(scale === 1 ? x : tf.mul(x, scale), positions), mask };
      },
    };
  },
});
