// The heart of the matrix products: tiles of 4 rows by 8 columns in registers, of packed operands.
import { activateLanes } from "./gemm";

// @ts-ignore: decorator
@inline
function madd(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b));
}

function loadPart(at: usize, count: i32): v128 {
  if (count >= 4) return v128.load(at);
  let value = f32x4.splat(0);
  if (count > 0) value = f32x4.replace_lane(value, 0, load<f32>(at));
  if (count > 1) value = f32x4.replace_lane(value, 1, load<f32>(at, 4));
  if (count > 2) value = f32x4.replace_lane(value, 2, load<f32>(at, 8));
  return value;
}

function storePart(at: usize, value: v128, count: i32): void {
  if (count >= 4) {
    v128.store(at, value);
    return;
  }
  if (count > 0) store<f32>(at, f32x4.extract_lane(value, 0));
  if (count > 1) store<f32>(at, f32x4.extract_lane(value, 1), 4);
  if (count > 2) store<f32>(at, f32x4.extract_lane(value, 2), 8);
}

/**
 * A column of tiles: `rows` rows by up to 8 columns of C, from `depth` steps of A and of one panel of B; `columns` of them are there.
 * Each stripe of A begins `gap` bytes after the end of the one before. With `last`, bias and activation are applied.
 *
 * One step takes 22 instructions, 16 of them arithmetic, and what comes on top decides the speed. So: eight steps a turn, each a
 * block of its own that ends in one comparison, which keeps V8 from loading the operands of several steps ahead of time; offsets of
 * B are constants, which cost nothing, and A advances. The sums stay in the order of k.
 */
export function tiles(
  a: usize, gap: usize, b: usize, depth: i32, c: usize, cStep: usize, rows: i32, columns: i32, first: bool, last: bool,
  bias: usize, activation: i32,
): void {
  const zero = f32x4.splat(0);
  for (; rows > 0; rows -= 4, a += gap, c += cStep << 2) {
    const whole = rows >= 4 && columns == 8;
    const c1 = c + cStep, c2 = c1 + cStep, c3 = c2 + cStep;
    let p0 = zero, p1 = zero, q0 = zero, q1 = zero, r0 = zero, r1 = zero, s0 = zero, s1 = zero;
    if (!first) {
      if (whole) {
        p0 = v128.load(c), p1 = v128.load(c, 16), q0 = v128.load(c1), q1 = v128.load(c1, 16);
        r0 = v128.load(c2), r1 = v128.load(c2, 16), s0 = v128.load(c3), s1 = v128.load(c3, 16);
      } else {
        p0 = loadPart(c, columns), p1 = loadPart(c + 16, columns - 4);
        if (rows > 1) q0 = loadPart(c1, columns), q1 = loadPart(c1 + 16, columns - 4);
        if (rows > 2) r0 = loadPart(c2, columns), r1 = loadPart(c2 + 16, columns - 4);
        if (rows > 3) s0 = loadPart(c3, columns), s1 = loadPart(c3 + 16, columns - 4);
      }
    }
    const end = a + (<usize>depth << 4);
    let at = b;
    while (a < end) {
      let b0: v128, b1: v128, x: v128;
      b0 = v128.load(at), b1 = v128.load(at, 16);
      x = v128.load32_splat(a), p0 = madd(p0, x, b0), p1 = madd(p1, x, b1);
      x = v128.load32_splat(a, 4), q0 = madd(q0, x, b0), q1 = madd(q1, x, b1);
      x = v128.load32_splat(a, 8), r0 = madd(r0, x, b0), r1 = madd(r1, x, b1);
      x = v128.load32_splat(a, 12), s0 = madd(s0, x, b0), s1 = madd(s1, x, b1);
      if ((a += 16) >= end) break;
      b0 = v128.load(at, 32), b1 = v128.load(at, 48);
      x = v128.load32_splat(a), p0 = madd(p0, x, b0), p1 = madd(p1, x, b1);
      x = v128.load32_splat(a, 4), q0 = madd(q0, x, b0), q1 = madd(q1, x, b1);
      x = v128.load32_splat(a, 8), r0 = madd(r0, x, b0), r1 = madd(r1, x, b1);
      x = v128.load32_splat(a, 12), s0 = madd(s0, x, b0), s1 = madd(s1, x, b1);
      if ((a += 16) >= end) break;
      b0 = v128.load(at, 64), b1 = v128.load(at, 80);
      x = v128.load32_splat(a), p0 = madd(p0, x, b0), p1 = madd(p1, x, b1);
      x = v128.load32_splat(a, 4), q0 = madd(q0, x, b0), q1 = madd(q1, x, b1);
      x = v128.load32_splat(a, 8), r0 = madd(r0, x, b0), r1 = madd(r1, x, b1);
      x = v128.load32_splat(a, 12), s0 = madd(s0, x, b0), s1 = madd(s1, x, b1);
      if ((a += 16) >= end) break;
      b0 = v128.load(at, 96), b1 = v128.load(at, 112);
      x = v128.load32_splat(a), p0 = madd(p0, x, b0), p1 = madd(p1, x, b1);
      x = v128.load32_splat(a, 4), q0 = madd(q0, x, b0), q1 = madd(q1, x, b1);
      x = v128.load32_splat(a, 8), r0 = madd(r0, x, b0), r1 = madd(r1, x, b1);
      x = v128.load32_splat(a, 12), s0 = madd(s0, x, b0), s1 = madd(s1, x, b1);
      if ((a += 16) >= end) break;
      b0 = v128.load(at, 128), b1 = v128.load(at, 144);
      x = v128.load32_splat(a), p0 = madd(p0, x, b0), p1 = madd(p1, x, b1);
      x = v128.load32_splat(a, 4), q0 = madd(q0, x, b0), q1 = madd(q1, x, b1);
      x = v128.load32_splat(a, 8), r0 = madd(r0, x, b0), r1 = madd(r1, x, b1);
      x = v128.load32_splat(a, 12), s0 = madd(s0, x, b0), s1 = madd(s1, x, b1);
      if ((a += 16) >= end) break;
      b0 = v128.load(at, 160), b1 = v128.load(at, 176);
      x = v128.load32_splat(a), p0 = madd(p0, x, b0), p1 = madd(p1, x, b1);
      x = v128.load32_splat(a, 4), q0 = madd(q0, x, b0), q1 = madd(q1, x, b1);
      x = v128.load32_splat(a, 8), r0 = madd(r0, x, b0), r1 = madd(r1, x, b1);
      x = v128.load32_splat(a, 12), s0 = madd(s0, x, b0), s1 = madd(s1, x, b1);
      if ((a += 16) >= end) break;
      b0 = v128.load(at, 192), b1 = v128.load(at, 208);
      x = v128.load32_splat(a), p0 = madd(p0, x, b0), p1 = madd(p1, x, b1);
      x = v128.load32_splat(a, 4), q0 = madd(q0, x, b0), q1 = madd(q1, x, b1);
      x = v128.load32_splat(a, 8), r0 = madd(r0, x, b0), r1 = madd(r1, x, b1);
      x = v128.load32_splat(a, 12), s0 = madd(s0, x, b0), s1 = madd(s1, x, b1);
      if ((a += 16) >= end) break;
      b0 = v128.load(at, 224), b1 = v128.load(at, 240);
      x = v128.load32_splat(a), p0 = madd(p0, x, b0), p1 = madd(p1, x, b1);
      x = v128.load32_splat(a, 4), q0 = madd(q0, x, b0), q1 = madd(q1, x, b1);
      x = v128.load32_splat(a, 8), r0 = madd(r0, x, b0), r1 = madd(r1, x, b1);
      x = v128.load32_splat(a, 12), s0 = madd(s0, x, b0), s1 = madd(s1, x, b1);
      a += 16;
      at += 256;
    }
    if (last && bias != 0) {
      // Beyond the last column this reads what lies in the same cache line, and does not store it.
      const e = v128.load(bias), f = v128.load(bias, 16);
      p0 = f32x4.add(p0, e), p1 = f32x4.add(p1, f), q0 = f32x4.add(q0, e), q1 = f32x4.add(q1, f);
      r0 = f32x4.add(r0, e), r1 = f32x4.add(r1, f), s0 = f32x4.add(s0, e), s1 = f32x4.add(s1, f);
    }
    if (last && activation == 1) {
      p0 = f32x4.max(p0, zero), p1 = f32x4.max(p1, zero), q0 = f32x4.max(q0, zero), q1 = f32x4.max(q1, zero);
      r0 = f32x4.max(r0, zero), r1 = f32x4.max(r1, zero), s0 = f32x4.max(s0, zero), s1 = f32x4.max(s1, zero);
    } else if (last && activation != 0) {
      p0 = activateLanes(p0, activation), p1 = activateLanes(p1, activation);
      q0 = activateLanes(q0, activation), q1 = activateLanes(q1, activation);
      r0 = activateLanes(r0, activation), r1 = activateLanes(r1, activation);
      s0 = activateLanes(s0, activation), s1 = activateLanes(s1, activation);
    }
    if (whole) {
      v128.store(c, p0), v128.store(c, p1, 16), v128.store(c1, q0), v128.store(c1, q1, 16);
      v128.store(c2, r0), v128.store(c2, r1, 16), v128.store(c3, s0), v128.store(c3, s1, 16);
    } else {
      storePart(c, p0, columns), storePart(c + 16, p1, columns - 4);
      if (rows > 1) storePart(c1, q0, columns), storePart(c1 + 16, q1, columns - 4);
      if (rows > 2) storePart(c2, r0, columns), storePart(c2 + 16, r1, columns - 4);
      if (rows > 3) storePart(c3, s0, columns), storePart(c3 + 16, s1, columns - 4);
    }
  }
}

/** C [m, n] = A B of packed operands, or C += A B when it is not the first part of a sum. Rows of C are `cStep` bytes apart. */
export function multiplyPacked(a: usize, b: usize, c: usize, cStep: usize, m: i32, n: i32, k: i32, first: bool): void {
  if (k == 0 && !first) return;
  for (let column = 0; column < n; column += 8) {
    const panel = b + (<usize>column * <usize>k << 2);
    tiles(a, 0, panel, k, c + (<usize>column << 2), cStep, m, min(8, n - column), first, false, 0, 0);
  }
}
