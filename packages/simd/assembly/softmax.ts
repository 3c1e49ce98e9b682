// Softmax, row by row.
import { integer, pointer } from "./args";
import { exp4, log4 } from "./math";

/** Rows of one chunk. */
export const SOFTMAX_ROWS: i32 = 32;

/** target = e^(source - maximum); returns the sum. */
export function exponentials(source: usize, target: usize, count: i32): f32 {
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
