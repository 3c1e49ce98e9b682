import type { Tensor4D } from "@tensorflow/tfjs-core";
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
} from "./conv-params.js";
import { defineLayer } from "./layer.js";

/** A convolution of each channel on its own: `[height, width, channels]` → `[height, width, channels · depth_multiplier]`. */
export const depthwiseConv2d = defineLayer({
  name: "depthwise_conv_2d",
  type: "DepthwiseConv2D",
  params: z.strictObject({ ...imageWindow, ...depthwiseParams, ...afterSums }),
  endsInActivation: true,
  build(params, input, place) {
    const { padding, depth_multiplier: multiplier } = params;
    const size = pairOf(params.kernel_size);
    const strides = pairOf(params.strides);
    const dilation = pairOf(params.dilation_rate);
    const [, , channels] = imageOf(place, input);
    const after = imageAfter(place, input, { name: "kernel_size", size, strides, dilation, padding });
    const filters = channels * multiplier;
    return {
      output: { kind: "float", shape: [...after, filters] },
      weights: [depthwiseWeight([...size, channels, multiplier], params), ...biasWeights(filters, params)],
      activity: params.activity_regularizer,
      call(x, weights, { device: { tf, ops } }) {
        const kernel = weights.depthwise_kernel as Tensor4D;
        const sums = ops.depthwiseConv2d(x as Tensor4D, kernel, { strides, dilation, padding });
        const y = weights.bias === undefined ? sums : tf.add(sums, weights.bias);
        return { output: activate(tf, params.activation, y, ops), mask: null };
      },
    };
  },
});
