import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, isRecording, runKernel } from "./fused.js";

/** Throws a RangeError unless a parameter has one number for each feature of x. */
function check(name: string, x: tf.Tensor, parameters: Readonly<Record<string, tf.Tensor | undefined>>): void {
  const width = x.shape.at(-1);
  if (width === undefined) throw new RangeError(`${name}: x must have at least one dimension`);
  for (const [key, tensor] of Object.entries(parameters)) {
    if (tensor !== undefined && !(tensor.rank === 1 && tensor.shape[0] === width)) {
      throw new RangeError(`${name}: ${key} must have the shape [${width}]. Received: [${tensor.shape}]`);
    }
  }
}

/** (x - mean) / sqrt(variance + epsilon) gamma + beta. */
function scaled(
  x: tf.Tensor,
  mean: tf.Tensor | null,
  variance: tf.Tensor,
  epsilon: number,
  gamma: tf.Tensor,
  beta?: tf.Tensor,
): tf.Tensor {
  const centred = mean === null ? x : tf.sub(x, mean);
  const y = tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon))), gamma);
  return beta === undefined ? y : tf.add(y, beta);
}

function normRows(
  x: tf.Tensor,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D | undefined,
  epsilon: number,
  centred: boolean,
): tf.Tensor {
  if (hasKernel("SeqloomNorm")) {
    const attributes = { epsilon, centred, keep: isRecording() };
    const [y, handle] = runKernel<tf.Tensor[]>("SeqloomNorm", { x, gamma, beta }, attributes);
    handle?.dispose(); // the tape holds on to the moments
    return y as tf.Tensor;
  }
  return tf.tidy(() => {
    const mean = centred ? tf.mean(x, -1, true) : null;
    const rest = mean === null ? x : tf.sub(x, mean);
    return scaled(x, mean, tf.mean(tf.square(rest), -1, true), epsilon, gamma, beta);
  });
}

/**
 * Layer normalisation (Ba, Kiros and Hinton 2016): each row of the last axis of x […, features] with its own mean and variance,
 * (x - mean) / sqrt(variance + epsilon) gamma + beta; gamma and beta [features]. Throws a RangeError when shapes do not fit.
 */
export function layerNorm(x: tf.Tensor, gamma: tf.Tensor1D, beta?: tf.Tensor1D, epsilon = 1e-3): tf.Tensor {
  check("layerNorm", x, { gamma, beta });
  return normRows(x, gamma, beta, epsilon, true);
}

/**
 * Root mean square normalisation (Zhang and Sennrich 2019): x / sqrt(mean(x^2) + epsilon) gamma over the last axis; gamma [features].
 * Throws a RangeError when shapes do not fit.
 */
export function rmsNorm(x: tf.Tensor, gamma: tf.Tensor1D, epsilon = 1e-6): tf.Tensor {
  check("rmsNorm", x, { gamma });
  return normRows(x, gamma, undefined, epsilon, false);
}

/** What normalisation by a batch gives. */
export interface BatchNormOutputs {
  /** The shape of x. */
  readonly output: tf.Tensor;
  /** [features], of this batch; no gradient goes through them. */
  readonly mean: tf.Tensor1D;
  /** [features], the mean of the squared deviations; no gradient goes through it. */
  readonly variance: tf.Tensor1D;
}

/**
 * Batch normalisation while training (Ioffe and Szegedy 2015): each feature of x […, features] with the mean and the variance of
 * all rows, or of those that a mask […] counts; gamma and beta [features]. Throws a RangeError when shapes do not fit.
 */
export function batchNorm(
  x: tf.Tensor,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D | undefined,
  mask?: tf.Tensor,
  epsilon = 1e-3,
): BatchNormOutputs {
  check("batchNorm", x, { gamma, beta });
  const rows = x.shape.slice(0, -1);
  if (mask !== undefined && !tf.util.arraysEqual(mask.shape, rows)) {
    throw new RangeError(`batchNorm: mask must have the shape [${rows}]. Received: [${mask.shape}]`);
  }
  if (hasKernel("SeqloomBatchNorm")) {
    const own = mask === undefined || mask.dtype === "bool" ? mask : tf.cast(mask, "bool");
    const outputs = runKernel<tf.Tensor[]>("SeqloomBatchNorm", { x, gamma, beta, mask: own }, { epsilon });
    outputs[3]?.dispose(); // the tape holds on to what the gradient needs
    if (own !== mask) own?.dispose();
    const [output, mean, variance] = outputs as [tf.Tensor, tf.Tensor1D, tf.Tensor1D];
    return { output, mean, variance };
  }
  return tf.tidy(() => {
    const width = x.shape.at(-1) as number;
    const flat = tf.reshape(x, [rows.reduce((product, size) => product * size, 1), width]);
    const weights =
      mask === undefined ? tf.ones([flat.shape[0] as number, 1]) : tf.cast(tf.reshape(mask, [-1, 1]), "float32");
    const count = tf.maximum(tf.sum(weights), 1);
    const mean = tf.div(tf.sum(tf.mul(flat, weights), 0), count) as tf.Tensor1D;
    const squares = tf.mul(tf.square(tf.sub(flat, mean)), weights);
    const variance = tf.div(tf.sum(squares, 0), count) as tf.Tensor1D;
    return { output: scaled(x, mean, variance, epsilon, gamma, beta), mean, variance };
  });
}

/** Batch normalisation by moments that were collected before: x […, features], all others [features]. */
export function batchNormInference(
  x: tf.Tensor,
  mean: tf.Tensor1D,
  variance: tf.Tensor1D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D | undefined,
  epsilon = 1e-3,
): tf.Tensor {
  check("batchNormInference", x, { mean, variance, gamma, beta });
  if (!isRecording() && hasKernel("SeqloomBatchNormApply")) {
    return runKernel("SeqloomBatchNormApply", { x, mean, variance, gamma, beta }, { epsilon });
  }
  return tf.tidy(() => scaled(x, mean, variance, epsilon, gamma, beta));
}
