// Connectionist temporal classification (Graves and others 2006): minus the logarithm of the probability of all alignments of
// the labels with the steps, by forward and backward variables in log space. One row of the batch is one chunk.
//
// The states are labels + 1 blanks, before, between and after the labels, and the labels; they lie apart, because a blank can
// be reached in two ways and a label in three. Variables are kept relative to the largest of the step before, and what was
// taken off is added up in double precision: so they lose no digits over long sequences.
import { integer, pointer, roundUp } from "./args";
import { expBelow4, logAbove4, logSum2, logSum3, NOTHING } from "./ctc-math";
import { exponentials } from "./softmax";

// Rows of the scratch of one row of the batch. Each has the blanks, then the labels, with at least 4 lanes of log 0 before,
// between and after them.
const CLASSES: i32 = 0; // the class of each label, as integers
const SKIPS: i32 = 1; // 0 where a label may come right after the label before it, else log 0
const EMITTED: i32 = 2; // log probability of each label at the present step
const AFTER: i32 = 3; // backward variables
const AHEAD: i32 = 4; // those of the step after, each times what it emits; shares of the present step
const ALPHA: i32 = 5; // forward variables: one row before the first step, then one per step

/** Bytes from the first blank of a row to its first label. */
// @ts-ignore: decorator
@inline
function labelsAt(most: i32): usize {
  return <usize>(roundUp(most + 1, 4) + 4) << 2;
}

/** Numbers in a row of the scratch. */
// @ts-ignore: decorator
@inline
function strideOf(most: i32): i32 {
  return roundUp(most + 1, 4) + roundUp(most, 4) + 12;
}

/** Bytes of scratch for one row of the batch: the variables, a logarithm per step, and a row of exponentials. */
export function ctcScratchBytes(time: i32, classes: i32, most: i32): usize {
  return <usize>roundUp((ALPHA + 1 + time) * strideOf(most) + time + classes, 16) << 2;
}

// @ts-ignore: decorator
@inline
function at(base: usize, index: i32): usize {
  return base + (<usize>index << 2);
}

// @ts-ignore: decorator
@inline
function value(base: usize, index: i32): f32 {
  return load<f32>(at(base, index));
}

/** The first blank of a row of the scratch. */
// @ts-ignore: decorator
@inline
function rowOf(scratch: usize, row: i32, most: i32): usize {
  return at(scratch, row * strideOf(most) + 4);
}

/** What is to be taken off a row whose largest numbers these are; nothing where no state can be reached. */
// @ts-ignore: decorator
@inline
function largest(most: v128): f32 {
  const a = max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1));
  const b = max(a, max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)));
  return b < NOTHING / 2 ? 0 : b;
}

function fill(to: usize, from: i32, end: i32, content: f32): void {
  for (let i = from; i < end; i++) store<f32>(at(to, i), content);
}

/** Lays out states and transitions; false when a label is not a class or is the blank. */
function layOut(scratch: usize, labels: usize, count: i32, time: i32, classes: i32, most: i32, blank: i32): bool {
  const nothing = f32x4.splat(NOTHING);
  for (let i = 0, end = (ALPHA + 1 + time) * strideOf(most); i < end; i += 4) v128.store(at(scratch, i), nothing);
  const own = rowOf(scratch, CLASSES, most) + labelsAt(most), skips = rowOf(scratch, SKIPS, most) + labelsAt(most);
  for (let i = 0; i < count; i++) {
    const label = load<i32>(at(labels, i));
    if (<u32>label >= <u32>classes || label == blank) return false;
    store<i32>(at(own, i), label);
    if (i > 0 && label != load<i32>(at(own, i - 1))) store<f32>(at(skips, i), 0);
  }
  return true;
}

/**
 * Arguments: 0 logits [batch, time, classes], 1 labels [batch, most labels], 2 label lengths [batch], 3 input lengths [batch],
 * 4 scratch, 5 kept [batch, time, classes] or 0: the gradient for a dy of 1, 6 losses [batch], 7 time, 8 classes, 9 most labels,
 * 10 blank, 11: 1 makes infinite losses 0.
 * Labels that have no alignment (too few steps) give an infinite loss and a gradient that is not a number, as in PyTorch.
 */
export function ctc(chunk: i32): void {
  const time = integer(7), classes = integer(8), most = integer(9);
  const scratch = pointer(4) + <usize>chunk * ctcScratchBytes(time, classes, most);
  const size = <usize>chunk * <usize>time * <usize>classes << 2;
  const logits = pointer(0) + size;
  const kept: usize = pointer(5) == 0 ? 0 : pointer(5) + size;
  const count = load<i32>(at(pointer(2), chunk)), steps = load<i32>(at(pointer(3), chunk));
  let loss: f32 = NaN;
  const fits = <u32>count <= <u32>most && <u32>steps <= <u32>time;
  if (fits && layOut(scratch, at(pointer(1), chunk * most), count, time, classes, most, integer(10))) {
    loss = forward(scratch, logits, kept, count, steps, most);
  }
  const known = loss == loss && loss != Infinity;
  if (loss == Infinity && integer(11) != 0) loss = 0;
  store<f32>(at(pointer(6), chunk), loss);
  if (kept == 0) return;
  const used = (fits ? steps : time) * classes;
  if (known) backward(scratch, logits, kept, count, steps, most);
  else fill(kept, 0, used, loss == 0 ? 0 : NaN);
  fill(kept, used, time * classes, 0);
}

/** Softmax of a step's logits into `exponents`; returns the logarithm that makes them probabilities. */
function normalise(logits: usize, exponents: usize, classes: i32): f32 {
  const sum = exponentials(logits, exponents, classes);
  let maximum: f32 = -Infinity;
  for (let i = 0; i < classes; i++) maximum = max(maximum, value(logits, i));
  for (let i = 0; i < classes; i++) store<f32>(at(exponents, i), value(exponents, i) / sum);
  return maximum + f32x4.extract_lane(logAbove4(f32x4.splat(sum)), 0); // the largest is 1, and so the sum is at least 1
}

/** Puts the log probability of each label at a step, less what is to be taken off, into its row. */
function emit(logits: usize, own: usize, emitted: usize, count: i32, off: f32): void {
  for (let i = 0; i < count; i++) store<f32>(at(emitted, i), max(value(logits, load<i32>(at(own, i))) - off, NOTHING));
}

/** Forward variables of all steps, and the probabilities of all classes in `kept`. Returns the loss. */
function forward(scratch: usize, logits: usize, kept: usize, count: i32, steps: i32, most: i32): f32 {
  const time = integer(7), classes = integer(8), blank = integer(10);
  const apart = labelsAt(most), bytes = <usize>strideOf(most) << 2;
  const own = rowOf(scratch, CLASSES, most) + apart, skips = rowOf(scratch, SKIPS, most) + apart;
  const emitted = rowOf(scratch, EMITTED, most) + apart;
  const norms = at(scratch, (ALPHA + 1 + time) * strideOf(most));
  let before = rowOf(scratch, ALPHA, most);
  store<f32>(before, 0); // before the first step: about to enter the first blank or the first label
  let taken: f64 = 0;
  let off: f32 = 0;
  for (let t = 0; t < steps; t++) {
    const source = at(logits, t * classes);
    const norm = normalise(source, kept == 0 ? at(norms, time) : at(kept, t * classes), classes);
    store<f32>(at(norms, t), norm);
    emit(source, own, emitted, count, norm + off);
    const silence = f32x4.splat(max(value(source, blank) - (norm + off), NOTHING));
    const row = before + bytes;
    let peak = f32x4.splat(NOTHING);
    for (let i = 0; i <= count; i += 4) {
      const reached = logSum2(v128.load(at(before, i)), v128.load(at(before + apart, i - 1)));
      const alpha = f32x4.add(reached, silence);
      v128.store(at(row, i), alpha);
      peak = f32x4.max(peak, alpha);
    }
    for (let i = 0; i < count; i += 4) {
      const skipped = f32x4.add(v128.load(at(before + apart, i - 1)), v128.load(at(skips, i)));
      const reached = logSum3(v128.load(at(before + apart, i)), v128.load(at(before, i)), skipped);
      const alpha = f32x4.add(reached, v128.load(at(emitted, i)));
      v128.store(at(row + apart, i), alpha);
      peak = f32x4.max(peak, alpha);
    }
    taken += <f64>off;
    off = largest(peak);
    before = row;
  }
  const ends = logSum2(f32x4.splat(value(before, count)), f32x4.splat(value(before + apart, count - 1)));
  const end = f32x4.extract_lane(ends, 0);
  return end < NOTHING / 2 ? Infinity : <f32>(-taken - <f64>end);
}

/** Takes the share of each class among all alignments off the probabilities in `kept`. */
function backward(scratch: usize, logits: usize, kept: usize, count: i32, steps: i32, most: i32): void {
  const time = integer(7), classes = integer(8), blank = integer(10);
  const apart = labelsAt(most);
  const own = rowOf(scratch, CLASSES, most) + apart, skips = rowOf(scratch, SKIPS, most) + apart;
  const emitted = rowOf(scratch, EMITTED, most) + apart;
  const after = rowOf(scratch, AFTER, most), ahead = rowOf(scratch, AHEAD, most);
  const norms = at(scratch, (ALPHA + 1 + time) * strideOf(most));
  store<f32>(at(after, count), 0);
  if (count > 0) store<f32>(at(after + apart, count - 1), 0);
  let off: f32 = 0;
  for (let t = steps - 1; t >= 0; t--) {
    share(rowOf(scratch, ALPHA + 1 + t, most), after, ahead, own, at(kept, t * classes), count, apart, blank);
    const source = at(logits, t * classes);
    const norm = value(norms, t) + off;
    emit(source, own, emitted, count, norm);
    const silence = f32x4.splat(max(value(source, blank) - norm, NOTHING));
    for (let i = 0; i <= count; i += 4) v128.store(at(ahead, i), f32x4.add(v128.load(at(after, i)), silence));
    for (let i = 0; i < count; i += 4) {
      const labels = f32x4.add(v128.load(at(after + apart, i)), v128.load(at(emitted, i)));
      v128.store(at(ahead + apart, i), labels);
    }
    let peak = f32x4.splat(NOTHING);
    for (let i = 0; i <= count; i += 4) {
      const beta = logSum2(v128.load(at(ahead, i)), v128.load(at(ahead + apart, i)));
      v128.store(at(after, i), beta);
      peak = f32x4.max(peak, beta);
    }
    for (let i = 0; i < count; i += 4) {
      const skipped = f32x4.add(v128.load(at(ahead + apart, i + 1)), v128.load(at(skips, i + 1)));
      const beta = logSum3(v128.load(at(ahead + apart, i)), v128.load(at(ahead, i + 1)), skipped);
      v128.store(at(after + apart, i), beta);
      peak = f32x4.max(peak, beta);
    }
    off = largest(peak);
  }
}

/** The probability of each state at a step, given the labels: taken off its class. */
function share(
  alpha: usize, after: usize, into: usize, own: usize, kept: usize, count: i32, apart: usize, blank: i32,
): void {
  let peak = f32x4.splat(NOTHING);
  for (let i = 0; i <= count; i += 4) {
    peak = f32x4.max(peak, f32x4.add(v128.load(at(alpha, i)), v128.load(at(after, i))));
  }
  for (let i = 0; i < count; i += 4) {
    const both = f32x4.add(v128.load(at(alpha + apart, i)), v128.load(at(after + apart, i)));
    v128.store(at(into + apart, i), both);
    peak = f32x4.max(peak, both);
  }
  const shift = f32x4.splat(largest(peak));
  let blanks = f32x4.splat(0), labels = f32x4.splat(0);
  for (let i = 0; i <= count; i += 4) {
    const both = f32x4.add(v128.load(at(alpha, i)), v128.load(at(after, i)));
    blanks = f32x4.add(blanks, expBelow4(f32x4.sub(both, shift)));
  }
  for (let i = 0; i < count; i += 4) {
    const part = expBelow4(f32x4.sub(v128.load(at(into + apart, i)), shift));
    v128.store(at(into + apart, i), part);
    labels = f32x4.add(labels, part);
  }
  const silence = total(blanks);
  const scale = <f32>1 / (silence + total(labels));
  store<f32>(at(kept, blank), value(kept, blank) - silence * scale);
  for (let i = 0; i < count; i++) {
    const p = at(kept, load<i32>(at(own, i)));
    store<f32>(p, load<f32>(p) - value(into + apart, i) * scale);
  }
}

// @ts-ignore: decorator
@inline
function total(sums: v128): f32 {
  return f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1) + f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3);
}
