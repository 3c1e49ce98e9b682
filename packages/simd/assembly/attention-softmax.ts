// Softmax of rows of scores in which some entries do not count. A row without any that counts becomes zeros.
import { integer, number, pointer } from "./args";
import { exp4, f, madd } from "./math";

/** Rows of one chunk. */
const SOFTMAX_ROWS: i32 = 32;

/** All bits of the lanes whose byte of the mask is not 0. */
// @ts-ignore: decorator
@inline
function lanes(mask: usize): v128 {
  const bytes = v128.load32_zero(mask);
  return i32x4.ne(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes)), i32x4.splat(0));
}

/**
 * In place: e^(x - shift) of 16 numbers, none above 0; returns their sum in four lanes. The polynomial of `exp4`, four vectors in
 * step so that each coefficient is made once for all. Below -87.7 the power of two, and the result, is 0.
 */
function exponentials16(at: usize, shift: v128): v128 {
  let k = f(-88);
  let a = f32x4.max(f32x4.sub(v128.load(at), shift), k), b = f32x4.max(f32x4.sub(v128.load(at, 16), shift), k);
  let c = f32x4.max(f32x4.sub(v128.load(at, 32), shift), k), d = f32x4.max(f32x4.sub(v128.load(at, 48), shift), k);
  k = f(1.44269504088896341);
  const half = f(0.5);
  const na = f32x4.floor(madd(a, k, half)), nb = f32x4.floor(madd(b, k, half));
  const nc = f32x4.floor(madd(c, k, half)), nd = f32x4.floor(madd(d, k, half));
  k = f(0.693359375);
  a = f32x4.sub(a, f32x4.mul(na, k)), b = f32x4.sub(b, f32x4.mul(nb, k));
  c = f32x4.sub(c, f32x4.mul(nc, k)), d = f32x4.sub(d, f32x4.mul(nd, k));
  k = f(-2.12194440e-4);
  a = f32x4.sub(a, f32x4.mul(na, k)), b = f32x4.sub(b, f32x4.mul(nb, k));
  c = f32x4.sub(c, f32x4.mul(nc, k)), d = f32x4.sub(d, f32x4.mul(nd, k));
  const i127 = i32x4.splat(127);
  const pa = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(na), i127), 23);
  const pb = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(nb), i127), 23);
  const pc = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(nc), i127), 23);
  const pd = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(nd), i127), 23);
  let ya = f(1.9875691500e-4), yb = ya, yc = ya, yd = ya;
  k = f(1.3981999507e-3);
  ya = madd(ya, a, k), yb = madd(yb, b, k), yc = madd(yc, c, k), yd = madd(yd, d, k);
  k = f(8.3334519073e-3);
  ya = madd(ya, a, k), yb = madd(yb, b, k), yc = madd(yc, c, k), yd = madd(yd, d, k);
  k = f(4.1665795894e-2);
  ya = madd(ya, a, k), yb = madd(yb, b, k), yc = madd(yc, c, k), yd = madd(yd, d, k);
  k = f(1.6666665459e-1);
  ya = madd(ya, a, k), yb = madd(yb, b, k), yc = madd(yc, c, k), yd = madd(yd, d, k);
  k = f(5.0000001201e-1);
  ya = madd(ya, a, k), yb = madd(yb, b, k), yc = madd(yc, c, k), yd = madd(yd, d, k);
  k = f(1);
  ya = f32x4.mul(f32x4.add(madd(ya, f32x4.mul(a, a), a), k), pa);
  yb = f32x4.mul(f32x4.add(madd(yb, f32x4.mul(b, b), b), k), pb);
  yc = f32x4.mul(f32x4.add(madd(yc, f32x4.mul(c, c), c), k), pc);
  yd = f32x4.mul(f32x4.add(madd(yd, f32x4.mul(d, d), d), k), pd);
  v128.store(at, ya), v128.store(at, yb, 16), v128.store(at, yc, 32), v128.store(at, yd, 48);
  return f32x4.add(f32x4.add(ya, yb), f32x4.add(yc, yd));
}

/**
 * In place: e^(scale x) / sum over the first `reach` entries of a row, of those whose byte of the mask (0: no mask) is not 0;
 * zeros elsewhere up to `count`.
 */
export function softmaxRow(at: usize, count: i32, reach: i32, mask: usize, scale: f32): void {
  const factor = f32x4.splat(scale), none = f32x4.splat(-Infinity);
  const wide = reach & ~3;
  let top = none;
  for (let i = 0; i < wide; i += 4) {
    const p = at + (<usize>i << 2);
    let x = f32x4.mul(v128.load(p), factor);
    if (mask != 0) x = v128.bitselect(x, none, lanes(mask + <usize>i));
    v128.store(p, x);
    top = f32x4.max(top, x);
  }
  let maximum = max(
    max(f32x4.extract_lane(top, 0), f32x4.extract_lane(top, 1)),
    max(f32x4.extract_lane(top, 2), f32x4.extract_lane(top, 3)),
  );
  for (let i = wide; i < reach; i++) {
    const p = at + (<usize>i << 2);
    const x: f32 = mask != 0 && load<u8>(mask + <usize>i) == 0 ? -Infinity : load<f32>(p) * scale;
    store<f32>(p, x);
    maximum = max(maximum, x);
  }
  if (reach < count) memory.fill(at + (<usize>reach << 2), 0, <usize>(count - reach) << 2);
  if (maximum == -Infinity) {
    memory.fill(at, 0, <usize>reach << 2);
    return;
  }
  const shift = f32x4.splat(maximum);
  let sums = f32x4.splat(0);
  const widest = reach & ~15;
  for (let i = 0; i < widest; i += 16) sums = f32x4.add(sums, exponentials16(at + (<usize>i << 2), shift));
  for (let i = widest; i < wide; i += 4) {
    const p = at + (<usize>i << 2);
    const e = exp4(f32x4.sub(v128.load(p), shift));
    v128.store(p, e);
    sums = f32x4.add(sums, e);
  }
  let sum = f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1) + f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3);
  for (let i = wide; i < reach; i++) {
    const p = at + (<usize>i << 2);
    const e = f32x4.extract_lane(exp4(f32x4.sub(v128.load32_splat(p), shift)), 0);
    store<f32>(p, e);
    sum += e;
  }
  const inverse: f32 = 1 / sum;
  for (let i = 0; i < wide; i += 4) {
    const p = at + (<usize>i << 2);
    v128.store(p, f32x4.mul(v128.load(p), f32x4.splat(inverse)));
  }
  for (let i = wide; i < reach; i++) {
    const p = at + (<usize>i << 2);
    store<f32>(p, load<f32>(p) * inverse);
  }
}

/** In `to`, which may be `gradient`: scale p (dp - sum(dp p)) over the first `reach` entries. */
export function softmaxRowGradient(p: usize, gradient: usize, to: usize, reach: i32, scale: f32): void {
  let sums = f32x4.splat(0);
  const wide = reach & ~3;
  for (let i = 0; i < wide; i += 4) {
    const at = <usize>i << 2;
    sums = f32x4.add(sums, f32x4.mul(v128.load(p + at), v128.load(gradient + at)));
  }
  let sum = f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1) + f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3);
  for (let i = wide; i < reach; i++) sum += load<f32>(p + (<usize>i << 2)) * load<f32>(gradient + (<usize>i << 2));
  const shift = f32x4.splat(sum), factor = f32x4.splat(scale);
  for (let i = 0; i < wide; i += 4) {
    const at = <usize>i << 2;
    v128.store(to + at, f32x4.mul(f32x4.mul(v128.load(p + at), f32x4.sub(v128.load(gradient + at), shift)), factor));
  }
  for (let i = wide; i < reach; i++) {
    const at = <usize>i << 2;
    store<f32>(to + at, load<f32>(p + at) * (load<f32>(gradient + at) - sum) * scale);
  }
}

/**
 * Softmax of rows under a mask.
 * Arguments: 0 source [rows, count], 1 target, 2 rows, 3 count, 4 mask [rows / rows of one mask, count] (bytes) or 0,
 * 5 rows of one mask. Numbers: 0 scale.
 */
export function maskedSoftmax(chunk: i32): void {
  const rows = integer(2), count = integer(3), mask = pointer(4);
  const end = min((chunk + 1) * SOFTMAX_ROWS, rows);
  for (let row = chunk * SOFTMAX_ROWS; row < end; row++) {
    const at = <usize>row * <usize>count << 2;
    memory.copy(pointer(1) + at, pointer(0) + at, <usize>count << 2);
    const own = mask == 0 ? <usize>0 : mask + <usize>(row / integer(5)) * <usize>count;
    softmaxRow(pointer(1) + at, count, count, own, number(0));
  }
}

/** Arguments: 0 probabilities [rows, count], 1 their gradient, 2 target, 3 rows, 4 count. Numbers: 0 scale. */
export function maskedSoftmaxGradient(chunk: i32): void {
  const rows = integer(3), count = integer(4);
  const end = min((chunk + 1) * SOFTMAX_ROWS, rows);
  for (let row = chunk * SOFTMAX_ROWS; row < end; row++) {
    const at = <usize>row * <usize>count << 2;
    softmaxRowGradient(pointer(0) + at, pointer(1) + at, pointer(2) + at, count, number(0));
  }
}
