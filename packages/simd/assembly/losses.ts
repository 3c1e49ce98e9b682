// Losses row by row, each with what its gradient is for a row's dy of 1: the backward pass only multiplies by dy.
//
// A row of weight 0 counts as 0 whatever is in it, so that masked rows may hold anything.
import { integer, number, pointer } from "./args";
import { exp4, log4, sigmoid4, softplus4 } from "./math";
import { exponentials, SOFTMAX_ROWS } from "./softmax";

/** Entries of one chunk of what works entry by entry. */
export const LOSS_STRETCH: i32 = 16384;

// @ts-ignore: decorator
@inline
function log(x: f32): f32 {
  return f32x4.extract_lane(log4(f32x4.splat(x)), 0);
}

// @ts-ignore: decorator
@inline
function at(base: usize, index: i32): usize {
  return base + (<usize>index << 2);
}

// @ts-ignore: decorator
@inline
function weightOf(weights: usize, row: i32): f32 {
  return weights == 0 ? 1 : load<f32>(at(weights, row));
}

function fillZero(to: usize, count: i32): void {
  for (let i = 0; i < count; i++) store<f32>(at(to, i), 0);
}

/**
 * Softmax cross-entropy with integer labels, smoothed: targets are (1 - s) at the label plus s / count everywhere.
 * loss = weight (log sum e^z - (1 - s) z_label - s mean z); kept = weight (probabilities - targets).
 * Arguments: 0 logits [rows, count], 1 labels [rows], 2 weights [rows] or 0, 3 kept [rows, count], 4 losses [rows],
 * 5 rows, 6 count; numbers: 0 s. A label outside [0, count) gives NaN, as there is no right answer to it.
 */
export function crossEntropy(chunk: i32): void {
  const rows = integer(5), count = integer(6);
  const smoothing = number(0);
  const share = smoothing / <f32>count;
  const end = min((chunk + 1) * SOFTMAX_ROWS, rows);
  for (let row = chunk * SOFTMAX_ROWS; row < end; row++) {
    const source = pointer(0) + (<usize>row * <usize>count << 2), kept = pointer(3) + (<usize>row * <usize>count << 2);
    const weight = weightOf(pointer(2), row);
    if (weight == 0) {
      fillZero(kept, count);
      store<f32>(at(pointer(4), row), 0);
      continue;
    }
    const sum = exponentials(source, kept, count);
    let maximum: f32 = -Infinity;
    for (let i = 0; i < count; i++) maximum = max(maximum, load<f32>(at(source, i)));
    const label = load<i32>(at(pointer(1), row));
    const known = <u32>label < <u32>count;
    let total: f32 = 0;
    for (let i = 0; i < count; i++) {
      const hit: f32 = i == label ? 1 - smoothing : 0;
      store<f32>(at(kept, i), (load<f32>(at(kept, i)) / sum - (hit + share)) * weight);
      if (share != 0) total += maximum - load<f32>(at(source, i));
    }
    let loss: f32 = NaN;
    if (known) loss = log(sum) + ((1 - smoothing) * (maximum - load<f32>(at(source, label))) + share * total);
    store<f32>(at(pointer(4), row), loss * weight);
  }
}

/**
 * Softmax cross-entropy with targets [rows, count] that add up to 1, smoothed as above; with `divergence` the Kullback-Leibler
 * divergence: less the entropy of the targets.
 * Arguments: 0 logits, 1 targets, 2 weights or 0, 3 kept, 4 losses, 5 rows, 6 count, 7 divergence; numbers: 0 smoothing.
 */
export function denseCrossEntropy(chunk: i32): void {
  const rows = integer(5), count = integer(6), divergence = integer(7);
  const smoothing = number(0);
  const share = smoothing / <f32>count;
  const end = min((chunk + 1) * SOFTMAX_ROWS, rows);
  for (let row = chunk * SOFTMAX_ROWS; row < end; row++) {
    const offset = <usize>row * <usize>count << 2;
    const source = pointer(0) + offset, targets = pointer(1) + offset, kept = pointer(3) + offset;
    const weight = weightOf(pointer(2), row);
    if (weight == 0) {
      fillZero(kept, count);
      store<f32>(at(pointer(4), row), 0);
      continue;
    }
    const sum = exponentials(source, kept, count);
    const logSum = log(sum);
    let maximum: f32 = -Infinity;
    for (let i = 0; i < count; i++) maximum = max(maximum, load<f32>(at(source, i)));
    let loss: f32 = 0, mass: f32 = 0;
    for (let i = 0; i < count; i++) {
      const target = load<f32>(at(targets, i)) * (1 - smoothing) + share;
      mass += target;
      if (target == 0) continue; // 0 log 0 is 0
      loss += target * (logSum + (maximum - load<f32>(at(source, i))));
      if (divergence != 0) loss += target * log(target);
    }
    for (let i = 0; i < count; i++) {
      const target = load<f32>(at(targets, i)) * (1 - smoothing) + share;
      store<f32>(at(kept, i), (load<f32>(at(kept, i)) / sum * mass - target) * weight);
    }
    store<f32>(at(pointer(4), row), loss * weight);
  }
}

/**
 * Cross-entropy of the logistic function with targets in [0, 1], entry by entry: weight (softplus(z) - z t), with t smoothed to
 * t (1 - s) + s / 2; kept = weight (sigmoid(z) - t).
 * Arguments: 0 logits, 1 targets, 2 weights or 0, 3 kept, 4 losses, 5 size; numbers: 0 s.
 */
export function sigmoidCrossEntropy(chunk: i32): void {
  const size = integer(5);
  const z = pointer(0), targets = pointer(1), weights = pointer(2), kept = pointer(3), losses = pointer(4);
  const rest = f32x4.splat(1 - number(0)), half = f32x4.splat(number(0) * 0.5), zero = f32x4.splat(0);
  const end = min((chunk + 1) * LOSS_STRETCH, size);
  // Blocks are a multiple of 64 bytes, so the last vector may run over the end of the array.
  for (let i = chunk * LOSS_STRETCH; i < end; i += 4) {
    const x = v128.load(at(z, i));
    const target = f32x4.add(f32x4.mul(v128.load(at(targets, i)), rest), half);
    let loss = f32x4.sub(softplus4(x), f32x4.mul(x, target));
    let slope = f32x4.sub(sigmoid4(x), target);
    if (weights != 0) {
      const weight = v128.load(at(weights, i));
      const counts = f32x4.ne(weight, zero);
      loss = v128.and(counts, f32x4.mul(loss, weight));
      slope = v128.and(counts, f32x4.mul(slope, weight));
    }
    v128.store(at(losses, i), loss);
    v128.store(at(kept, i), slope);
  }
}

/**
 * Mean over each row of a function of e = y - t. Kind 0: e^2; 1: |e|; 2: Huber's, e^2 / 2 up to |e| = d, then d (|e| - d / 2).
 * kept is its slope in y. Arguments: 0 outputs [rows, count], 1 targets, 2 weights [rows] or 0, 3 kept, 4 losses [rows], 5 rows,
 * 6 count, 7 kind; numbers: 0 d.
 */
export function regression(chunk: i32): void {
  const rows = integer(5), count = integer(6), kind = integer(7);
  const delta = number(0);
  const end = min((chunk + 1) * SOFTMAX_ROWS, rows);
  for (let row = chunk * SOFTMAX_ROWS; row < end; row++) {
    const offset = <usize>row * <usize>count << 2;
    const weight = weightOf(pointer(2), row);
    const scale = weight / <f32>count;
    let sum: f32 = 0;
    for (let i = 0; i < count; i++) {
      const p = offset + (<usize>i << 2);
      const error = load<f32>(pointer(0) + p) - load<f32>(pointer(1) + p);
      const size = abs(error);
      let slope: f32 = error > 0 ? 1 : error < 0 ? -1 : error; // error itself where it is 0 or NaN
      if (kind == 0) {
        sum += error * error;
        slope = 2 * error;
      } else if (kind == 1) {
        sum += size;
      } else if (size <= delta) {
        sum += 0.5 * error * error;
        slope = error;
      } else {
        sum += delta * (size - 0.5 * delta);
        slope *= delta;
      }
      store<f32>(pointer(3) + p, weight == 0 ? 0 : slope * scale);
    }
    store<f32>(at(pointer(4), row), weight == 0 ? 0 : sum * scale);
  }
}

/** gradient = dy kept, dy one number per row. Arguments: 0 dy [rows], 1 kept [rows, count], 2 gradient, 3 rows, 4 count. */
export function lossGradient(chunk: i32): void {
  const rows = integer(3), count = integer(4);
  if (count == 1) {
    const end = min((chunk + 1) * LOSS_STRETCH, rows);
    for (let i = chunk * LOSS_STRETCH; i < end; i += 4) {
      v128.store(at(pointer(2), i), f32x4.mul(v128.load(at(pointer(0), i)), v128.load(at(pointer(1), i))));
    }
    return;
  }
  const end = min((chunk + 1) * SOFTMAX_ROWS, rows);
  for (let row = chunk * SOFTMAX_ROWS; row < end; row++) {
    const dy = load<f32>(at(pointer(0), row));
    const offset = <usize>row * <usize>count << 2;
    const kept = pointer(1) + offset, target = pointer(2) + offset;
    let i = 0;
    const scale = f32x4.splat(dy);
    for (; i + 4 <= count; i += 4) v128.store(at(target, i), f32x4.mul(v128.load(at(kept, i)), scale));
    for (; i < count; i++) store<f32>(at(target, i), load<f32>(at(kept, i)) * dy);
  }
}
