// Packs operands of matrix products: a matrix [lines, k] into stripes of 4 or 8 lines, [stripe][k][width], zeros beyond the last line.
import { ceilDivide, integer, pointer } from "./args";

/** Bytes of so many lines of `depth` entries, packed by `width` lines. */
export function packedBytes(lines: i32, depth: i32, width: i32): usize {
  return <usize>ceilDivide(lines, width) * <usize>width * <usize>depth << 2;
}

/**
 * Packs all lines of a matrix into stripes of `width` (4 for the left operand, 8 for the right one), each of which begins `gap` bytes
 * after the end of the one before. Lines are `lineBytes` apart, entries of one line `depthBytes`.
 */
export function packLines(
  source: usize, target: usize, lines: i32, k: i32, lineBytes: usize, depthBytes: usize, width: i32, gap: usize = 0,
): void {
  const stripe = (<usize>(k * width) << 2) + gap;
  if (lineBytes == 4) {
    packAcross(source, target, lines, k, depthBytes, width, stripe);
    return;
  }
  for (let line = 0; line < lines; line += width) {
    packStripe(source + <usize>line * lineBytes, target, min(width, lines - line), k, lineBytes, depthBytes, width);
    target += stripe;
  }
}

/** Packs lines that lie side by side: each row of the source is read once, from end to end. */
function packAcross(source: usize, target: usize, lines: i32, k: i32, depthBytes: usize, width: i32, stripe: usize): void {
  const step = <usize>width << 2, rest = lines % width;
  for (let i = 0; i < k; i++, source += depthBytes, target += step) {
    let from = source, to = target;
    for (let line = width; line <= lines; line += width, from += step, to += stripe) {
      v128.store(to, v128.load(from));
      if (width == 8) v128.store(to, v128.load(from, 16), 16);
    }
    if (rest == 0) continue;
    for (let line = 0; line < width; line++, from += 4, to += 4) store<f32>(to, line < rest ? load<f32>(from) : 0);
  }
}

/** Four lines whose depth lies dense, [4][k], into [k][4] with a step between the results of one k and the next. */
function transpose4(a0: usize, b0: usize, c0: usize, d0: usize, target: usize, step: usize, k: i32): void {
  let i = 0;
  for (; i + 4 <= k; i += 4, a0 += 16, b0 += 16, c0 += 16, d0 += 16) {
    const a = v128.load(a0), b = v128.load(b0), c = v128.load(c0), d = v128.load(d0);
    const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
    const ef = v128.shuffle<f32>(a, b, 2, 6, 3, 7), gh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
    v128.store(target, v128.shuffle<f64>(ab, cd, 0, 2));
    v128.store(target + step, v128.shuffle<f64>(ab, cd, 1, 3));
    target += 2 * step;
    v128.store(target, v128.shuffle<f64>(ef, gh, 0, 2));
    v128.store(target + step, v128.shuffle<f64>(ef, gh, 1, 3));
    target += 2 * step;
  }
  for (; i < k; i++, a0 += 4, b0 += 4, c0 += 4, d0 += 4, target += step) {
    store<f32>(target, load<f32>(a0));
    store<f32>(target, load<f32>(b0), 4);
    store<f32>(target, load<f32>(c0), 8);
    store<f32>(target, load<f32>(d0), 12);
  }
}

/**
 * Packs lines that lie anywhere, each dense in itself, by their addresses (u32): [stripe][k][4]. Lines beyond the last are copies of
 * it, whose sums are not stored.
 */
export function packAddresses(addresses: usize, target: usize, lines: i32, k: i32): void {
  const end = addresses + (<usize>(lines - 1) << 2);
  for (let line = 0; line < lines; line += 4, addresses += 16, target += <usize>k << 4) {
    const a = load<usize>(addresses), b = load<usize>(min(addresses + 4, end));
    const c = load<usize>(min(addresses + 8, end)), d = load<usize>(min(addresses + 12, end));
    transpose4(a, b, c, d, target, 16, k);
  }
}

/** One stripe of `width` (4 or 8) lines, of which `count` are there, into [k][width]; zeros beyond the last. */
function packStripe(source: usize, target: usize, count: i32, k: i32, lineBytes: usize, depthBytes: usize, width: i32): void {
  const step = <usize>width << 2;
  let line = 0;
  if (depthBytes == 4) {
    for (; line + 4 <= count; line += 4) {
      const a = source + <usize>line * lineBytes, b = a + lineBytes, c = b + lineBytes;
      transpose4(a, b, c, c + lineBytes, target + (<usize>line << 2), step, k);
    }
  }
  for (; line < width; line++) {
    let from = source + <usize>line * lineBytes, to = target + (<usize>line << 2);
    for (let i = 0; i < k; i++, from += depthBytes, to += step) store<f32>(to, line < count ? load<f32>(from) : 0);
  }
}

/**
 * Packs some stripes of 8 lines across of the right operands of a product, [k, lines], into [stripe][k][8].
 * Arguments: 0 source, 1 target, 2 lines, 3 K, 4 bytes from a line to the next, 5 bytes from one k to the next,
 * 6 bytes from a matrix to the next, 7 stripes of a matrix, 8 stripes of a chunk, 9 stripes in all.
 */
export function packRight(chunk: i32): void {
  const lines = integer(2), k = integer(3), stripes = integer(7), lineBytes = pointer(4);
  const end = min((chunk + 1) * integer(8), integer(9));
  let stripe = chunk * integer(8);
  while (stripe < end) {
    const line0 = (stripe % stripes) * 8, count = min(end - stripe, stripes - stripe % stripes);
    const source = pointer(0) + <usize>(stripe / stripes) * pointer(6) + <usize>line0 * lineBytes;
    const target = pointer(1) + (<usize>stripe * <usize>k << 5);
    packLines(source, target, min(count * 8, lines - line0), k, lineBytes, pointer(5), 8);
    stripe += count;
  }
}
