import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "./fused.js";

/**
 * Cross-entropy of the softmax of logits [rows, classes] with integer labels [rows]: losses [rows], each times its weight.
 * log(sum(exp(z))) - z[label], which does not overflow. Throws a RangeError when shapes do not fit.
 */
export function softmaxCrossEntropy(logits: tf.Tensor2D, labels: tf.Tensor1D, weights?: tf.Tensor1D): tf.Tensor1D {
  const [rows, classes] = logits.shape;
  if (labels.shape[0] !== rows || (weights !== undefined && weights.shape[0] !== rows)) {
    throw new RangeError(
      `softmaxCrossEntropy: ${rows} rows of logits need as many labels and weights. Received: ${labels.shape[0]} and ${weights?.shape[0] ?? "none"}`,
    );
  }
  const integers = labels.dtype === "int32" ? labels : tf.cast(labels, "int32");
  const losses = hasKernel("SeqloomSoftmaxCrossEntropy")
    ? fusedLosses(logits, integers, classes)
    : (tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), tf.oneHot(integers, classes, 1, 0, "float32")), 1)) as tf.Tensor1D);
  return weights === undefined ? losses : tf.mul(losses, weights);
}

function fusedLosses(logits: tf.Tensor2D, labels: tf.Tensor1D, classes: number): tf.Tensor1D {
  const [losses, handle] = runKernel<tf.Tensor[]>("SeqloomSoftmaxCrossEntropy", { logits, labels }, { classes });
  handle?.dispose(); // the tape holds on to the probabilities
  return losses as tf.Tensor1D;
}

/**
 * Cross-entropy of the logistic function of logits with targets in [0, 1], entry by entry, both of one shape.
 * softplus(z) - z t, which does not overflow.
 */
export function sigmoidCrossEntropy<T extends tf.Tensor>(logits: T, targets: T): T {
  return tf.sub(tf.softplus(logits), tf.mul(logits, targets));
}
