// Depthwise convolutions: each channel of [batch, H, W, C] has `multiplier` kernels of its own; output channel c * multiplier + m.
//
// Arguments: 0 source, 1 kernel [KH, KW, C, multiplier], 2 target, 3 dy, 4 batch, 5 multiplier, 6 images of one group, and the
// geometry of conv-patches.ts.
import { ceilDivide, integer, pointer } from "./args";
import { addScaled, clear } from "./conv-patches";

const STRIP: i32 = 16; // channels of one chunk of the gradient by the kernel

/** to += a * b, entry by entry. */
// @ts-ignore: decorator
@inline
function addProduct(to: usize, a: usize, b: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4, to += 16, a += 16, b += 16) {
    v128.store(to, f32x4.add(v128.load(to), f32x4.mul(v128.load(a), v128.load(b))));
  }
  for (; i < count; i++, to += 4, a += 4, b += 4) store<f32>(to, load<f32>(to) + load<f32>(a) * load<f32>(b));
}

/** The first channels of one place, 16 at a time in registers, where each channel has one kernel. Returns how many they are. */
// @ts-ignore: decorator
@inline
function depthwiseBlocks(to: usize, image: usize, y0: i32, x0: i32): i32 {
  const h = integer(10), w = integer(11), c = integer(12), kh = integer(13), kw = integer(14);
  const dilationH = integer(17), dilationW = integer(18), pixel = <usize>c << 2;
  let i = 0;
  for (; i + 16 <= c; i += 16) {
    let p = f32x4.splat(0), q = p, r = p, s = p;
    for (let row = 0, y = y0; row < kh; row++, y += dilationH) {
      if (y < 0 || y >= h) continue;
      let kernel = pointer(1) + (<usize>(row * kw * c + i) << 2);
      for (let column = 0, x = x0; column < kw; column++, x += dilationW, kernel += pixel) {
        if (x < 0 || x >= w) continue;
        const from = image + (<usize>((y * w + x) * c + i) << 2);
        p = f32x4.add(p, f32x4.mul(v128.load(from), v128.load(kernel)));
        q = f32x4.add(q, f32x4.mul(v128.load(from, 16), v128.load(kernel, 16)));
        r = f32x4.add(r, f32x4.mul(v128.load(from, 32), v128.load(kernel, 32)));
        s = f32x4.add(s, f32x4.mul(v128.load(from, 48), v128.load(kernel, 48)));
      }
    }
    const at = to + (<usize>i << 2);
    v128.store(at, p), v128.store(at, q, 16), v128.store(at, r, 32), v128.store(at, s, 48);
  }
  return i;
}

/** One line of the output. */
export function depthwise(chunk: i32): void {
  const outH = integer(8), outW = integer(9), h = integer(10), w = integer(11), c = integer(12);
  const kh = integer(13), kw = integer(14), multiplier = integer(5), n = c * multiplier;
  const image = pointer(0) + (<usize>(chunk / outH) * <usize>(h * w * c) << 2);
  const y0 = (chunk % outH) * integer(15) - integer(19);
  let to = pointer(2) + (<usize>chunk * <usize>(outW * n) << 2);
  clear(to, outW * n);
  for (let place = 0; place < outW; place++, to += <usize>n << 2) {
    const x0 = place * integer(16) - integer(20);
    const done = multiplier == 1 ? depthwiseBlocks(to, image, y0, x0) : 0;
    if (done == c) continue;
    for (let row = 0; row < kh; row++) {
      const y = y0 + row * integer(17);
      if (y < 0 || y >= h) continue;
      for (let column = 0; column < kw; column++) {
        const x = x0 + column * integer(18);
        if (x < 0 || x >= w) continue;
        const from = image + (<usize>((y * w + x) * c) << 2);
        const kernel = pointer(1) + (<usize>((row * kw + column) * n) << 2);
        if (multiplier == 1) {
          const rest = <usize>done << 2;
          addProduct(to + rest, from + rest, kernel + rest, c - done);
          continue;
        }
        for (let i = 0; i < c; i++) {
          const at = <usize>(i * multiplier) << 2;
          addScaled(to + at, kernel + at, load<f32>(from + (<usize>i << 2)), multiplier);
        }
      }
    }
  }
}

/** The gradient by the source of one line of it. */
export function depthwiseInputGradient(chunk: i32): void {
  const outH = integer(8), outW = integer(9), h = integer(10), w = integer(11), c = integer(12);
  const kh = integer(13), kw = integer(14), strideH = integer(15), strideW = integer(16);
  const multiplier = integer(5), n = c * multiplier;
  const image = pointer(3) + (<usize>(chunk / h) * <usize>(outH * outW * n) << 2);
  let to = pointer(2) + (<usize>chunk * <usize>(w * c) << 2);
  clear(to, w * c);
  for (let x = 0; x < w; x++, to += <usize>c << 2) {
    for (let row = 0; row < kh; row++) {
      const y = chunk % h + integer(19) - row * integer(17);
      if (y < 0 || y % strideH != 0 || y / strideH >= outH) continue;
      for (let column = 0; column < kw; column++) {
        const place = x + integer(20) - column * integer(18);
        if (place < 0 || place % strideW != 0 || place / strideW >= outW) continue;
        const dy = image + (<usize>(((y / strideH) * outW + place / strideW) * n) << 2);
        const kernel = pointer(1) + (<usize>((row * kw + column) * n) << 2);
        if (multiplier == 1) {
          addProduct(to, dy, kernel, c);
        } else {
          for (let i = 0; i < c; i++) {
            const at = to + (<usize>i << 2);
            let sum = load<f32>(at);
            for (let m = 0; m < multiplier; m++) {
              const entry = <usize>(i * multiplier + m) << 2;
              sum += load<f32>(dy + entry) * load<f32>(kernel + entry);
            }
            store<f32>(at, sum);
          }
        }
      }
    }
  }
}

/** The gradient by a strip of channels of the kernel over one group of images; the target is [groups, KH, KW, C, multiplier]. */
export function depthwiseFilterGradient(chunk: i32): void {
  const outH = integer(8), outW = integer(9), h = integer(10), w = integer(11), c = integer(12);
  const kh = integer(13), kw = integer(14), multiplier = integer(5), n = c * multiplier;
  const strips = ceilDivide(c, STRIP), group = chunk / strips, channel0 = (chunk % strips) * STRIP;
  const channels = c - channel0 < STRIP ? c - channel0 : STRIP;
  const sums = pointer(2) + (<usize>(group * kh * kw * n + channel0 * multiplier) << 2);
  for (let tap = 0; tap < kh * kw; tap++) clear(sums + (<usize>(tap * n) << 2), channels * multiplier);
  const first = group * integer(6), end = first + integer(6) < integer(4) ? first + integer(6) : integer(4);
  for (let line = first * outH; line < end * outH; line++) {
    const image = pointer(0) + (<usize>((line / outH) * h * w * c + channel0) << 2);
    let dy = pointer(3) + (<usize>(line * outW * n + channel0 * multiplier) << 2);
    const y0 = (line % outH) * integer(15) - integer(19);
    for (let place = 0; place < outW; place++, dy += <usize>n << 2) {
      const x0 = place * integer(16) - integer(20);
      for (let row = 0; row < kh; row++) {
        const y = y0 + row * integer(17);
        if (y < 0 || y >= h) continue;
        for (let column = 0; column < kw; column++) {
          const x = x0 + column * integer(18);
          if (x < 0 || x >= w) continue;
          const from = image + (<usize>((y * w + x) * c) << 2);
          const to = sums + (<usize>((row * kw + column) * n) << 2);
          if (multiplier == 1) {
            addProduct(to, from, dy, channels);
          } else {
            for (let i = 0; i < channels; i++) {
              const at = <usize>(i * multiplier) << 2;
              addScaled(to + at, dy + at, load<f32>(from + (<usize>i << 2)), multiplier);
            }
          }
        }
      }
    }
  }
}
