import { z } from "zod";
import { defineLayer } from "./layer.js";
import {
  featuresOf,
  keepStates,
  maskAfter,
  recurrentInputs,
  recurrentParams,
  recurrentShape,
  recurrentWeights,
} from "./recurrent.js";

const schema = z.strictObject(recurrentParams);

/**
 * A simple recurrent layer (Elman 1990), h = activation(x W + h U + b): `[time, features]` → `[units]`, or `[time, units]` with
 * `return_sequences`. Weights as in Keras.
 */
export const simpleRnn = defineLayer({
  name: "simple_rnn",
  type: "SimpleRNN",
  params: schema,
  build(params, input, place) {
    const features = featuresOf(place, input);
    return {
      output: { kind: "float", shape: recurrentShape(params, input) },
      weights: recurrentWeights(params, features, params.units),
      activity: params.activity_regularizer,
      call(x, weights, context) {
        const { output, h } = context.device.ops.simpleRnn(recurrentInputs(params, x, weights, context));
        keepStates(params, context, { h });
        return { output, mask: maskAfter(params, context) };
      },
    };
  },
});
