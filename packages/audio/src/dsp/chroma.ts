import type { Filter } from "./mel.js";

/** Geometry of chroma filters. */
export interface ChromaOptions {
  readonly sampleRate: number;
  readonly nFft: number;
  /** Classes of an octave; default 12. */
  readonly classes?: number;
  /** Hertz of the A above middle C; default 440. */
  readonly a440?: number;
  /** The first filter: C, or A as the formula has it; default C. */
  readonly first?: "C" | "A";
  /** Octave above A0 in the middle of the weighting, and its width in octaves; 0: all octaves weigh the same. Default 5 and 2. */
  readonly centreOctave?: number;
  readonly octaveWidth?: number;
}

/** Octaves above A0, the lowest A of a piano, of a frequency in hertz. */
export function hzToOctaves(hz: number, a440 = 440): number {
  return Math.log2(hz / (a440 / 16));
}

/**
 * Filters that fold the bins of a power spectrum onto pitch classes: Gaussian bumps a class wide around each pitch, each
 * bin's weights of length 1, octaves far from the middle weighed less (Ellis 2007, Chroma Feature Analysis and Synthesis).
 */
export function chromaFilters(options: ChromaOptions): Filter[] {
  const { sampleRate, nFft, classes = 12, a440 = 440, first = "C", centreOctave = 5, octaveWidth = 2 } = options;
  const bins = Math.floor(nFft / 2) + 1;
  const pitch = new Float64Array(nFft);
  for (let k = 1; k < nFft; k++) pitch[k] = classes * hzToOctaves((k * sampleRate) / nFft, a440);
  // Bin 0 has no pitch: it is put an octave and a half below bin 1.
  pitch[0] = pitch[1] - 1.5 * classes;
  const weights = Array.from({ length: classes }, () => new Float64Array(bins));
  // Class 0 of the formula is A; C is three semitones on.
  const turn = first === "C" ? 3 * Math.floor(classes / 12) : 0;
  const half = Math.round(classes / 2);
  for (let k = 0; k < bins; k++) {
    const width = k + 1 < nFft ? Math.max(pitch[k + 1] - pitch[k], 1) : 1;
    const octave = octaveWidth === 0 ? 1 : Math.exp(-0.5 * ((pitch[k] / classes - centreOctave) / octaveWidth) ** 2);
    const bumps = Array.from({ length: classes }, (_, c) => {
      const distance = modulo(pitch[k] - c + half + 10 * classes, classes) - half;
      return Math.exp(-0.5 * ((2 * distance) / width) ** 2);
    });
    const length = Math.sqrt(bumps.reduce((total, bump) => total + bump * bump, 0));
    for (const [c, bump] of bumps.entries()) {
      weights[modulo(c - turn, classes)][k] = (bump / length) * octave;
    }
  }
  return weights.map((row) => ({ first: 0, weights: row }));
}

function modulo(x: number, n: number): number {
  return ((x % n) + n) % n;
}
