import * as tf from "@tensorflow/tfjs-core";
import { composedConv2d, composedDepthwiseConv2d } from "./conv-composed.js";
import type { DenseActivation } from "./dense.js";
import { type Tokens, tokensOf } from "./embedding.js";
import { hasKernel, runKernel } from "./fused.js";

/** What happens at the edges: nothing is added; zeros so that the output is as long as the input over the stride; zeros before only. */
export type ConvPadding = "valid" | "same" | "causal";

/** How a window moves over an image [height, width]. */
export interface WindowOptions {
  readonly strides?: readonly [number, number];
  /** Distance of the taps of a kernel. */
  readonly dilation?: readonly [number, number];
  readonly padding?: "valid" | "same" | tf.backend_util.ExplicitPadding;
}

/** How a window moves over a sequence. */
export interface SequenceOptions {
  readonly stride?: number;
  readonly dilation?: number;
  readonly padding?: ConvPadding;
}

/** What is done to the sums. */
export interface AfterOptions {
  /** [filters] */
  readonly bias?: tf.Tensor1D | undefined;
  readonly activation?: DenseActivation;
}

function check(name: string, x: tf.Tensor, kernel: tf.Tensor, channelsAxis: number): void {
  if (x.rank !== kernel.rank || x.shape.at(-1) !== kernel.shape[channelsAxis]) {
    throw new RangeError(
      `${name}: x must have the rank of the kernel [${kernel.shape}] and ${kernel.shape[channelsAxis]} channels. ` +
        `Received: [${x.shape}]`,
    );
  }
}

/**
 * A convolution: x [batch, height, width, channels] with kernel [height, width, channels, filters] -> [batch, height', width',
 * filters], then bias and activation; one kernel where the backend has it. Throws a RangeError when shapes do not fit.
 */
export function conv2d(x: tf.Tensor4D, kernel: tf.Tensor4D, options: WindowOptions & AfterOptions = {}): tf.Tensor4D {
  check("conv2d", x, kernel, 2);
  return convolution(x, kernel, options);
}

function convolution(
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  options: WindowOptions & AfterOptions,
  tokens?: Tokens,
): tf.Tensor4D {
  const { strides = [1, 1], dilation = [1, 1], padding = "valid", bias, activation = "linear" } = options;
  if (!hasKernel("SeqloomConv2D"))
    return composedConv2d(x, kernel, { strides, dilation, padding }, { bias, activation });
  const attributes = { strides, dilations: dilation, pad: padding, activation, tokens };
  return runKernel("SeqloomConv2D", { x, filter: kernel, bias }, attributes);
}

/**
 * A convolution whose every channel has kernels of its own: x [batch, height, width, channels] with kernel [height, width, channels,
 * multiplier] -> [batch, height', width', channels * multiplier]. Throws a RangeError when shapes do not fit.
 */
export function depthwiseConv2d(x: tf.Tensor4D, kernel: tf.Tensor4D, options: WindowOptions = {}): tf.Tensor4D {
  check("depthwiseConv2d", x, kernel, 2);
  const { strides = [1, 1], dilation = [1, 1], padding = "valid" } = options;
  if (!hasKernel("SeqloomDepthwiseConv2D")) return composedDepthwiseConv2d(x, kernel, { strides, dilation, padding });
  return runKernel("SeqloomDepthwiseConv2D", { x, filter: kernel }, { strides, dilations: dilation, pad: padding });
}

/** The options of images of height 1. */
function asImage({ stride = 1, dilation = 1, padding = "valid" }: SequenceOptions, taps: number): WindowOptions {
  const before: [number, number] = [(taps - 1) * dilation, 0];
  return {
    // The height is 1, so its stride says nothing; some backends want both to be alike.
    strides: [stride, stride],
    dilation: [1, dilation],
    padding: padding === "causal" ? [[0, 0], [0, 0], before, [0, 0]] : padding,
  };
}

/** x [batch, time, channels] -> [batch, 1, time, channels]. */
function lifted(x: tf.Tensor3D): tf.Tensor4D {
  return tf.reshape(x, [x.shape[0], 1, x.shape[1], x.shape[2]]);
}

function lowered(y: tf.Tensor4D): tf.Tensor3D {
  return tf.reshape(y, [y.shape[0], y.shape[2], y.shape[3]]);
}

/**
 * A convolution over time: x [batch, time, channels] with kernel [taps, channels, filters] -> [batch, time', filters]. With `causal`
 * padding no step sees a later one. Throws a RangeError when shapes do not fit.
 */
export function conv1d(x: tf.Tensor3D, kernel: tf.Tensor3D, options: SequenceOptions & AfterOptions = {}): tf.Tensor3D {
  check("conv1d", x, kernel, 1);
  const { bias, activation = "linear" } = options;
  const window = asImage(options, kernel.shape[0]);
  // Over rows of a table, as an embedding gives them, each distinct token is multiplied once.
  const tokens = tokensOf(x);
  return lowered(convolution(lifted(x), tf.expandDims(kernel, 0), { ...window, bias, activation }, tokens));
}

/**
 * A depthwise convolution over time: x [batch, time, channels] with kernel [taps, channels, multiplier] -> [batch, time',
 * channels * multiplier]. Throws a RangeError when shapes do not fit.
 */
export function depthwiseConv1d(x: tf.Tensor3D, kernel: tf.Tensor3D, options: SequenceOptions = {}): tf.Tensor3D {
  check("depthwiseConv1d", x, kernel, 1);
  return lowered(depthwiseConv2d(lifted(x), tf.expandDims(kernel, 0), asImage(options, kernel.shape[0])));
}
