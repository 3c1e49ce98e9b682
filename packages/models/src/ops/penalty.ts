import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "./fused.js";

/**
 * What weights of any shape cost: l1 Σ|w| + l2 Σw², a scalar. Its gradient is l1 sign(w) + 2 l2 w, with sign(0) = 0 as in Keras.
 */
export function weightPenalty(weights: tf.Tensor, l1: number, l2: number): tf.Scalar {
  const cost = tf.customGrad((x, save) => {
    const w = x as tf.Tensor;
    (save as tf.GradSaveFunc)([w]);
    const value = hasKernel("SeqloomPenalty") ? runKernel<tf.Scalar>("SeqloomPenalty", { x: w }, { l1, l2 }) : sum(w);
    return { value, gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => slope(saved as tf.Tensor, dy) };
  });
  return cost(weights) as tf.Scalar;

  function sum(w: tf.Tensor): tf.Scalar {
    return tf.add(tf.mul(tf.sum(tf.abs(w)), l1), tf.mul(tf.sum(tf.square(w)), l2)) as tf.Scalar;
  }

  function slope(w: tf.Tensor, dy: tf.Tensor): tf.Tensor {
    if (hasKernel("SeqloomPenaltyGrad")) return runKernel<tf.Tensor>("SeqloomPenaltyGrad", { x: w, dy }, { l1, l2 });
    return tf.mul(dy, tf.add(tf.mul(tf.sign(w), l1), tf.mul(w, 2 * l2)));
  }
}
