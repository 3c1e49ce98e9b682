import type { Tensor1D, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { defineLayer } from "./layer.js";
import {
  featuresOf,
  maskAfter,
  recurrentMasks,
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
      call(x, weights, context) {
        const { mask, device } = context;
        const { output } = device.ops.simpleRnn({
          x: x as Tensor3D,
          kernel: weights.kernel as Tensor2D,
          recurrentKernel: weights.recurrent_kernel as Tensor2D,
          ...(params.use_bias && { bias: weights.bias as Tensor1D }),
          ...(mask !== null && { mask: mask as Tensor2D }),
          ...recurrentMasks(params, [x.shape[0], features], context),
          activation: params.activation,
          returnSequences: params.return_sequences,
          goBackwards: params.go_backwards,
        });
        return { output, mask: maskAfter(params, context) };
      },
    };
  },
});
