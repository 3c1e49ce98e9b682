import * as tf from "@tensorflow/tfjs-core";
import { sigmoidCrossEntropy, softmaxCrossEntropy } from "./losses.js";
import type { Candidates } from "./sampled-candidates.js";

/** The last layer of a model with very many classes. */
export interface SampledInputs {
  /** [rows, width]: what the last layer is given. */
  readonly inputs: tf.Tensor2D;
  /** [classes, width]: a row per class. */
  readonly weights: tf.Tensor2D;
  /** [classes]. */
  readonly bias?: tf.Tensor1D;
  /** The class of each row. */
  readonly labels: Int32Array;
}

/** Taken off the logit of a drawn class that is the row's own: it counts for nothing. */
const OUT = -1e9;

/**
 * Sampled softmax (Jean and others 2015): softmax cross-entropy among the row's own class and the drawn ones, with the
 * logarithm of how often each is expected taken off its logit, so that it estimates the loss over all classes. A drawn class
 * that is the row's own is left out. Losses [rows]; only for training: at the end use all classes.
 */
export function sampledSoftmaxLoss(layer: SampledInputs, candidates: Candidates): tf.Tensor1D {
  const { ids, logExpected } = candidates;
  const { inputs, labels } = layer;
  checkRows("sampledSoftmaxLoss", inputs, labels);
  return tf.tidy(() => {
    const [rows] = inputs.shape;
    const own = tf.add(ownLogits(layer), tf.tensor1d(Float32Array.from(labels, (id) => -logExpected(id))));
    const drawn = tf.gather(layer.weights, tf.tensor1d(ids, "int32")) as tf.Tensor2D;
    const shifts = new Float32Array(rows * ids.length);
    for (let row = 0; row < rows; row++) {
      ids.forEach((id, i) => {
        shifts[row * ids.length + i] = id === labels[row] ? OUT : -logExpected(id);
      });
    }
    let others = tf.add(tf.matMul(inputs, drawn, false, true), tf.tensor2d(shifts, [rows, ids.length]));
    if (layer.bias !== undefined) others = tf.add(others, tf.gather(layer.bias, tf.tensor1d(ids, "int32")));
    const logits = tf.concat([tf.expandDims(own, 1) as tf.Tensor2D, others as tf.Tensor2D], 1);
    return softmaxCrossEntropy(logits, tf.zeros([rows], "int32") as tf.Tensor1D);
  });
}

/**
 * Negative sampling (Mikolov and others 2013): -log sigmoid(own logit) - the sum of log sigmoid(-logit) over the row's negatives.
 * Losses [rows].
 * @param negatives [rows, k]: the classes that each row is told apart from
 */
export function negativeSamplingLoss(layer: SampledInputs, negatives: Int32Array): tf.Tensor1D {
  const { inputs, weights, bias, labels } = layer;
  checkRows("negativeSamplingLoss", inputs, labels);
  const [rows, width] = inputs.shape;
  const count = rows === 0 ? 0 : negatives.length / rows;
  if (!Number.isInteger(count)) {
    throw new RangeError(`negativeSamplingLoss: ${negatives.length} negatives cannot be shared out to ${rows} rows`);
  }
  return tf.tidy(() => {
    const ids = tf.tensor1d(negatives, "int32");
    const drawn = tf.reshape(tf.gather(weights, ids), [rows, count, width]);
    let others = tf.reshape(tf.matMul(drawn, tf.expandDims(inputs, 2)), [rows, count]);
    if (bias !== undefined) others = tf.add(others, tf.reshape(tf.gather(bias, ids), [rows, count]));
    const own = ownLogits(layer);
    const right = sigmoidCrossEntropy(own, tf.ones([rows]) as tf.Tensor1D);
    return tf.add(right, tf.sum(sigmoidCrossEntropy(others, tf.zeros([rows, count])), 1)) as tf.Tensor1D;
  });
}

/** The logit of each row's own class, [rows]. */
function ownLogits({ inputs, weights, bias, labels }: SampledInputs): tf.Tensor1D {
  const ids = tf.tensor1d(labels, "int32");
  const products = tf.sum(tf.mul(inputs, tf.gather(weights, ids)), 1);
  return (bias === undefined ? products : tf.add(products, tf.gather(bias, ids))) as tf.Tensor1D;
}

function checkRows(name: string, inputs: tf.Tensor2D, labels: Int32Array): void {
  if (inputs.shape[0] === labels.length) return;
  throw new RangeError(`${name}: ${inputs.shape[0]} rows of inputs need as many labels. Received: ${labels.length}`);
}
