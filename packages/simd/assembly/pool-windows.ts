// Maximum and average over windows of images [batch, H, W, C]. Only numbers inside the image count.
// Arguments: 0 source, 1 target, 2 dy, 4 batch, 8 outH, 9 outW, 10 H, 11 W, 12 C, 13 windowH, 14 windowW, 15 strideH, 16 strideW,
// 17 dilationH, 18 dilationW, 19 padding above, 20 padding at the left.
import { ceilDivide, integer, pointer } from "./args";

const STRIP: i32 = 16; // channels of one chunk of the gradients

// @ts-ignore: decorator
@inline
function firstInside(start: i32, step: i32): i32 {
  return start >= 0 ? 0 : ceilDivide(-start, step);
}

/** The count of taps of a window that begin before the end. */
// @ts-ignore: decorator
@inline
function endInside(start: i32, step: i32, size: i32, taps: i32): i32 {
  const end = size <= start ? 0 : ceilDivide(size - start, step);
  return end < taps ? end : taps;
}

// @ts-ignore: decorator
@inline
function reduceWindow(from: usize, rows: i32, columns: i32, rowStep: usize, columnStep: usize, average: bool): v128 {
  let value = f32x4.splat(average ? 0 : -Infinity);
  for (let row = 0; row < rows; row++, from += rowStep) {
    let at = from;
    for (let column = 0; column < columns; column++, at += columnStep) {
      value = average ? f32x4.add(value, v128.load(at)) : f32x4.max(value, v128.load(at));
    }
  }
  return average ? f32x4.div(value, f32x4.splat(<f32>(rows * columns))) : value;
}

/** The same for 16 channels, a line of the cache: a window far apart in memory is fetched once. */
// @ts-ignore: decorator
@inline
function reduceLine(
  from: usize, to: usize, rows: i32, columns: i32, rowStep: usize, columnStep: usize, average: bool,
): void {
  let a = f32x4.splat(average ? 0 : -Infinity), b = a, c = a, d = a;
  for (let row = 0; row < rows; row++, from += rowStep) {
    let at = from;
    for (let column = 0; column < columns; column++, at += columnStep) {
      const e = v128.load(at), f = v128.load(at, 16), g = v128.load(at, 32), h = v128.load(at, 48);
      if (average) a = f32x4.add(a, e), b = f32x4.add(b, f), c = f32x4.add(c, g), d = f32x4.add(d, h);
      else a = f32x4.max(a, e), b = f32x4.max(b, f), c = f32x4.max(c, g), d = f32x4.max(d, h);
    }
  }
  if (average) {
    const count = f32x4.splat(<f32>(rows * columns));
    a = f32x4.div(a, count), b = f32x4.div(b, count), c = f32x4.div(c, count), d = f32x4.div(d, count);
  }
  v128.store(to, a), v128.store(to, b, 16), v128.store(to, c, 32), v128.store(to, d, 48);
}

/** One line of the output. */
// @ts-ignore: decorator
@inline
function poolLine(chunk: i32, average: bool): void {
  const outH = integer(8), outW = integer(9), h = integer(10), w = integer(11), c = integer(12);
  const image = pointer(0) + (<usize>(chunk / outH) * <usize>(h * w * c) << 2);
  const y0 = (chunk % outH) * integer(15) - integer(19), dilationH = integer(17), dilationW = integer(18);
  const row0 = firstInside(y0, dilationH), rows = endInside(y0, dilationH, h, integer(13)) - row0;
  const rowStep = <usize>(dilationH * w * c) << 2, columnStep = <usize>(dilationW * c) << 2;
  let to = pointer(1) + (<usize>chunk * <usize>(outW * c) << 2);
  for (let place = 0; place < outW; place++) {
    const x0 = place * integer(16) - integer(20);
    const column0 = firstInside(x0, dilationW), columns = endInside(x0, dilationW, w, integer(14)) - column0;
    let from = image + <usize>(((y0 + row0 * dilationH) * w + x0 + column0 * dilationW) * c << 2);
    let i = 0;
    for (; i + 16 <= c; i += 16, from += 64, to += 64) {
      reduceLine(from, to, rows, columns, rowStep, columnStep, average);
    }
    for (; i + 4 <= c; i += 4, from += 16, to += 16) {
      v128.store(to, reduceWindow(from, rows, columns, rowStep, columnStep, average));
    }
    for (; i < c; i++, from += 4, to += 4) {
      let value: f32 = average ? 0 : -Infinity;
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const x = load<f32>(from + <usize>row * rowStep + <usize>column * columnStep);
          value = average ? value + x : max<f32>(value, x);
        }
      }
      store<f32>(to, average ? value / <f32>(rows * columns) : value);
    }
  }
}

/** The maximum of each window of one line of the output. */
export function maxPool(chunk: i32): void {
  poolLine(chunk, false);
}

/** The mean of each window of one line of the output. */
export function averagePool(chunk: i32): void {
  poolLine(chunk, true);
}

/** The gradient of a strip of channels of one image: to the first maximum of each window, or to all alike. */
// @ts-ignore: decorator
@inline
function poolGradient(chunk: i32, average: bool): void {
  const outH = integer(8), outW = integer(9), h = integer(10), w = integer(11), c = integer(12);
  const dilationH = integer(17), dilationW = integer(18);
  const strips = ceilDivide(c, STRIP), image = chunk / strips, channel0 = (chunk % strips) * STRIP;
  const channels = c - channel0 < STRIP ? c - channel0 : STRIP;
  const offset = (<usize>image * <usize>(h * w * c) + <usize>channel0) << 2, pixel = <usize>c << 2;
  const x = pointer(0) + offset, dx = pointer(1) + offset;
  for (let i = 0, at = dx; i < h * w; i++, at += pixel) {
    if (channels == STRIP) {
      const zero = f32x4.splat(0);
      v128.store(at, zero), v128.store(at, zero, 16), v128.store(at, zero, 32), v128.store(at, zero, 48);
    } else {
      for (let channel = 0; channel < channels; channel++) store<f32>(at + (<usize>channel << 2), 0);
    }
  }
  let dy = pointer(2) + (<usize>image * <usize>(outH * outW * c) + <usize>channel0 << 2);
  for (let line = 0; line < outH; line++) {
    const y0 = line * integer(15) - integer(19);
    const row0 = firstInside(y0, dilationH), rowEnd = endInside(y0, dilationH, h, integer(13));
    for (let place = 0; place < outW; place++, dy += pixel) {
      const x0 = place * integer(16) - integer(20);
      const column0 = firstInside(x0, dilationW), columnEnd = endInside(x0, dilationW, w, integer(14));
      if (row0 >= rowEnd || column0 >= columnEnd) continue; // wholly in the padding
      const share: f32 = 1 / <f32>((rowEnd - row0) * (columnEnd - column0));
      let channel = 0;
      // Four channels at a time, the addresses of their maxima beside them; what is left over one by one.
      while (channel < channels) {
        const four = channel + 4 <= channels;
        const shift = <usize>channel << 2;
        const slope = four ? v128.load(dy + shift) : v128.load32_splat(dy + shift);
        let best = f32x4.splat(-Infinity), where = i32x4.splat(0);
        let first = true;
        for (let row = row0; row < rowEnd; row++) {
          for (let column = column0; column < columnEnd; column++) {
            const at = (<usize>((y0 + row * dilationH) * w + x0 + column * dilationW) * pixel) + shift;
            if (average) {
              const add = f32x4.mul(slope, f32x4.splat(share));
              if (four) v128.store(dx + at, f32x4.add(v128.load(dx + at), add));
              else store<f32>(dx + at, load<f32>(dx + at) + f32x4.extract_lane(add, 0));
            } else {
              const value = four ? v128.load(x + at) : v128.load32_splat(x + at);
              const here = i32x4.splat(<i32>at);
              const greater = first ? i32x4.splat(-1) : f32x4.gt(value, best);
              best = v128.bitselect(value, best, greater);
              where = v128.bitselect(here, where, greater);
              first = false;
            }
          }
        }
        if (!average) {
          addAt(dx + <usize>i32x4.extract_lane(where, 0), f32x4.extract_lane(slope, 0));
          if (four) {
            addAt(dx + <usize>i32x4.extract_lane(where, 1) + 4, f32x4.extract_lane(slope, 1));
            addAt(dx + <usize>i32x4.extract_lane(where, 2) + 8, f32x4.extract_lane(slope, 2));
            addAt(dx + <usize>i32x4.extract_lane(where, 3) + 12, f32x4.extract_lane(slope, 3));
          }
        }
        channel += four ? 4 : 1;
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function addAt(at: usize, value: f32): void {
  store<f32>(at, load<f32>(at) + value);
}

/** The gradient of `maxPool` by the source, for a strip of channels of one image. */
export function maxPoolGradient(chunk: i32): void {
  poolGradient(chunk, false);
}

/** The gradient of `averagePool` by the source, for a strip of channels of one image. */
export function averagePoolGradient(chunk: i32): void {
  poolGradient(chunk, true);
}
