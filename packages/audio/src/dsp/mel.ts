/** Formulas of the mel scale: Slaney's Auditory Toolbox (linear to 1000 Hz, then logarithmic), or HTK's (O'Shaughnessy 1987). */
export const MEL_SCALES = ["slaney", "htk"] as const;
export type MelScale = (typeof MEL_SCALES)[number];

const LINEAR_STEP = 200 / 3; // Hz per mel below the break
const BREAK_HZ = 1000;
const BREAK_MEL = BREAK_HZ / LINEAR_STEP;
const LOG_STEP = Math.log(6.4) / 27;

/** Hertz to mel. */
export function hzToMel(hz: number, scale: MelScale = "slaney"): number {
  if (scale === "htk") return 2595 * Math.log10(1 + hz / 700);
  return hz < BREAK_HZ ? hz / LINEAR_STEP : BREAK_MEL + Math.log(hz / BREAK_HZ) / LOG_STEP;
}

/** Mel to hertz. */
export function melToHz(mel: number, scale: MelScale = "slaney"): number {
  if (scale === "htk") return 700 * (10 ** (mel / 2595) - 1);
  return mel < BREAK_MEL ? mel * LINEAR_STEP : BREAK_HZ * Math.exp(LOG_STEP * (mel - BREAK_MEL));
}

/** A filter: the first bin that it weighs, and the weights of that bin and those behind it. */
export interface Filter {
  readonly first: number;
  readonly weights: Float64Array;
}

/** Geometry of a bank of mel filters. */
export interface MelOptions {
  readonly sampleRate: number;
  readonly nFft: number;
  readonly nMels: number;
  /** Edges of the bank, hertz. */
  readonly fMin: number;
  readonly fMax: number;
  readonly scale: MelScale;
  /** `slaney`: each triangle has the area 1, so that noise gives the same in each; `none`: each has the height 1. */
  readonly norm: "slaney" | "none";
}

/** Triangular filters whose corners are evenly spaced in mel. A filter between two bins is empty: see {@link emptyFilters}. */
export function melFilters({ sampleRate, nFft, nMels, fMin, fMax, scale, norm }: MelOptions): Filter[] {
  const low = hzToMel(fMin, scale);
  const high = hzToMel(fMax, scale);
  const corner = (i: number): number => melToHz(low + ((high - low) * i) / (nMels + 1), scale);
  const bins = Math.floor(nFft / 2) + 1;
  return Array.from({ length: nMels }, (_, i) => {
    const [left, peak, right] = [corner(i), corner(i + 1), corner(i + 2)];
    const height = norm === "slaney" ? 2 / (right - left) : 1;
    const weights: number[] = [];
    let first = 0;
    for (let bin = 0; bin < bins; bin++) {
      const hz = (bin * sampleRate) / nFft;
      const weight = height * Math.max(0, Math.min((hz - left) / (peak - left), (right - hz) / (right - peak)));
      if (weight > 0) {
        if (weights.length === 0) first = bin;
        weights.push(weight);
      }
    }
    return { first, weights: Float64Array.from(weights) };
  });
}

/** The places of the filters that weigh no bin: there are more of them than the spectrum can tell apart. */
export function emptyFilters(filters: readonly Filter[]): number[] {
  return filters.flatMap(({ weights }, place) => (weights.length === 0 ? [place] : []));
}
