import type { Stft } from "./stft.js";

/**
 * A signal whose spectra have these magnitudes, as near as it gets (Griffin and Lim 1984), with momentum (Perraudin, Balazs and
 * Søndergaard 2013, the fast algorithm).
 * @param magnitudes `[frames, bins]`.
 * @param phase gives the angles to begin with, radians.
 * @param length samples to give; default as many as the frames cover.
 */
export function griffinLim(
  stft: Stft,
  magnitudes: Float32Array,
  { iterations, momentum, phase, length }: GriffinLimOptions,
): Float32Array {
  const { bins } = stft;
  const frames = magnitudes.length / bins;
  const spectra = new Float32Array(frames * 2 * bins);
  const guess = new Float32Array(spectra.length); // unit vectors times magnitudes
  for (let t = 0; t < frames; t++) {
    for (let k = 0; k < bins; k++) {
      const angle = phase();
      guess[t * 2 * bins + k] = magnitudes[t * bins + k] * Math.cos(angle);
      guess[t * 2 * bins + bins + k] = magnitudes[t * bins + k] * Math.sin(angle);
    }
  }
  let before: Float32Array = spectra;
  for (let i = 0; i < iterations; i++) {
    const signal = stft.inverse(guess, length);
    const found = stft.run(signal, "complex");
    const weight = i === 0 ? 0 : momentum / (1 + momentum);
    for (let t = 0; t < frames; t++) {
      for (let k = 0; k < bins; k++) {
        const at = t * 2 * bins + k;
        const real = found[at] - weight * before[at];
        const imaginary = found[at + bins] - weight * before[at + bins];
        const scale = magnitudes[t * bins + k] / (Math.hypot(real, imaginary) + 1e-16);
        guess[at] = real * scale;
        guess[at + bins] = imaginary * scale;
      }
    }
    before = found;
  }
  return stft.inverse(guess, length);
}

/** How long, and from where. */
export interface GriffinLimOptions {
  readonly iterations: number;
  /** 0: the first algorithm; 0.99 is usual. */
  readonly momentum: number;
  readonly phase: () => number;
  readonly length?: number;
}
