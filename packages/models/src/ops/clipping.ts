import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "./fused.js";

function squareSum(x: tf.Tensor): tf.Scalar {
  return hasKernel("SeqloomSquareSum") ? runKernel("SeqloomSquareSum", { x }) : tf.sum(tf.square(x));
}

/** The Euclidean norm of all gradients together, a scalar. */
export function globalNorm(gradients: tf.NamedTensorMap): tf.Scalar {
  return tf.tidy(() => tf.sqrt(tf.addN(Object.values(gradients).map(squareSum))));
}

/**
 * The factor that makes the norm of all gradients together at most `limit` (Pascanu et al. 2013); 1 when it is already. Reads
 * the norm from the device; a norm that is not finite gives NaN, so that no step hides it.
 */
export function globalNormFactor(gradients: tf.NamedTensorMap, limit: number): number {
  const norm = tf.tidy(() => globalNorm(gradients).dataSync()[0] as number);
  if (!Number.isFinite(norm)) return Number.NaN;
  return norm > limit ? limit / norm : 1;
}

/** Gradients scaled down so that their norm together is at most `limit` (Pascanu et al. 2013); new tensors under the same names. */
export function clipByGlobalNorm(gradients: tf.NamedTensorMap, limit: number): tf.NamedTensorMap {
  return tf.tidy(() => {
    const scale = tf.div(limit, tf.maximum(globalNorm(gradients), limit));
    return mapTensors(gradients, (gradient) => tf.mul(gradient, scale));
  });
}

/** Gradients with every entry brought into [-limit, limit]; new tensors under the same names. */
export function clipByValue(gradients: tf.NamedTensorMap, limit: number): tf.NamedTensorMap {
  return tf.tidy(() => mapTensors(gradients, (gradient) => tf.clipByValue(gradient, -limit, limit)));
}

function mapTensors(tensors: tf.NamedTensorMap, change: (tensor: tf.Tensor) => tf.Tensor): tf.NamedTensorMap {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, change(tensor)]));
}
