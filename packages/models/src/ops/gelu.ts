import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "./fused.js";

/**
 * The Gaussian error linear unit (Hendrycks and Gimpel 2016), any shape: x P(X <= x) with X normal, or with `approximate`
 * x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).
 */
export function gelu(x: tf.Tensor, approximate = false): tf.Tensor {
  if (hasKernel("SeqloomGelu")) return runKernel("SeqloomGelu", { x }, { approximate });
  return tf.tidy(() => {
    const half = tf.mul(x, 0.5);
    if (!approximate) return tf.mul(half, tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
    const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715)), 0.7978845608028654);
    return tf.mul(half, tf.add(tf.tanh(inner), 1));
  });
}
