import * as tf from "@tensorflow/tfjs-core";

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
