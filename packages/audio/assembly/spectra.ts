/** @file Spectra of overlapping windowed frames of a real signal. */
import { imaginary, real, transform } from "./fourier";

/** What of a bin is kept. */
const COMPLEX = 0;
const MAGNITUDE = 1;

/**
 * The spectra of `frames` frames of `length` samples, `hop` apart. The transform of a real frame is that of half as many
 * complex numbers, even samples as real and odd ones as imaginary parts, taken apart at the end.
 *
 * @param plan of a transform of length / 2, see fourier.ts.
 * @param turns cos and sin of -2 pi k / length for k = 0 … length / 2: one array after the other.
 * @param scratch room for 2 length numbers, and 8 more.
 * @param kind COMPLEX: bins real parts, then bins imaginary parts; MAGNITUDE; or else power. bins = length / 2 + 1.
 */
export function spectra(
  plan: usize, turns: usize, scratch: usize, signal: usize, frames: i32, length: i32, hop: i32, window: usize, out: usize, kind: i32,
): void {
  const half = length >> 1, bins = half + 1;
  const bytes = (<usize>half + 3 & ~3) << 2;
  const xr = scratch, xi = xr + bytes, yr = xi + bytes, yi = yr + bytes;
  for (let frame = 0; frame < frames; frame++) {
    split(signal + (<usize>frame * <usize>hop << 2), window, xr, xi, half);
    transform(plan, xr, xi, yr, yi);
    if (kind == COMPLEX) {
      const to = out + (<usize>frame * <usize>bins << 3);
      takeApart(turns, half, to, to + (<usize>bins << 2), kind);
    } else {
      takeApart(turns, half, out + (<usize>frame * <usize>bins << 2), 0, kind);
    }
  }
}

/** Windowed samples 2 k to `xr` and 2 k + 1 to `xi`. */
function split(signal: usize, window: usize, xr: usize, xi: usize, half: i32): void {
  let k = 0;
  for (; k + 4 <= half; k += 4) {
    const at = <usize>k << 3;
    const a = f32x4.mul(v128.load(signal + at), v128.load(window + at));
    const b = f32x4.mul(v128.load(signal + at, 16), v128.load(window + at, 16));
    v128.store(xr + (<usize>k << 2), v128.shuffle<f32>(a, b, 0, 2, 4, 6));
    v128.store(xi + (<usize>k << 2), v128.shuffle<f32>(a, b, 1, 3, 5, 7));
  }
  for (; k < half; k++) {
    const at = <usize>k << 3;
    store<f32>(xr + (<usize>k << 2), load<f32>(signal + at) * load<f32>(window + at));
    store<f32>(xi + (<usize>k << 2), load<f32>(signal + at, 4) * load<f32>(window + at, 4));
  }
}

/** X[k] = (Z[k] + Z*[M-k]) / 2 - i e^(-2 pi i k / N) (Z[k] - Z*[M-k]) / 2, with M = N / 2 and Z the transform of the halves. */
function takeApart(turns: usize, half: i32, to: usize, toImaginary: usize, kind: i32): void {
  const zr = real, zi = imaginary, sines = turns + (<usize>(half + 1) << 2);
  const r0 = load<f32>(zr), i0 = load<f32>(zi);
  keep(to, toImaginary, 0, r0 + i0, 0, kind);
  keep(to, toImaginary, half, r0 - i0, 0, kind);
  const point5 = f32x4.splat(0.5);
  let k = 1;
  for (; k + 4 <= half; k += 4) {
    const at = <usize>k << 2, mirrored = <usize>(half - k - 3) << 2;
    const ar = v128.load(zr + at), ai = v128.load(zi + at);
    let br = v128.load(zr + mirrored), bi = v128.load(zi + mirrored);
    br = v128.shuffle<f32>(br, br, 3, 2, 1, 0);
    bi = v128.shuffle<f32>(bi, bi, 3, 2, 1, 0);
    const er = f32x4.mul(point5, f32x4.add(ar, br)), ei = f32x4.mul(point5, f32x4.sub(ai, bi));
    const or = f32x4.mul(point5, f32x4.add(ai, bi)), oi = f32x4.mul(point5, f32x4.sub(br, ar));
    const cr = v128.load(turns + at), ci = v128.load(sines + at);
    const r = f32x4.add(er, f32x4.sub(f32x4.mul(or, cr), f32x4.mul(oi, ci)));
    const i = f32x4.add(ei, f32x4.add(f32x4.mul(or, ci), f32x4.mul(oi, cr)));
    if (kind == COMPLEX) {
      v128.store(to + at, r);
      v128.store(toImaginary + at, i);
    } else {
      const power = f32x4.add(f32x4.mul(r, r), f32x4.mul(i, i));
      v128.store(to + at, kind == MAGNITUDE ? f32x4.sqrt(power) : power);
    }
  }
  for (; k < half; k++) {
    const at = <usize>k << 2, mirrored = <usize>(half - k) << 2;
    const ar = load<f32>(zr + at), ai = load<f32>(zi + at), br = load<f32>(zr + mirrored), bi = load<f32>(zi + mirrored);
    const er: f32 = 0.5 * (ar + br), ei: f32 = 0.5 * (ai - bi), or: f32 = 0.5 * (ai + bi), oi: f32 = 0.5 * (br - ar);
    const cr = load<f32>(turns + at), ci = load<f32>(sines + at);
    keep(to, toImaginary, k, er + (or * cr - oi * ci), ei + (or * ci + oi * cr), kind);
  }
}

// @ts-ignore: decorator
@inline
function keep(to: usize, toImaginary: usize, k: i32, r: f32, i: f32, kind: i32): void {
  const at = <usize>k << 2;
  if (kind == COMPLEX) {
    store<f32>(to + at, r);
    store<f32>(toImaginary + at, i);
  } else {
    const power = r * r + i * i;
    store<f32>(to + at, kind == MAGNITUDE ? Mathf.sqrt(power) : power);
  }
}
