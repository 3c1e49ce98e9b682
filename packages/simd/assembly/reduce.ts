// Sums and extremes over one axis of an array seen as [outer, reduced, inner].
// Arguments: 0 operation (0 sum, 1 mean, 2 maximum, 3 minimum), 1 source, 2 target, 3 outer, 4 reduced, 5 inner.
import { integer, pointer } from "./args";

/** Columns of one chunk when inner > 1. */
export const COLUMNS: i32 = 64;

// @ts-ignore: decorator
@inline
function combine(operation: i32, a: v128, b: v128): v128 {
  if (operation < 2) return f32x4.add(a, b);
  return operation == 2 ? f32x4.max(a, b) : f32x4.min(a, b);
}

// @ts-ignore: decorator
@inline
function neutral(operation: i32): v128 {
  if (operation < 2) return f32x4.splat(0);
  return f32x4.splat(operation == 2 ? -Infinity : Infinity);
}

/** Entries that are added up before their sum goes to the total: a float32 total of millions of entries loses the small ones. */
const STRETCH: i32 = 4096;

/** One row when inner is 1. Sums run in four lanes, which are added in order at the end. */
export function reduceRow(chunk: i32): void {
  const operation = integer(0), count = integer(4);
  const from = pointer(1) + (<usize>chunk * <usize>count << 2);
  let value = neutral(operation);
  let i = 0;
  while (i + 4 <= count) {
    const stop = i + STRETCH < count ? i + STRETCH : count;
    let part = neutral(operation);
    for (; i + 4 <= stop; i += 4) part = combine(operation, part, v128.load(from + (<usize>i << 2)));
    value = combine(operation, value, part);
  }
  // What is left goes to the lanes that it would have with more entries: zeros at the end of a row change no sum.
  let tail = neutral(operation);
  if (i < count) tail = f32x4.replace_lane(tail, 0, load<f32>(from + (<usize>i << 2)));
  if (i + 1 < count) tail = f32x4.replace_lane(tail, 1, load<f32>(from + (<usize>i << 2), 4));
  if (i + 2 < count) tail = f32x4.replace_lane(tail, 2, load<f32>(from + (<usize>i << 2), 8));
  value = combine(operation, value, tail);
  let result = f32x4.splat(f32x4.extract_lane(value, 0));
  result = combine(operation, result, f32x4.splat(f32x4.extract_lane(value, 1)));
  result = combine(operation, result, f32x4.splat(f32x4.extract_lane(value, 2)));
  result = combine(operation, result, f32x4.splat(f32x4.extract_lane(value, 3)));
  let answer = f32x4.extract_lane(result, 0);
  if (operation == 1) answer /= <f32>count;
  store<f32>(pointer(2) + (<usize>chunk << 2), answer);
}

/** COLUMNS columns of one outer index when inner > 1. */
export function reduceColumns(chunk: i32): void {
  const operation = integer(0), count = integer(4), inner = integer(5);
  const stripes = (inner + COLUMNS - 1) / COLUMNS;
  const outer = chunk / stripes, column0 = (chunk % stripes) * COLUMNS;
  const end = column0 + COLUMNS < inner ? column0 + COLUMNS : inner;
  const from = pointer(1) + (<usize>outer * <usize>count * <usize>inner << 2);
  const to = pointer(2) + (<usize>outer * <usize>inner << 2);
  const step = <usize>inner << 2;
  const scale = f32x4.splat(<f32>count);
  let column = column0;
  for (; column + 4 <= end; column += 4) {
    let value = neutral(operation);
    let at = from + (<usize>column << 2);
    for (let i = 0; i < count; i++, at += step) value = combine(operation, value, v128.load(at));
    if (operation == 1) value = f32x4.div(value, scale);
    v128.store(to + (<usize>column << 2), value);
  }
  for (; column < end; column++) {
    let value = neutral(operation);
    let at = from + (<usize>column << 2);
    for (let i = 0; i < count; i++, at += step) value = combine(operation, value, v128.load32_splat(at));
    if (operation == 1) value = f32x4.div(value, scale);
    store<f32>(to + (<usize>column << 2), f32x4.extract_lane(value, 0));
  }
}

/** Index of the largest entry of one row, the first of equal ones. Arguments: 1 source [rows, count], 2 target (i32), 4 count. */
export function argMaxRow(chunk: i32): void {
  const count = integer(4);
  const from = pointer(1) + (<usize>chunk * <usize>count << 2);
  let best = 0;
  let largest = load<f32>(from);
  for (let i = 1; i < count; i++) {
    const value = load<f32>(from + (<usize>i << 2));
    if (value > largest) {
      largest = value;
      best = i;
    }
  }
  store<i32>(pointer(2) + (<usize>chunk << 2), best);
}
