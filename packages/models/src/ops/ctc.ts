import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, isRecording, runKernel } from "./fused.js";

/** Options of {@link ctcLoss}. */
export interface CtcOptions {
  /** The class that stands for "no label". Default 0. */
  readonly blank?: number;
  /** Give 0, with a gradient of 0, where the labels cannot be aligned with the steps: too few steps. Default false: infinity. */
  readonly zeroInfinity?: boolean;
}

/** Stands for log 0: far below any log probability, and yet its differences are numbers. */
const NOTHING = -1e30;

/**
 * Loss of connectionist temporal classification (Graves and others 2006): minus the logarithm of the probability that the steps
 * say the labels, over all ways to repeat labels and to put blanks between them. [batch], by the forward-backward algorithm in
 * log space; the softmax is part of it. Labels that cannot be aligned give infinity, and a gradient that is of no use.
 * @param logits [batch, time, classes]
 * @param labels [batch, most labels], int32, none of them the blank; those after a row's length are passed over
 * @param labelLengths of each row, 0 … most labels
 * @param inputLengths steps of each row, 0 … time
 * Throws a RangeError when shapes, labels or lengths do not fit.
 */
export function ctcLoss(
  logits: tf.Tensor3D,
  labels: tf.Tensor2D,
  labelLengths: ArrayLike<number>,
  inputLengths: ArrayLike<number>,
  { blank = 0, zeroInfinity = false }: CtcOptions = {},
): tf.Tensor1D {
  check(logits, labels, labelLengths, inputLengths, blank);
  return tf.tidy(() => {
    if (!hasKernel("SeqloomCtc")) return composed(logits, labels, labelLengths, inputLengths, blank, zeroInfinity);
    const [lengths, steps] = [labelLengths, inputLengths].map((all) => tf.tensor1d(Int32Array.from(all), "int32"));
    const targets = labels.dtype === "int32" ? labels : tf.cast(labels, "int32");
    const [losses] = runKernel<tf.Tensor[]>(
      "SeqloomCtc",
      { outputs: logits, labels: targets, labelLengths: lengths, inputLengths: steps },
      { blank, zeroInfinity, training: isRecording(), shape: logits.shape },
    );
    return losses as tf.Tensor1D;
  });
}

function check(
  { shape: [batch, time, classes] }: tf.Tensor3D,
  labels: tf.Tensor2D,
  labelLengths: ArrayLike<number>,
  inputLengths: ArrayLike<number>,
  blank: number,
): void {
  const [rows, most] = labels.shape;
  if (rows !== batch || labelLengths.length !== batch || inputLengths.length !== batch) {
    throw new RangeError(
      `ctcLoss: ${batch} rows of logits need as many of labels and of both lengths. ` +
        `Received: ${rows}, ${labelLengths.length} and ${inputLengths.length}`,
    );
  }
  if (!(blank >= 0 && blank < classes))
    throw new RangeError(`ctcLoss: blank must be one of ${classes} classes: ${blank}`);
  const values = labels.dataSync();
  for (let row = 0; row < batch; row++) {
    const [count, steps] = [labelLengths[row] as number, inputLengths[row] as number];
    if (!(count >= 0 && count <= most))
      throw new RangeError(`ctcLoss: row ${row} has ${count} of at most ${most} labels`);
    if (!(steps >= 0 && steps <= time))
      throw new RangeError(`ctcLoss: row ${row} has ${steps} of at most ${time} steps`);
    for (let i = 0; i < count; i++) {
      const label = values[row * most + i] as number;
      if (label >= 0 && label < classes && label !== blank) continue;
      throw new RangeError(`ctcLoss: row ${row} has the label ${label}: not one of ${classes} classes, or the blank`);
    }
  }
}

/** The forward variables by stock operations, all rows of the batch together; the gradient is left to them. */
function composed(
  logits: tf.Tensor3D,
  labels: tf.Tensor2D,
  labelLengths: ArrayLike<number>,
  inputLengths: ArrayLike<number>,
  blank: number,
  zeroInfinity: boolean,
): tf.Tensor1D {
  const [batch, time, classes] = logits.shape;
  const { owners, skips, states } = statesOf(labels, blank);
  const chances = tf.logSoftmax(logits);
  // [batch, time, states]: the log probability of each state's class.
  const picks = tf.oneHot(tf.tensor2d(owners, [batch, states], "int32"), classes, 1, 0, "float32");
  const emitted = tf.matMul(chances, picks as tf.Tensor3D, false, true);
  const mayCome = tf.tensor2d(skips, [batch, states]);
  const steps = tf.tensor2d(Int32Array.from(inputLengths), [batch, 1], "int32");
  let alpha = tf.tensor2d(beginning(batch, states), [batch, states]);
  for (let t = 0; t < time; t++) {
    const reached = tf.logSumExp(
      tf.stack([alpha, shifted(alpha, 1), tf.add(shifted(alpha, 2), mayCome)]),
      0,
    ) as tf.Tensor2D;
    const now = tf.add(reached, tf.reshape(tf.slice(emitted, [0, t, 0], [batch, 1, states]), [batch, states]));
    alpha = tf.where(tf.tile(tf.greater(steps, t), [1, states]), now, alpha) as tf.Tensor2D;
  }
  const last = Array.from(labelLengths, (count) => 2 * count);
  const before = last.map((state) => state - 1);
  const ends = tf.logSumExp(tf.stack([stateOf(alpha, last), stateOf(alpha, before)]), 0);
  const none = tf.fill([batch], zeroInfinity ? 0 : Number.POSITIVE_INFINITY);
  const fits = tf.tensor1d(alignable(labels, labelLengths, inputLengths), "bool");
  return tf.where(fits, tf.neg(ends), none) as tf.Tensor1D;
}

/** Whether the steps of each row are enough: one per label, and one more between equal neighbours. */
function alignable(labels: tf.Tensor2D, labelLengths: ArrayLike<number>, inputLengths: ArrayLike<number>): Uint8Array {
  const [batch, most] = labels.shape;
  const values = labels.dataSync();
  return Uint8Array.from({ length: batch }, (_, row) => {
    const own = Array.from(values.subarray(row * most, row * most + (labelLengths[row] as number)));
    const repeats = own.filter((label, i) => i > 0 && label === own[i - 1]).length;
    return own.length + repeats <= (inputLengths[row] as number) ? 1 : 0;
  });
}

/** The class of each of the states, and 0 where one may come right after the state two before it, else log 0. */
function statesOf(labels: tf.Tensor2D, blank: number): { owners: Int32Array; skips: Float32Array; states: number } {
  const [batch, most] = labels.shape;
  const values = labels.dataSync();
  const states = 2 * most + 1;
  const owners = new Int32Array(batch * states).fill(blank);
  const skips = new Float32Array(batch * states).fill(NOTHING);
  for (let row = 0; row < batch; row++) {
    for (let i = 0; i < most; i++) {
      const label = values[row * most + i] as number;
      owners[row * states + 2 * i + 1] = label;
      if (i > 0 && label !== values[row * most + i - 1]) skips[row * states + 2 * i + 1] = 0;
    }
  }
  return { owners, skips, states };
}

/** Log probabilities before the first step: about to enter the first blank or the first label. */
function beginning(batch: number, states: number): Float32Array {
  return Float32Array.from({ length: batch * states }, (_, i) => (i % states === 0 ? 0 : NOTHING));
}

/** Each state has what the state `by` before it had. */
function shifted(alpha: tf.Tensor2D, by: number): tf.Tensor2D {
  const [batch, states] = alpha.shape;
  const kept = Math.max(states - by, 0);
  const before = tf.fill([batch, states - kept], NOTHING) as tf.Tensor2D;
  return kept === 0 ? before : tf.concat([before, tf.slice(alpha, [0, 0], [batch, kept])], 1);
}

/** The variable of one state of each row; log 0 where there is no such state. */
function stateOf(alpha: tf.Tensor2D, state: readonly number[]): tf.Tensor1D {
  const isIt = tf.oneHot(tf.tensor1d([...state], "int32"), alpha.shape[1], 1, 0, "bool") as tf.Tensor2D;
  return tf.max(tf.where(isIt, alpha, tf.fill(alpha.shape, NOTHING) as tf.Tensor2D), 1) as tf.Tensor1D;
}
