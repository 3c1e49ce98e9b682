// Geometry of convolutions. A patch is what one place of the output sees of the source [batch, H, W, C]: K = KH KW C numbers.
//
// Arguments of every task of a convolution: 0..3 addresses, 4 places of the output in all, 5 N columns, 6 K, 8.. the geometry below,
// 23 bias or 0, 24 activation, 25 groups, 26 patches lie in the source as they are. A spacing above 1 puts zeros between the
// numbers of the source: the gradient of strides.
import { integer, pointer } from "./args";

/** Numbers of one chunk of `countNonZero`. */
const STRETCH: i32 = 16384;

/** to[i] += factor * from[i]. */
// @ts-ignore: decorator
@inline
export function addScaled(to: usize, from: usize, factor: f32, count: i32): void {
  const f = f32x4.splat(factor);
  let i = 0;
  for (; i + 8 <= count; i += 8, to += 32, from += 32) {
    v128.store(to, f32x4.add(v128.load(to), f32x4.mul(f, v128.load(from))));
    v128.store(to, f32x4.add(v128.load(to, 16), f32x4.mul(f, v128.load(from, 16))), 16);
  }
  for (; i < count; i++, to += 4, from += 4) store<f32>(to, load<f32>(to) + factor * load<f32>(from));
}

/** Zeros for so many numbers. */
// @ts-ignore: decorator
@inline
export function clear(to: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4, to += 16) v128.store(to, f32x4.splat(0));
  for (; i < count; i++, to += 4) store<f32>(to, 0);
}

// @ts-ignore: decorator
@inline
function copyRun(to: usize, from: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4, to += 16, from += 16) v128.store(to, v128.load(from));
  for (; i < count; i++, to += 4, from += 4) store<f32>(to, load<f32>(from));
}

/**
 * Goes through entries k0 to k0 + depth of the patches of so many places, in runs that lie together in the source. The lines that
 * the entries come from or go to are `lineBytes` apart.
 */
// @ts-ignore: decorator
@inline
function walk(
  place0: i32, places: i32, k0: i32, depth: i32, source: usize, lines: usize, lineBytes: usize, factor: f32, scatter: bool,
): void {
  const outH = integer(8), outW = integer(9), h = integer(10), w = integer(11), c = integer(12), kw = integer(14);
  const strideH = integer(15), strideW = integer(16), dilationH = integer(17), dilationW = integer(18);
  const top = integer(19), left = integer(20), spacingH = integer(21), spacingW = integer(22);
  // Without dilation a whole line of the kernel is one run.
  const together = dilationW == 1 && spacingW == 1;
  const taps = together ? 1 : kw, length = together ? kw * c : c;
  const row0 = k0 / (taps * length), rest = k0 % (taps * length);
  const tap0 = rest / length, within0 = rest % length;
  let outX = place0 % outW, outY = (place0 / outW) % outH;
  let image = source + (<usize>(place0 / (outH * outW)) * <usize>(h * w * c) << 2);
  for (let place = 0; place < places; place++, lines += lineBytes) {
    const y0 = outY * strideH - top, x0 = outX * strideW - left;
    let row = row0, tap = tap0, within = within0;
    for (let k = 0; k < depth;) {
      const count = length - within < depth - k ? length - within : depth - k;
      let y = y0 + row * dilationH, x = x0 + tap * dilationW;
      let inside = y >= 0 && y < h * spacingH;
      if (spacingH > 1) {
        inside = inside && y % spacingH == 0;
        y /= spacingH;
      }
      let low = within, high = within + count;
      if (together) {
        if (low < -x * c) low = -x * c;
        if (high > (w - x) * c) high = (w - x) * c;
      } else {
        inside = inside && x >= 0 && x < w * spacingW && x % spacingW == 0;
        x /= spacingW;
      }
      const to = lines + (<usize>k << 2);
      if (inside && low < high) {
        const from = image + <usize>(((y * w + x) * c + low) << 2);
        const target = to + (<usize>(low - within) << 2);
        if (scatter) {
          addScaled(from, target, factor, high - low);
        } else {
          clear(to, low - within);
          copyRun(target, from, high - low);
          clear(to + (<usize>(high - within) << 2), within + count - high);
        }
      } else if (!scatter) clear(to, count);
      k += count;
      within = 0;
      if (++tap == taps) {
        tap = 0;
        row++;
      }
    }
    if (++outX == outW) {
      outX = 0;
      if (++outY == outH) {
        outY = 0;
        image += <usize>(h * w * c) << 2;
      }
    }
  }
}

/** Writes entries k0 to k0 + depth of the patches of so many places, zeros where they go beyond the source. */
export function fillPatches(place: i32, places: i32, k0: i32, depth: i32, source: usize, to: usize, lineBytes: usize): void {
  walk(place, places, k0, depth, source, to, lineBytes, 0, false);
}

/** Adds factor * line to the numbers of the source that the patch of a place sees. */
export function addToPatch(place: i32, depth: i32, source: usize, line: usize, factor: f32): void {
  walk(place, 1, 0, depth, source, line, 0, factor, true);
}

/** Address of a patch that lies in the source as it is: one line of a kernel, no padding. */
// @ts-ignore: decorator
@inline
export function directPatch(place: i32, source: usize): usize {
  const outW = integer(9), size = integer(8) * outW, inImage = place % size;
  const y = (place / size) * integer(10) + (inImage / outW) * integer(15);
  return source + (<usize>((y * integer(11) + (inImage % outW) * integer(16)) * integer(12)) << 2);
}

/** Counts the numbers of one stretch that are not 0. Arguments: 0 source, 1 counts (i32), 2 size. */
export function countNonZero(chunk: i32): void {
  const size = integer(2), start = chunk * STRETCH;
  const end = start + STRETCH < size ? start + STRETCH : size;
  const from = pointer(0), zero = f32x4.splat(0);
  let counts = i32x4.splat(0), i = start;
  for (; i + 4 <= end; i += 4) counts = i32x4.sub(counts, f32x4.ne(v128.load(from + (<usize>i << 2)), zero));
  let count = i32x4.extract_lane(counts, 0) + i32x4.extract_lane(counts, 1);
  count += i32x4.extract_lane(counts, 2) + i32x4.extract_lane(counts, 3);
  for (; i < end; i++) count += load<f32>(from + (<usize>i << 2)) != 0 ? 1 : 0;
  store<i32>(pointer(1) + (<usize>chunk << 2), count);
}
