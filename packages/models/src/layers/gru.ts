import { z } from "zod";
import { defineLayer } from "./layer.js";
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

const { units, activation, ...rest } = recurrentParams;

const schema = z.strictObject({
  units,
  activation: activation.describe("Of the candidate state"),
  recurrent_activation: recurrentActivation,
  ...rest,
  reset_after: z
    .boolean()
    .default(true)
    .describe("Apply the reset gate after the weights of the state, as cuDNN and PyTorch do, not before"),
});

/**
 * Gated recurrent unit (Cho and others 2014): `[time, features]` → `[units]`, or `[time, units]` with `return_sequences`.
 * Weights as in Keras, gates z, r, h; the bias is `[2, 3 * units]` with `reset_after`, of the inputs and of the state.
 */
export const gru = defineLayer({
  name: "gru",
  type: "GRU",
  params: schema,
  build(params, input, place) {
    const features = featuresOf(place, input);
    const columns = 3 * params.units;
    const bias = { shape: params.reset_after ? [2, columns] : [columns] };
    return {
      output: { kind: "float", shape: recurrentShape(params, input) },
      weights: recurrentWeights(params, features, columns, bias),
      activity: params.activity_regularizer,
      call(x, weights, context) {
        const { output, h } = context.device.ops.gru({
          ...recurrentInputs(params, x, weights, context),
          recurrentActivation: params.recurrent_activation,
          resetAfter: params.reset_after,
        });
        keepStates(params, context, { h });
        return { output, mask: maskAfter(params, context) };
      },
    };
  },
});
