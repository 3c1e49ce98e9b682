// The main road of matrix products: both operands packed, tiles of 4 rows by 8 columns. See gemm.ts.
import { ceilDivide, integer, pointer } from "./args";
import { activateLanes } from "./gemm";

const TILE_ROWS: i32 = 32;
const TILE_COLUMNS: i32 = 128;
const DEPTH: i32 = 512; // a stretch of a panel of B fits the first-level cache together with a tile of A

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

/** A tile of C from `depth` steps of A and B; `rows` and `columns` of it are there. With `last`, bias and activation are applied. */
function tile(
  a: usize, b: usize, depth: i32, c: usize, cStep: usize, rows: i32, columns: i32, first: bool, last: bool, bias: usize,
  activation: i32,
): void {
  const zero = f32x4.splat(0);
  const whole = rows == 4 && columns == 8;
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
  // One step takes 22 instructions, 16 of them arithmetic, and what comes on top decides the speed. So: eight steps a turn, each a
  // block of its own that ends in one comparison, which keeps V8 from loading the operands of several steps ahead of time; offsets
  // of B are constants, which cost nothing, and A advances. The sums stay in the order of k.
  const end = a + (<usize>depth << 4);
  while (a < end) {
    let b0: v128, b1: v128, x: v128;
    b0 = v128.load(b, 0), b1 = v128.load(b, 16);
    x = v128.load32_splat(a), p0 = madd(p0, x, b0), p1 = madd(p1, x, b1);
    x = v128.load32_splat(a, 4), q0 = madd(q0, x, b0), q1 = madd(q1, x, b1);
    x = v128.load32_splat(a, 8), r0 = madd(r0, x, b0), r1 = madd(r1, x, b1);
    x = v128.load32_splat(a, 12), s0 = madd(s0, x, b0), s1 = madd(s1, x, b1);
    if ((a += 16) >= end) break;
    b0 = v128.load(b, 32), b1 = v128.load(b, 48);
    x = v128.load32_splat(a), p0 = madd(p0, x, b0), p1 = madd(p1, x, b1);
    x = v128.load32_splat(a, 4), q0 = madd(q0, x, b0), q1 = madd(q1, x, b1);
    x = v128.load32_splat(a, 8), r0 = madd(r0, x, b0), r1 = madd(r1, x, b1);
    x = v128.load32_splat(a, 12), s0 = madd(s0, x, b0), s1 = madd(s1, x, b1);
    if ((a += 16) >= end) break;
    b0 = v128.load(b, 64), b1 = v128.load(b, 80);
    x = v128.load32_splat(a), p0 = madd(p0, x, b0), p1 = madd(p1, x, b1);
    x = v128.load32_splat(a, 4), q0 = madd(q0, x, b0), q1 = madd(q1, x, b1);
    x = v128.load32_splat(a, 8), r0 = madd(r0, x, b0), r1 = madd(r1, x, b1);
    x = v128.load32_splat(a, 12), s0 = madd(s0, x, b0), s1 = madd(s1, x, b1);
    if ((a += 16) >= end) break;
    b0 = v128.load(b, 96), b1 = v128.load(b, 112);
    x = v128.load32_splat(a), p0 = madd(p0, x, b0), p1 = madd(p1, x, b1);
    x = v128.load32_splat(a, 4), q0 = madd(q0, x, b0), q1 = madd(q1, x, b1);
    x = v128.load32_splat(a, 8), r0 = madd(r0, x, b0), r1 = madd(r1, x, b1);
    x = v128.load32_splat(a, 12), s0 = madd(s0, x, b0), s1 = madd(s1, x, b1);
    if ((a += 16) >= end) break;
    b0 = v128.load(b, 128), b1 = v128.load(b, 144);
    x = v128.load32_splat(a), p0 = madd(p0, x, b0), p1 = madd(p1, x, b1);
    x = v128.load32_splat(a, 4), q0 = madd(q0, x, b0), q1 = madd(q1, x, b1);
    x = v128.load32_splat(a, 8), r0 = madd(r0, x, b0), r1 = madd(r1, x, b1);
    x = v128.load32_splat(a, 12), s0 = madd(s0, x, b0), s1 = madd(s1, x, b1);
    if ((a += 16) >= end) break;
    b0 = v128.load(b, 160), b1 = v128.load(b, 176);
    x = v128.load32_splat(a), p0 = madd(p0, x, b0), p1 = madd(p1, x, b1);
    x = v128.load32_splat(a, 4), q0 = madd(q0, x, b0), q1 = madd(q1, x, b1);
    x = v128.load32_splat(a, 8), r0 = madd(r0, x, b0), r1 = madd(r1, x, b1);
    x = v128.load32_splat(a, 12), s0 = madd(s0, x, b0), s1 = madd(s1, x, b1);
    if ((a += 16) >= end) break;
    b0 = v128.load(b, 192), b1 = v128.load(b, 208);
    x = v128.load32_splat(a), p0 = madd(p0, x, b0), p1 = madd(p1, x, b1);
    x = v128.load32_splat(a, 4), q0 = madd(q0, x, b0), q1 = madd(q1, x, b1);
    x = v128.load32_splat(a, 8), r0 = madd(r0, x, b0), r1 = madd(r1, x, b1);
    x = v128.load32_splat(a, 12), s0 = madd(s0, x, b0), s1 = madd(s1, x, b1);
    if ((a += 16) >= end) break;
    b0 = v128.load(b, 224), b1 = v128.load(b, 240);
    x = v128.load32_splat(a), p0 = madd(p0, x, b0), p1 = madd(p1, x, b1);
    x = v128.load32_splat(a, 4), q0 = madd(q0, x, b0), q1 = madd(q1, x, b1);
    x = v128.load32_splat(a, 8), r0 = madd(r0, x, b0), r1 = madd(r1, x, b1);
    x = v128.load32_splat(a, 12), s0 = madd(s0, x, b0), s1 = madd(s1, x, b1);
    a += 16;
    b += 256;
  }
  if (last && bias != 0) {
    // Beyond the last column this reads what lies in the same cache line, and does not store it.
    const e = v128.load(bias), f = v128.load(bias, 16);
    p0 = f32x4.add(p0, e), p1 = f32x4.add(p1, f), q0 = f32x4.add(q0, e), q1 = f32x4.add(q1, f);
    r0 = f32x4.add(r0, e), r1 = f32x4.add(r1, f), s0 = f32x4.add(s0, e), s1 = f32x4.add(s1, f);
  }
  if (last && activation != 0) {
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

/**
 * One block of TILE_ROWS by TILE_COLUMNS of one matrix of the batch.
 * Arguments: 0 A packed by 4 rows, 1 B packed by 8 columns, 2 C, 3 M, 4 N, 5 K, 6 bias [N] or 0, 7 activation,
 * 8, 9, 10 bytes from a matrix of A, B, C to the next of the batch.
 */
export function gemmPacked(chunk: i32): void {
  const m = integer(3), n = integer(4), k = integer(5);
  const down = ceilDivide(m, TILE_ROWS), across = ceilDivide(n, TILE_COLUMNS);
  const matrix = chunk / (down * across), inMatrix = chunk % (down * across);
  // Neighbours share rows of A, which stay in the first-level cache.
  const row0 = (inMatrix / across) * TILE_ROWS, column0 = (inMatrix % across) * TILE_COLUMNS;
  const rowEnd = min(row0 + TILE_ROWS, m), columnEnd = min(column0 + TILE_COLUMNS, n);
  const a = pointer(0) + <usize>matrix * pointer(8), b = pointer(1) + <usize>matrix * pointer(9);
  const c = pointer(2) + <usize>matrix * pointer(10), cStep = <usize>n << 2;
  const bias = pointer(6), activation = integer(7);
  for (let k0 = 0; k0 < k; k0 += DEPTH) {
    const depth = min(DEPTH, k - k0);
    const first = k0 == 0, last = k0 + depth == k;
    for (let column = column0; column < columnEnd; column += 8) {
      const panel = b + (<usize>column * <usize>k + (<usize>k0 << 3) << 2);
      const columns = min(8, n - column);
      const biasHere = bias == 0 ? <usize>0 : bias + (<usize>column << 2);
      for (let row = row0; row < rowEnd; row += 4) {
        const left = a + (<usize>row * <usize>k + (<usize>k0 << 2) << 2);
        const to = c + (<usize>row * <usize>n + <usize>column << 2);
        tile(left, panel, depth, to, cStep, min(4, m - row), columns, first, last, biasHere, activation);
      }
    }
  }
}

/** Bytes of so many lines of `depth` entries, packed by `width` lines. */
export function packedBytes(lines: i32, depth: i32, width: i32): usize {
  return <usize>ceilDivide(lines, width) * <usize>width * <usize>depth << 2;
}

/** Packs all lines of a matrix into stripes of `width` (4 for the left operand, 8 for the right one): see `packOperand`. */
export function packLines(source: usize, target: usize, lines: i32, k: i32, lineBytes: usize, depthBytes: usize, width: i32): void {
  for (let line = 0; line < lines; line += width) {
    packStripe(source + <usize>line * lineBytes, target, min(width, lines - line), k, lineBytes, depthBytes, width);
    target += <usize>(k * width) << 2;
  }
}

/** C [m, n] = A B of packed operands, or C += A B when it is not the first part of a sum. Rows of C are `cStep` bytes apart. */
export function multiplyPacked(a: usize, b: usize, c: usize, cStep: usize, m: i32, n: i32, k: i32, first: bool): void {
  if (k == 0 && !first) return;
  for (let column = 0; column < n; column += 8) {
    const panel = b + (<usize>column * <usize>k << 2);
    for (let row = 0; row < m; row += 4) {
      const to = c + <usize>row * cStep + (<usize>column << 2);
      tile(a + (<usize>row * <usize>k << 2), panel, k, to, cStep, min(4, m - row), min(8, n - column), first, false, 0, 0);
    }
  }
}

/** Four lines of a matrix whose depth lies dense, [4][k], into [k][4] with a step between the results of one k and the next. */
function transpose4(source: usize, lineBytes: usize, target: usize, step: usize, k: i32): void {
  let i = 0;
  for (; i + 4 <= k; i += 4, source += 16) {
    const a = v128.load(source), b = v128.load(source + lineBytes);
    const c = v128.load(source + 2 * lineBytes), d = v128.load(source + 3 * lineBytes);
    const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const ef = v128.shuffle<f32>(a, b, 2, 6, 3, 7), gh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    v128.store(target, v128.shuffle<f64>(ab, cd, 0, 2));
    v128.store(target + step, v128.shuffle<f64>(ab, cd, 1, 3));
    target += 2 * step;
    v128.store(target, v128.shuffle<f64>(ef, gh, 0, 2));
    v128.store(target + step, v128.shuffle<f64>(ef, gh, 1, 3));
    target += 2 * step;
  }
  for (; i < k; i++, source += 4, target += step) {
    store<f32>(target, load<f32>(source));
    store<f32>(target, load<f32>(source + lineBytes), 4);
    store<f32>(target, load<f32>(source + 2 * lineBytes), 8);
    store<f32>(target, load<f32>(source + 3 * lineBytes), 12);
  }
}

/** One stripe of `width` (4 or 8) lines, of which `count` are there, into [k][width]; zeros beyond the last. */
function packStripe(source: usize, target: usize, count: i32, k: i32, lineBytes: usize, depthBytes: usize, width: i32): void {
  const step = <usize>width << 2;
  if (count == width && lineBytes == 4) {
    for (let i = 0; i < k; i++, source += depthBytes, target += step) {
      v128.store(target, v128.load(source));
      if (width == 8) v128.store(target, v128.load(source, 16), 16);
    }
    return;
  }
  let line = 0;
  if (depthBytes == 4) {
    for (; line + 4 <= count; line += 4) {
      transpose4(source + <usize>line * lineBytes, lineBytes, target + (<usize>line << 2), step, k);
    }
  }
  for (; line < width; line++) {
    let from = source + <usize>line * lineBytes, to = target + (<usize>line << 2);
    for (let i = 0; i < k; i++, from += depthBytes, to += step) store<f32>(to, line < count ? load<f32>(from) : 0);
  }
}

/**
 * Packs some stripes of `width` lines across of a matrix [k, lines] into [stripe][k][width], zeros beyond the last line.
 * Arguments: 0 source, 1 target, 2 lines, 3 K, 4 bytes from a line to the next, 5 bytes from one k to the next,
 * 6 bytes from a matrix to the next, 7 width (4 or 8), 8 stripes of a matrix, 9 stripes of a chunk, 10 stripes in all.
 */
export function packOperand(chunk: i32): void {
  const lines = integer(2), k = integer(3), width = integer(7), stripes = integer(8);
  const lineBytes = pointer(4);
  const end = min((chunk + 1) * integer(9), integer(10));
  for (let stripe = chunk * integer(9); stripe < end; stripe++) {
    const line0 = (stripe % stripes) * width;
    const source = pointer(0) + <usize>(stripe / stripes) * pointer(6) + <usize>line0 * lineBytes;
    const target = pointer(1) + (<usize>stripe * <usize>k * <usize>width << 2);
    packStripe(source, target, min(width, lines - line0), k, lineBytes, pointer(5), width);
  }
}
