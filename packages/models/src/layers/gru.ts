import type { Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { defineLayer } from "./layer.js";
import {
  featuresOf,
  maskAfter,
  recurrentActivation,
  recurrentMasks,
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
      call(x, weights, context) {
        const { mask, device } = context;
        const { output } = device.ops.gru({
          x: x as Tensor3D,
          kernel: weights.kernel as Tensor2D,
          recurrentKernel: weights.recurrent_kernel as Tensor2D,
          ...(params.use_bias && { bias: weights.bias }),
          ...(mask !== null && { mask: mask as Tensor2D }),
          ...recurrentMasks(params, [x.shape[0], features], context),
          activation: params.activation,
          recurrentActivation: params.recurrent_activation,
          resetAfter: params.reset_after,
          returnSequences: params.return_sequences,
          goBackwards: params.go_backwards,
        });
        return { output, mask: maskAfter(params, context) };
      },
    };
  },
});
