import type { Tensor1D, Tensor3D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { activate } from "../activations.js";
import {
  afterSums,
  biasWeights,
  depthwiseParams,
  depthwiseWeight,
  pointwiseParams,
  pointwiseWeight,
  sequenceWindow,
} from "./conv-params.js";
import { lengthAfter, maskAfter, type SequenceWindow, sequenceOf, stepsBefore } from "./conv-sequence.js";
import { defineLayer } from "./layer.js";

/** A convolution over time of each feature on its own, then one that mixes them: `[time, features]` → `[time, filters]`. */
export const separableConv1d = defineLayer({
  name: "separable_conv_1d",
  type: "SeparableConv1D",
  params: z.strictObject({
    filters: z.int().positive().describe("Number of outputs of each step"),
    ...sequenceWindow,
    ...depthwiseParams,
    ...pointwiseParams,
    ...afterSums,
  }),
  endsInActivation: true,
  build(params, input, place) {
    const { filters, kernel_size: taps, strides: stride, padding, dilation_rate: dilation, activation } = params;
    const { depth_multiplier: multiplier } = params;
    const [, features] = sequenceOf(place, input);
    const window: SequenceWindow = { name: "kernel_size", reach: (taps - 1) * dilation + 1, stride, padding };
    return {
      output: { kind: "float", shape: [lengthAfter(place, input, window), filters] },
      weights: [
        depthwiseWeight([taps, features, multiplier], params),
        pointwiseWeight([1, features * multiplier, filters], params),
        ...biasWeights(filters, params),
      ],
      activity: params.activity_regularizer,
      call(x, weights, { device: { tf, ops }, mask }) {
        const steps = stepsBefore(tf, { x, mask }, window);
        const kernel = weights.depthwise_kernel as Tensor3D;
        const apart = ops.depthwiseConv1d(steps.x as Tensor3D, kernel, { stride, dilation, padding });
        const mixed = ops.conv1d(apart, weights.pointwise_kernel as Tensor3D, {
          bias: weights.bias as Tensor1D | undefined,
        });
        return { output: activate(tf, activation, mixed, ops), mask: maskAfter(tf, steps.mask, window) };
      },
    };
  },
});
