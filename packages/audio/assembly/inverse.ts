/** @file Back from spectra to a signal: inverse transforms, windowed and added where they overlap. */
import { imaginary, real, transform } from "./fourier";

/**
 * Adds the inverse transform of each frame, times the window, to the signal at frame times hop.
 * The inverse of a transform is the transform with real and imaginary parts changed over, divided by its length.
 *
 * @param turns as for `spectra`.
 * @param source per frame: bins real parts, then bins imaginary parts.
 * @param scratch room for 2 length numbers, and 8 more.
 */
export function inverseFrames(
  plan: usize, turns: usize, scratch: usize, source: usize, frames: i32, length: i32, hop: i32, window: usize, signal: usize,
): void {
  const half = length >> 1, bins = half + 1;
  const bytes = (<usize>half + 3 & ~3) << 2;
  const zr = scratch, zi = zr + bytes, yr = zi + bytes, yi = yr + bytes;
  const sines = turns + (<usize>bins << 2);
  const scale: f32 = 1 / <f32>half;
  for (let frame = 0; frame < frames; frame++) {
    const xr = source + (<usize>frame * <usize>bins << 3), xi = xr + (<usize>bins << 2);
    // Z[k] = (X[k] + X*[M-k]) / 2 + i e^(2 pi i k / N) (X[k] - X*[M-k]) / 2
    for (let k = 0; k < half; k++) {
      const at = <usize>k << 2, mirrored = <usize>(half - k) << 2;
      // A real signal has no imaginary part at either end; what is given there is left out.
      const ai: f32 = k == 0 ? 0 : load<f32>(xi + at), bi: f32 = k == 0 ? 0 : load<f32>(xi + mirrored);
      const ar = load<f32>(xr + at), br = load<f32>(xr + mirrored);
      const er: f32 = 0.5 * (ar + br), ei: f32 = 0.5 * (ai - bi), or: f32 = 0.5 * (ar - br), oi: f32 = 0.5 * (ai + bi);
      const cr = load<f32>(turns + at), ci = -load<f32>(sines + at);
      const tr = or * cr - oi * ci, ti = or * ci + oi * cr;
      store<f32>(zr + at, er - ti);
      store<f32>(zi + at, ei + tr);
    }
    transform(plan, zi, zr, yi, yr);
    // Changed over: real parts come out where imaginary ones would.
    const samples = imaginary, odd = real;
    let to = signal + (<usize>frame * <usize>hop << 2);
    for (let k = 0; k < half; k++) {
      const w = window + (<usize>k << 3), at = <usize>k << 2;
      store<f32>(to, load<f32>(to) + load<f32>(samples + at) * scale * load<f32>(w));
      store<f32>(to, load<f32>(to, 4) + load<f32>(odd + at) * scale * load<f32>(w, 4), 4);
      to += 8;
    }
  }
}
