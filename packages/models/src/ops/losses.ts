import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "./fused.js";

/** Options of a cross-entropy. */
export interface CrossEntropyOptions {
  /** Share of each target that is spread over all classes alike (Szegedy and others 2016). */
  readonly labelSmoothing?: number;
}

/**
 * Cross-entropy of the softmax of logits [rows, classes] with integer labels [rows], or with targets [rows, classes] that add up
 * to 1 in each row: losses [rows], each times its weight. log(sum(exp(z))) - z[label], which does not overflow.
 * Rows of weight 0 give 0, whatever is in them: a mask. Throws a RangeError when shapes do not fit.
 */
export function softmaxCrossEntropy(
  logits: tf.Tensor2D,
  labels: tf.Tensor1D | tf.Tensor2D,
  weights?: tf.Tensor1D,
  { labelSmoothing = 0 }: CrossEntropyOptions = {},
): tf.Tensor1D {
  const [, classes] = logits.shape;
  if (labels.rank === 2) {
    checkSame("softmaxCrossEntropy", logits, labels, weights);
    const inputs = { outputs: logits, targets: labels, weights };
    const attributes = { shape: logits.shape, smoothing: labelSmoothing };
    if (hasKernel("SeqloomDenseCrossEntropy")) return fused("SeqloomDenseCrossEntropy", inputs, attributes);
    return weighed(denseCrossEntropy(logits, labels as tf.Tensor2D, labelSmoothing), weights);
  }
  checkRows("softmaxCrossEntropy", "labels", logits, labels, weights);
  const targets = labels.dtype === "int32" ? labels : tf.cast(labels, "int32");
  if (hasKernel("SeqloomSoftmaxCrossEntropy")) {
    const attributes = { shape: logits.shape, smoothing: labelSmoothing };
    return fused("SeqloomSoftmaxCrossEntropy", { outputs: logits, targets, weights }, attributes);
  }
  const wanted = tf.oneHot(targets as tf.Tensor1D, classes, 1, 0, "float32") as tf.Tensor2D;
  return weighed(denseCrossEntropy(logits, wanted, labelSmoothing), weights);
}

/**
 * Kullback-Leibler divergence of the softmax of logits [rows, classes] from targets [rows, classes] that add up to 1:
 * sum t log(t / p), with 0 log 0 = 0. Losses [rows], each times its weight; see {@link softmaxCrossEntropy}.
 */
export function softmaxDivergence(logits: tf.Tensor2D, targets: tf.Tensor2D, weights?: tf.Tensor1D): tf.Tensor1D {
  checkSame("softmaxDivergence", logits, targets, weights);
  if (hasKernel("SeqloomDenseCrossEntropy")) {
    const attributes = { shape: logits.shape, divergence: true };
    return fused("SeqloomDenseCrossEntropy", { outputs: logits, targets, weights }, attributes);
  }
  const safe = tf.where(tf.greater(targets, 0), targets, tf.onesLike(targets));
  const entropy = tf.sum(tf.mul(targets, tf.log(safe)), 1);
  return weighed(tf.add(denseCrossEntropy(logits, targets, 0), entropy) as tf.Tensor1D, weights);
}

/**
 * Cross-entropy of the logistic function of logits with targets in [0, 1], entry by entry, all of one shape.
 * softplus(z) - z t, which does not overflow. Entries of weight 0 give 0.
 */
export function sigmoidCrossEntropy<T extends tf.Tensor>(
  logits: T,
  targets: T,
  weights?: T,
  { labelSmoothing = 0 }: CrossEntropyOptions = {},
): T {
  checkSame("sigmoidCrossEntropy", logits, targets);
  if (weights !== undefined) checkSame("sigmoidCrossEntropy", logits, weights);
  if (hasKernel("SeqloomSigmoidCrossEntropy")) {
    const attributes = { shape: logits.shape, smoothing: labelSmoothing };
    return fused("SeqloomSigmoidCrossEntropy", { outputs: logits, targets, weights }, attributes);
  }
  const wanted = labelSmoothing === 0 ? targets : tf.add(tf.mul(targets, 1 - labelSmoothing), labelSmoothing / 2);
  return weighed(tf.sub(tf.softplus(logits), tf.mul(logits, wanted)), weights) as T;
}

/** Mean over each row of (y - t)^2: outputs and targets [rows, width] -> [rows], times the weight of the row. */
export function meanSquaredError(outputs: tf.Tensor2D, targets: tf.Tensor2D, weights?: tf.Tensor1D): tf.Tensor1D {
  return regression("meanSquaredError", 0, outputs, targets, weights, 1, (error) => tf.square(error));
}

/** Mean over each row of |y - t|: outputs and targets [rows, width] -> [rows], times the weight of the row. */
export function meanAbsoluteError(outputs: tf.Tensor2D, targets: tf.Tensor2D, weights?: tf.Tensor1D): tf.Tensor1D {
  return regression("meanAbsoluteError", 1, outputs, targets, weights, 1, (error) => tf.abs(error));
}

/**
 * Mean over each row of e^2 / 2 where |e| <= delta and of delta (|e| - delta / 2) elsewhere, e = y - t (Huber 1964):
 * outputs and targets [rows, width] -> [rows], times the weight of the row.
 */
export function huber(
  outputs: tf.Tensor2D,
  targets: tf.Tensor2D,
  weights?: tf.Tensor1D,
  { delta = 1 }: { readonly delta?: number } = {},
): tf.Tensor1D {
  return regression("huber", 2, outputs, targets, weights, delta, (error) => {
    const near = tf.clipByValue(error, -delta, delta);
    return tf.mul(near, tf.sub(error, tf.mul(near, 0.5)));
  });
}

function regression(
  name: string,
  kind: number,
  outputs: tf.Tensor2D,
  targets: tf.Tensor2D,
  weights: tf.Tensor1D | undefined,
  delta: number,
  loss: (error: tf.Tensor2D) => tf.Tensor,
): tf.Tensor1D {
  checkSame(name, outputs, targets, weights);
  if (hasKernel("SeqloomRegression")) {
    return fused("SeqloomRegression", { outputs, targets, weights }, { shape: outputs.shape, kind, delta });
  }
  return weighed(tf.mean(loss(tf.sub(outputs, targets)), 1) as tf.Tensor1D, weights);
}

/** Runs a loss that keeps its gradient in a handle; the tape holds on to it where it is needed. */
function fused<T extends tf.Tensor>(
  kernel: string,
  inputs: Readonly<Record<string, tf.Tensor | undefined>>,
  attributes: object,
): T {
  const { outputs, targets, weights } = inputs;
  // Kernels read floats, and labels as integers.
  const given = {
    ...{ outputs: asFloat(outputs), weights: asFloat(weights) },
    targets: targets?.dtype === "int32" && kernel === "SeqloomSoftmaxCrossEntropy" ? targets : asFloat(targets),
  };
  const [losses, handle] = runKernel<tf.Tensor[]>(kernel, given, attributes);
  handle?.dispose();
  return losses as T;
}

function asFloat(tensor: tf.Tensor | undefined): tf.Tensor | undefined {
  return tensor === undefined || tensor.dtype === "float32" ? tensor : tf.cast(tensor, "float32");
}

function denseCrossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D, smoothing: number): tf.Tensor1D {
  const smooth = smoothing === 0 ? targets : tf.add(tf.mul(targets, 1 - smoothing), smoothing / logits.shape[1]);
  return tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), smooth), 1)) as tf.Tensor1D;
}

function weighed<T extends tf.Tensor>(losses: T, weights: tf.Tensor | undefined): T {
  if (weights === undefined) return losses;
  return tf.where(tf.equal(weights, 0), tf.zerosLike(losses), tf.mul(losses, weights)) as T;
}

function checkSame(name: string, outputs: tf.Tensor, targets: tf.Tensor, weights?: tf.Tensor): void {
  if (outputs.shape.join() !== targets.shape.join()) {
    throw new RangeError(`${name}: outputs have the shape [${outputs.shape}] and targets [${targets.shape}]`);
  }
  if (weights !== undefined) checkRows(name, "targets", outputs, targets, weights);
}

function checkRows(name: string, what: string, outputs: tf.Tensor, targets: tf.Tensor, weights?: tf.Tensor): void {
  const [rows] = outputs.shape;
  if (targets.shape[0] === rows && (weights === undefined || weights.shape.join() === String(rows))) return;
  throw new RangeError(
    `${name}: ${rows} rows of ${what === "labels" ? "logits" : "outputs"} need as many ${what} and weights. Received: ${targets.shape[0]} and ${weights?.shape[0] ?? "none"}`,
  );
}
