import type { Tensor2D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { type Initializer, initializerOf } from "../initializers/initializers.js";
import { defineLayer, type WeightSpec } from "./layer.js";
import {
  featuresOf,
  keepStates,
  maskAfter,
  recurrentActivation,
  recurrentInputs,
  recurrentParams,
  recurrentShape,
  recurrentWeights,
} from "./recurrent.js";

const { units, activation, use_bias, ...rest } = recurrentParams;

const schema = z.strictObject({
  units,
  activation: activation.describe("Of the cell's input and output"),
  recurrent_activation: recurrentActivation,
  use_bias,
  unit_forget_bias: z.boolean().default(true).describe("Begin the bias of the forget gate at 1"),
  ...rest,
});

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers and others 2000):
 * `[time, features]` → `[units]`, or `[time, units]` with `return_sequences`. Weights as in Keras, gates i, f, c, o.
 */
export const lstm = defineLayer({
  name: "lstm",
  type: "LSTM",
  params: schema,
  build(params, input, place) {
    const features = featuresOf(place, input);
    return {
      output: { kind: "float", shape: recurrentShape(params, input) },
      weights: weightsOf(params, features),
      activity: params.activity_regularizer,
      call(x, weights, context) {
        const { output, h, c } = context.device.ops.lstm({
          ...recurrentInputs(params, x, weights, context),
          recurrentActivation: params.recurrent_activation,
          ...(params.stateful && { initialC: context.memory?.recall("c") as Tensor2D | undefined }),
        });
        keepStates(params, context, { h, c });
        return { output, mask: maskAfter(params, context) };
      },
    };
  },
});

function weightsOf(params: z.output<typeof schema>, features: number): WeightSpec[] {
  const { units } = params;
  const plain = initializerOf(params.bias_initializer);
  // Jozefowicz and others 2015: a forget gate that begins open.
  const open: Initializer = (shape, random) => plain(shape, random).fill(1, units, 2 * units);
  return recurrentWeights(params, features, 4 * units, { initializer: params.unit_forget_bias ? open : plain });
}
