// Matrix product C = activation(A B + bias).
//
// Each entry of C is a sum over k in ascending order, so it depends neither on how tiles are dealt to threads nor on their size.
// The main road packs A in tiles of 4 rows, [tile][k][4], and B in panels of 8 columns, [panel][k][8], zeros beyond the ends, and holds
// tiles of 4 by 8 in registers: both operands are read with constant steps, which V8 unrolls best. Products of few rows read tiles of
// 2 rows by 16 columns from operands where they are.
import { ceilDivide, integer, pointer } from "./args";
import { sigmoid4, tanh4 } from "./math";

const TILE_ROWS: i32 = 32;
const TILE_COLUMNS: i32 = 128;
const DEPTH: i32 = 512; // a stretch of a panel of B fits the first-level cache together with a tile of A

/** Chunks of a product of one matrix. */
export function gemmTiles(m: i32, n: i32): i32 {
  return ceilDivide(m, TILE_ROWS) * ceilDivide(n, TILE_COLUMNS);
}

// @ts-ignore: decorator
@inline
function loadPart(at: usize, count: i32): v128 {
  if (count >= 4) return v128.load(at);
  let value = f32x4.splat(0);
  if (count > 0) value = f32x4.replace_lane(value, 0, load<f32>(at));
  if (count > 1) value = f32x4.replace_lane(value, 1, load<f32>(at, 4));
  if (count > 2) value = f32x4.replace_lane(value, 2, load<f32>(at, 8));
  return value;
}

// @ts-ignore: decorator
@inline
function storePart(at: usize, value: v128, count: i32): void {
  if (count >= 4) {
    v128.store(at, value);
    return;
  }
  if (count > 0) store<f32>(at, f32x4.extract_lane(value, 0));
  if (count > 1) store<f32>(at, f32x4.extract_lane(value, 1), 4);
  if (count > 2) store<f32>(at, f32x4.extract_lane(value, 2), 8);
}

/** The activation of a finished entry: 0 none, 1 relu, 2 sigmoid, 3 tanh, 4 relu6. */
export function activateLanes(value: v128, activation: i32): v128 {
  return activate(value, activation);
}

// @ts-ignore: decorator
@inline
export function activate(value: v128, activation: i32): v128 {
  if (activation == 1) return f32x4.max(value, f32x4.splat(0));
  if (activation == 2) return sigmoid4(value);
  if (activation == 3) return tanh4(value);
  if (activation == 4) return f32x4.min(f32x4.max(value, f32x4.splat(0)), f32x4.splat(6));
  return value;
}

// @ts-ignore: decorator
@inline
function biased(value: v128, bias: usize, columns: i32, activation: i32): v128 {
  const sum = bias == 0 ? value : f32x4.add(value, loadPart(bias, columns));
  return activation == 0 ? sum : activate(sum, activation);
}

/** Puts one row of a tile back, with the bias and the activation when it is finished. */
function finish(at: usize, c0: v128, c1: v128, c2: v128, c3: v128, columns: i32, last: bool, bias: usize, activation: i32): void {
  if (last) {
    c0 = biased(c0, bias, columns, activation);
    c1 = biased(c1, bias == 0 ? 0 : bias + 16, columns - 4, activation);
    c2 = biased(c2, bias == 0 ? 0 : bias + 32, columns - 8, activation);
    c3 = biased(c3, bias == 0 ? 0 : bias + 48, columns - 12, activation);
  }
  storePart(at, c0, columns);
  storePart(at + 16, c1, columns - 4);
  storePart(at + 32, c2, columns - 8);
  storePart(at + 48, c3, columns - 12);
}

/** Adds one tile of 2 rows by 16 columns over a stretch of K to C, or sets it if it is the first; bias and activation with the last. */
function tile(
  a: usize, a2: usize, aStep: usize, b: usize, bStep: usize, depth: i32, c: usize, cStep: usize, rows: i32, columns: i32,
  first: bool, last: bool, bias: usize, activation: i32,
): void {
  const zero = f32x4.splat(0);
  let p0 = zero, p1 = zero, p2 = zero, p3 = zero, q0 = zero, q1 = zero, q2 = zero, q3 = zero;
  if (!first) {
    p0 = loadPart(c, columns), p1 = loadPart(c + 16, columns - 4);
    p2 = loadPart(c + 32, columns - 8), p3 = loadPart(c + 48, columns - 12);
    if (rows > 1) {
      const d = c + cStep;
      q0 = loadPart(d, columns), q1 = loadPart(d + 16, columns - 4);
      q2 = loadPart(d + 32, columns - 8), q3 = loadPart(d + 48, columns - 12);
    }
  }
  // Not unrolled by hand: V8 does it, and better, while the body is small.
  const end = b + <usize>depth * bStep;
  while (b < end) {
    const s = v128.load32_splat(a), t = v128.load32_splat(a2);
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
    p0 = f32x4.add(p0, f32x4.mul(s, b0));
    p1 = f32x4.add(p1, f32x4.mul(s, b1));
    p2 = f32x4.add(p2, f32x4.mul(s, b2));
    p3 = f32x4.add(p3, f32x4.mul(s, b3));
    q0 = f32x4.add(q0, f32x4.mul(t, b0));
    q1 = f32x4.add(q1, f32x4.mul(t, b1));
    q2 = f32x4.add(q2, f32x4.mul(t, b2));
    q3 = f32x4.add(q3, f32x4.mul(t, b3));
    a += aStep;
    a2 += aStep;
    b += bStep;
  }
  finish(c, p0, p1, p2, p3, columns, last, bias, activation);
  if (rows > 1) finish(c + cStep, q0, q1, q2, q3, columns, last, bias, activation);
}

/**
 * One tile of TILE_ROWS by TILE_COLUMNS of one matrix of the batch, with A and B where they are, rows of B dense.
 * Arguments: 0 A, 1 B, 2 C, 3 M, 4 N, 5 K, 6 bytes from a row of A to the next, 10 bias [N] or 0, 11 activation,
 * 12, 13, 14 bytes from a matrix of A, B, C to the next of the batch.
 */
export function gemm(chunk: i32): void {
  const m = integer(3), n = integer(4), k = integer(5);
  const down = ceilDivide(m, TILE_ROWS), across = ceilDivide(n, TILE_COLUMNS);
  const matrix = chunk / (down * across);
  const inMatrix = chunk % (down * across);
  const row0 = (inMatrix % down) * TILE_ROWS, column0 = (inMatrix / down) * TILE_COLUMNS;
  const rowEnd = row0 + TILE_ROWS < m ? row0 + TILE_ROWS : m, columnEnd = column0 + TILE_COLUMNS < n ? column0 + TILE_COLUMNS : n;
  const a = pointer(0) + <usize>matrix * pointer(12), b = pointer(1) + <usize>matrix * pointer(13);
  const c = pointer(2) + <usize>matrix * pointer(14);
  const rowBytes = pointer(6), cStep = <usize>n << 2;
  const bias = pointer(10), activation = integer(11);
  for (let k0 = 0; k0 < k; k0 += DEPTH) {
    const depth = k - k0 < DEPTH ? k - k0 : DEPTH;
    const last = k0 + depth == k;
    for (let column = column0; column < columnEnd; column += 16) {
      const panel = b + (<usize>column << 2) + <usize>k0 * cStep;
      const columns = n - column < 16 ? n - column : 16;
      const biasHere = bias == 0 ? <usize>0 : bias + (<usize>column << 2);
      for (let row = row0; row < rowEnd; row += 2) {
        const rows = rowEnd - row < 2 ? 1 : 2;
        const left = a + <usize>row * rowBytes + (<usize>k0 << 2);
        // A row beyond the end reads the one before it again; its sums are not stored.
        const left2 = rows > 1 ? left + rowBytes : left;
        const to = c + (<usize>row * <usize>n + <usize>column << 2);
        tile(left, left2, 4, panel, cStep, depth, to, cStep, rows, columns, k0 == 0, last, biasHere, activation);
      }
    }
  }
}
