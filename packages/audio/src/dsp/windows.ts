/** Shapes of windows, by the names that librosa and SciPy give them. */
export const WINDOWS = ["hann", "hamming", "blackman", "rectangular"] as const;
export type WindowShape = (typeof WINDOWS)[number];

/** Coefficients a of a window w[i] = sum of (-1)^k a[k] cos(2 pi k i / length). */
const COSINES: Readonly<Record<WindowShape, readonly number[]>> = {
  hann: [0.5, 0.5],
  hamming: [0.54, 0.46],
  blackman: [0.42, 0.5, 0.08],
  rectangular: [1],
};

/**
 * A window of `winLength` samples, in the middle of `length` samples, zeros around it. It is periodic, as spectral analysis
 * wants it, or else symmetric, as filters do.
 */
export function windowOf(shape: WindowShape, winLength: number, length = winLength, symmetric = false): Float32Array {
  const window = new Float32Array(length);
  const start = Math.floor((length - winLength) / 2);
  const period = symmetric ? Math.max(winLength - 1, 1) : winLength;
  for (let i = 0; i < winLength; i++) {
    let value = 0;
    for (const [k, a] of COSINES[shape].entries()) {
      value += (k % 2 === 0 ? a : -a) * Math.cos((2 * Math.PI * k * i) / period);
    }
    window[start + i] = value;
  }
  return window;
}
