import type { Tensor1D, Tensor3D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { activate } from "../activations.js";
import { afterSums, biasWeights, kernelParams, kernelWeight, sequenceWindow } from "./conv-params.js";
import { lengthAfter, maskAfter, type SequenceWindow, sequenceOf, stepsBefore } from "./conv-sequence.js";
import { defineLayer } from "./layer.js";

/** A convolution over time: `[time, features]` → `[time, filters]`. Windows that reach into masked steps are masked. */
export const conv1d = defineLayer({
  name: "conv_1d",
  type: "Conv1D",
  params: z.strictObject({
    filters: z.int().positive().describe("Number of outputs of each step"),
    ...sequenceWindow,
    ...kernelParams,
    ...afterSums,
  }),
  endsInActivation: true,
  build(params, input, place) {
    const { filters, kernel_size: taps, strides: stride, padding, dilation_rate: dilation, activation } = params;
    const [, features] = sequenceOf(place, input);
    const window: SequenceWindow = { name: "kernel_size", reach: (taps - 1) * dilation + 1, stride, padding };
    return {
      output: { kind: "float", shape: [lengthAfter(place, input, window), filters] },
      weights: [kernelWeight([taps, features, filters], params), ...biasWeights(filters, params)],
      activity: params.activity_regularizer,
      call(x, weights, { device: { tf, ops }, mask }) {
        const steps = stepsBefore(tf, { x, mask }, window);
        const fused = activation === "relu" || activation === "sigmoid" || activation === "tanh";
        const y = ops.conv1d(steps.x as Tensor3D, weights.kernel as Tensor3D, {
          stride,
          dilation,
          padding,
          bias: weights.bias as Tensor1D | undefined,
          activation: fused ? activation : "linear",
        });
        const output = fused ? y : activate(tf, activation, y, ops);
        return { output, mask: maskAfter(tf, steps.mask, window) };
      },
    };
  },
});
