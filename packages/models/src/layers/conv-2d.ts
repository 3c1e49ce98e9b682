import type { Tensor1D, Tensor4D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { activate } from "../activations.js";
import {
  afterSums,
  biasWeights,
  imageAfter,
  imageOf,
  imageWindow,
  kernelParams,
  kernelWeight,
  pairOf,
} from "./conv-params.js";
import { defineLayer } from "./layer.js";

/** A convolution over images: `[height, width, channels]` → `[height, width, filters]`. */
export const conv2d = defineLayer({
  name: "conv_2d",
  type: "Conv2D",
  params: z.strictObject({
    filters: z.int().positive().describe("Number of outputs of each pixel"),
    ...imageWindow,
    ...kernelParams,
    ...afterSums,
  }),
  endsInActivation: true,
  build(params, input, place) {
    const { filters, padding, activation } = params;
    const size = pairOf(params.kernel_size);
    const strides = pairOf(params.strides);
    const dilation = pairOf(params.dilation_rate);
    const [, , channels] = imageOf(place, input);
    const after = imageAfter(place, input, { name: "kernel_size", size, strides, dilation, padding });
    return {
      output: { kind: "float", shape: [...after, filters] },
      weights: [kernelWeight([...size, channels, filters], params), ...biasWeights(filters, params)],
      activity: params.activity_regularizer,
      call(x, weights, { device: { tf, ops } }) {
        const fused = activation === "relu" || activation === "sigmoid" || activation === "tanh";
        const y = ops.conv2d(x as Tensor4D, weights.kernel as Tensor4D, {
          strides,
          dilation,
          padding,
          bias: weights.bias as Tensor1D | undefined,
          activation: fused ? activation : "linear",
        });
        return { output: fused ? y : activate(tf, activation, y, ops), mask: null };
      },
    };
  },
});
