import type { Tensor1D, Tensor4D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { activate } from "../activations.js";
import {
  afterSums,
  biasWeights,
  depthwiseParams,
  depthwiseWeight,
  imageAfter,
  imageOf,
  imageWindow,
  pairOf,
  pointwiseParams,
  pointwiseWeight,
} from "./conv-params.js";
import { defineLayer } from "./layer.js";

/** A convolution of each channel on its own, then one that mixes them: `[height, width, channels]` → `[height, width, filters]`. */
export const separableConv2d = defineLayer({
  name: "separable_conv_2d",
  type: "SeparableConv2D",
  params: z.strictObject({
    filters: z.int().positive().describe("Number of outputs of each pixel"),
    ...imageWindow,
    ...depthwiseParams,
    ...pointwiseParams,
    ...afterSums,
  }),
  endsInActivation: true,
  build(params, input, place) {
    const { filters, padding, depth_multiplier: multiplier } = params;
    const size = pairOf(params.kernel_size);
    const strides = pairOf(params.strides);
    const dilation = pairOf(params.dilation_rate);
    const [, , channels] = imageOf(place, input);
    const after = imageAfter(place, input, { name: "kernel_size", size, strides, dilation, padding });
    return {
      output: { kind: "float", shape: [...after, filters] },
      weights: [
        depthwiseWeight([...size, channels, multiplier], params),
        pointwiseWeight([1, 1, channels * multiplier, filters], params),
        ...biasWeights(filters, params),
      ],
      activity: params.activity_regularizer,
      call(x, weights, { device: { tf, ops } }) {
        const kernel = weights.depthwise_kernel as Tensor4D;
        const apart = ops.depthwiseConv2d(x as Tensor4D, kernel, { strides, dilation, padding });
        const bias = weights.bias as Tensor1D | undefined;
        const mixed = ops.conv2d(apart, weights.pointwise_kernel as Tensor4D, { bias });
        return { output: activate(tf, params.activation, mixed, ops), mask: null };
      },
    };
  },
});
