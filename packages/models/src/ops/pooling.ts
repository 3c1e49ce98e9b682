import * as tf from "@tensorflow/tfjs-core";
import { hasKernel } from "./fused.js";

/** How a pooling window [height, width] moves. */
export interface PoolingOptions {
  readonly size: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly padding: "valid" | "same";
}

/** Added to what does not count before a maximum is taken. */
const FAR_BELOW = 1e30;

/**
 * The largest number of each window: x [batch, height, width, channels] -> [batch, height', width', channels]. Of equal ones the
 * first gets the gradient.
 */
export function maxPooling2d(x: tf.Tensor4D, { size, strides, padding }: PoolingOptions): tf.Tensor4D {
  return tf.maxPool(x, [...size], [...strides], padding);
}

/** The mean of the numbers of each window that lie inside: x [batch, height, width, channels] -> [batch, height', width', channels]. */
export function averagePooling2d(x: tf.Tensor4D, { size, strides, padding }: PoolingOptions): tf.Tensor4D {
  const average = (image: tf.Tensor4D, how: "valid" | "same"): tf.Tensor4D =>
    tf.avgPool(image, [...size], [...strides], how);
  if (padding === "valid" || hasKernel("SeqloomConv2D")) return average(x, padding);
  // At edges the stock gradient is not that of the value: the mean with zeros around, over the share that lies inside.
  return tf.tidy(() => {
    const [, height, width] = x.shape;
    const around = [height, width].map((length, i): [number, number] => {
      const stride = strides[i as 0 | 1];
      const total = Math.max((Math.ceil(length / stride) - 1) * stride + size[i as 0 | 1] - length, 0);
      return [Math.floor(total / 2), Math.ceil(total / 2)];
    });
    const pad = (image: tf.Tensor4D): tf.Tensor4D => tf.pad(image, [[0, 0], ...around, [0, 0]]);
    const share = average(pad(tf.ones([1, height, width, 1])), "valid");
    return tf.div(average(pad(x), "valid"), share) as tf.Tensor4D;
  });
}

/** A window over time as one over images [batch, time, 1, channels]. */
function overTime(
  pool: (x: tf.Tensor4D, options: PoolingOptions) => tf.Tensor4D,
  x: tf.Tensor3D,
  size: number,
  stride: number,
  padding: "valid" | "same",
): tf.Tensor3D {
  const y = pool(tf.expandDims(x, 2) as tf.Tensor4D, { size: [size, 1], strides: [stride, 1], padding });
  return tf.squeeze(y, [2]) as tf.Tensor3D;
}

/** The largest number of each window over time: x [batch, time, channels] -> [batch, time', channels]. */
export function maxPooling1d(
  x: tf.Tensor3D,
  size: number,
  stride: number = size,
  padding: "valid" | "same" = "valid",
): tf.Tensor3D {
  return overTime(maxPooling2d, x, size, stride, padding);
}

/** The mean of each window over time: x [batch, time, channels] -> [batch, time', channels]. */
export function averagePooling1d(
  x: tf.Tensor3D,
  size: number,
  stride: number = size,
  padding: "valid" | "same" = "valid",
): tf.Tensor3D {
  return overTime(averagePooling2d, x, size, stride, padding);
}

/**
 * Mean over time: x [batch, time, width] -> [batch, width]. With a mask [batch, time], of the steps that count; a row without
 * any gives zeros.
 */
export function globalAveragePooling1d(x: tf.Tensor3D, mask?: tf.Tensor2D): tf.Tensor2D {
  if (mask === undefined) return tf.mean(x, 1);
  return tf.tidy(() => {
    const counts = tf.expandDims(tf.cast(mask, "float32"), 2); // [batch, time, 1]
    const total = tf.sum(tf.mul(x, counts), 1); // [batch, width]
    return tf.div(total, tf.maximum(tf.sum(counts, 1), 1)) as tf.Tensor2D;
  });
}

/**
 * Maximum over time: x [batch, time, width] -> [batch, width]. With a mask [batch, time], of the steps that count; a row without
 * any gives zeros. Of equal maxima the first gets the gradient.
 */
export function globalMaxPooling1d(x: tf.Tensor3D, mask?: tf.Tensor2D): tf.Tensor2D {
  const whole = (sequence: tf.Tensor3D): tf.Tensor2D => tf.squeeze(maxPooling1d(sequence, x.shape[1]), [1]);
  if (mask === undefined) return whole(x);
  return tf.tidy(() => {
    const counts = tf.expandDims(tf.cast(mask, "float32"), 2); // [batch, time, 1]
    const below = tf.mul(tf.sub(counts, 1), FAR_BELOW); // 0 or -1e30
    const largest = whole(tf.add(tf.mul(x, counts), below) as tf.Tensor3D);
    return tf.mul(largest, tf.max(counts, 1)) as tf.Tensor2D;
  });
}

/** Mean of each channel: x [batch, height, width, channels] -> [batch, channels]. */
export function globalAveragePooling2d(x: tf.Tensor4D): tf.Tensor2D {
  return tf.mean(x, [1, 2]);
}

/** Maximum of each channel: x [batch, height, width, channels] -> [batch, channels]. */
export function globalMaxPooling2d(x: tf.Tensor4D): tf.Tensor2D {
  const [batch, height, width, channels] = x.shape;
  return globalMaxPooling1d(tf.reshape(x, [batch, height * width, channels]));
}
