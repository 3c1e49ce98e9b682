import * as tf from "@tensorflow/tfjs-core";
import type { AfterOptions, WindowOptions } from "./conv.js";

/** The kernel [height, width, …] with zeros between its taps: with it a plain convolution does what a dilated one does. */
function spread(kernel: tf.Tensor4D, [down, across]: readonly [number, number]): tf.Tensor4D {
  if (down === 1 && across === 1) return kernel;
  const [h, w, inputs, outputs] = kernel.shape;
  // One direction after the other: webgpu has no padding of five dimensions.
  const lower = tf.pad(tf.reshape(kernel, [h, 1, w * inputs * outputs]), [
    [0, 0],
    [0, down - 1],
    [0, 0],
  ]);
  const apart = tf.pad(tf.reshape(lower, [h * down * w, 1, inputs * outputs]), [
    [0, 0],
    [0, across - 1],
    [0, 0],
  ]);
  const whole = tf.reshape(apart, [h * down, w * across, inputs, outputs]) as tf.Tensor4D;
  return tf.slice(whole, [0, 0, 0, 0], [(h - 1) * down + 1, (w - 1) * across + 1, inputs, outputs]);
}

/** The image with its padding, and what is left of the padding to do: the stock gradients know neither every kind nor dilation. */
function padded(x: tf.Tensor4D, padding: Required<WindowOptions>["padding"]): [tf.Tensor4D, "valid" | "same"] {
  if (padding === "valid" || padding === "same") return [x, padding];
  return [tf.pad(x, padding as [number, number][]), "valid"];
}

/** A convolution of stock operations, for backends without a kernel of its own. */
export function composedConv2d(
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  { strides, dilation, padding }: Required<WindowOptions>,
  { bias, activation }: AfterOptions,
): tf.Tensor4D {
  const [image, rest] = padded(x, padding);
  let y: tf.Tensor = tf.conv2d(image, spread(kernel, dilation), [...strides], rest);
  if (bias !== undefined) y = tf.add(y, bias);
  if (activation === "relu") y = tf.relu(y);
  else if (activation === "sigmoid") y = tf.sigmoid(y);
  else if (activation === "tanh") y = tf.tanh(y);
  return y as tf.Tensor4D;
}

/** A depthwise convolution of stock operations. */
export function composedDepthwiseConv2d(
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  { strides, dilation, padding }: Required<WindowOptions>,
): tf.Tensor4D {
  const [image, rest] = padded(x, padding);
  return tf.depthwiseConv2d(image, spread(kernel, dilation), [...strides], rest);
}
