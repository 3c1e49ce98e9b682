// Softmax and its cross-entropy with integer labels, row by row.
import { integer, pointer } from "./args";
import { exp4, log4 } from "./math";

/** Rows of one chunk. */
export const SOFTMAX_ROWS: i32 = 32;

/** target = e^(source - maximum); returns the sum. */
function exponentials(source: usize, target: usize, count: i32): f32 {
  let maximum: f32 = -Infinity;
  for (let i = 0; i < count; i++) maximum = max(maximum, load<f32>(source + (<usize>i << 2)));
  const shift = f32x4.splat(maximum);
  let sums = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const e = exp4(f32x4.sub(v128.load(source + (<usize>i << 2)), shift));
    sums = f32x4.add(sums, e);
    v128.store(target + (<usize>i << 2), e);
  }
  let sum = f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1) + f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3);
  for (; i < count; i++) {
    const e = f32x4.extract_lane(exp4(f32x4.sub(v128.load32_splat(source + (<usize>i << 2)), shift)), 0);
    sum += e;
    store<f32>(target + (<usize>i << 2), e);
  }
  return sum;
}

// @ts-ignore: decorator
@inline
function log(x: f32): f32 {
  return f32x4.extract_lane(log4(f32x4.splat(x)), 0);
}

/** Arguments: 0 source [rows, count], 1 target, 2 rows, 3 count, 4: 1 asks for the logarithm. */
export function softmax(chunk: i32): void {
  const rows = integer(2), count = integer(3);
  const end = min((chunk + 1) * SOFTMAX_ROWS, rows);
  for (let row = chunk * SOFTMAX_ROWS; row < end; row++) {
    const at = <usize>row * <usize>count << 2;
    const source = pointer(0) + at, target = pointer(1) + at;
    const sum = exponentials(source, target, count);
    if (integer(4) == 0) {
      for (let i = 0; i < count; i++) store<f32>(target + (<usize>i << 2), load<f32>(target + (<usize>i << 2)) / sum);
    } else {
      let maximum: f32 = -Infinity;
      for (let i = 0; i < count; i++) maximum = max(maximum, load<f32>(source + (<usize>i << 2)));
      const logSum = log(sum);
      for (let i = 0; i < count; i++) {
        store<f32>(target + (<usize>i << 2), load<f32>(source + (<usize>i << 2)) - maximum - logSum);
      }
    }
  }
}

/**
 * loss = weight (log sum e^z - z_label), and the probabilities for the gradient.
 * Arguments: 0 logits [rows, count], 1 labels [rows], 2 weights [rows] or 0, 3 probabilities [rows, count], 4 losses [rows],
 * 5 rows, 6 count.
 * A label outside [0, count) gives NaN, as there is no right answer to it.
 */
export function crossEntropy(chunk: i32): void {
  const rows = integer(5), count = integer(6);
  const end = min((chunk + 1) * SOFTMAX_ROWS, rows);
  for (let row = chunk * SOFTMAX_ROWS; row < end; row++) {
    const at = <usize>row * <usize>count << 2;
    const source = pointer(0) + at, target = pointer(3) + at;
    const sum = exponentials(source, target, count);
    let maximum: f32 = -Infinity;
    for (let i = 0; i < count; i++) maximum = max(maximum, load<f32>(source + (<usize>i << 2)));
    for (let i = 0; i < count; i++) store<f32>(target + (<usize>i << 2), load<f32>(target + (<usize>i << 2)) / sum);
    const label = load<i32>(pointer(1) + (<usize>row << 2));
    let loss: f32 = NaN;
    if (<u32>label < <u32>count) loss = log(sum) + (maximum - load<f32>(source + (<usize>label << 2)));
    if (pointer(2) != 0) loss *= load<f32>(pointer(2) + (<usize>row << 2));
    store<f32>(pointer(4) + (<usize>row << 2), loss);
  }
}

/**
 * dlogits = dy weight (probabilities - onehot(label)).
 * Arguments: 0 dy [rows], 1 labels, 2 weights or 0, 3 probabilities, 4 target, 5 rows, 6 count.
 */
export function crossEntropyGradient(chunk: i32): void {
  const rows = integer(5), count = integer(6);
  const end = min((chunk + 1) * SOFTMAX_ROWS, rows);
  for (let row = chunk * SOFTMAX_ROWS; row < end; row++) {
    const at = <usize>row * <usize>count << 2;
    let scale = load<f32>(pointer(0) + (<usize>row << 2));
    if (pointer(2) != 0) scale *= load<f32>(pointer(2) + (<usize>row << 2));
    const label = load<i32>(pointer(1) + (<usize>row << 2));
    for (let i = 0; i < count; i++) {
      const p = at + (<usize>i << 2);
      const hit: f32 = i == label ? 1 : 0;
      store<f32>(pointer(4) + p, (load<f32>(pointer(3) + p) - hit) * scale);
    }
  }
}
