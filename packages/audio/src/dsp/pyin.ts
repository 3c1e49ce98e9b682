/**
 * @file Probabilistic YIN (Mauch and Dixon 2014): the troughs of YIN under many thresholds become candidates with
 * probabilities, and the likeliest path through them, voiced or not, is found by Viterbi's algorithm.
 */
import { eachYinFrame, isTrough, periodRange, type YinFrame, type YinOptions, yinFrames } from "./yin.js";

/** The fundamental frequency of each frame. */
export interface PitchTrack {
  /** Hertz; of unvoiced frames what it would most likely be if they were voiced. */
  readonly f0: Float32Array;
  /** 1 where the frame is voiced, else 0. */
  readonly voiced: Uint8Array;
  /** Probability that the frame is voiced. */
  readonly probability: Float32Array;
}

const THRESHOLDS = 100;
/** The prior of the threshold is a beta distribution of these parameters: mean 0.1. */
const BETA = [2, 18] as const;
/** Preference for the first of several troughs. */
const BOLTZMANN = 2;
/** Bins per semitone. */
const RESOLUTION = 10;
/** Octaves per second that pitch may move. */
const MAX_TRANSITION_RATE = 35.92;
const SWITCH_PROBABILITY = 0.01;
const NO_TROUGH_PROBABILITY = 0.01;

/** Tracks the fundamental frequency. */
export function pyin(signal: Float32Array, options: YinOptions): PitchTrack {
  const { sampleRate, fMin, fMax, hopLength } = options;
  const frames = yinFrames(signal.length, options);
  const bins = Math.floor(12 * RESOLUTION * Math.log2(fMax / fMin)) + 1;
  const [minPeriod] = periodRange(options);
  const observations = new Float64Array(frames * bins);
  const exact = new Float64Array(frames * bins);
  const probability = new Float32Array(frames);
  let t = 0;
  for (const frame of eachYinFrame(signal, options)) {
    let voiced = 0;
    for (const [place, likelihood] of candidates(frame)) {
      const hz = sampleRate / (minPeriod + place + frame.shifts[place]);
      const bin = Math.min(Math.max(roundHalfEven(12 * RESOLUTION * Math.log2(hz / fMin)), 0), bins - 1);
      observations[t * bins + bin] += likelihood;
      exact[t * bins + bin] = hz;
      voiced += likelihood;
    }
    probability[t++] = Math.min(voiced, 1);
  }
  const reach = Math.round((MAX_TRANSITION_RATE * 12 * hopLength) / sampleRate) * RESOLUTION;
  const path = likeliestPath(observations, probability, bins, reach);
  // A bin is a tenth of a semitone wide; the candidate that fell into it says more.
  const f0 = Float32Array.from(path, (state, time) =>
    state < bins && exact[time * bins + state] > 0
      ? exact[time * bins + state]
      : fMin * 2 ** ((state % bins) / (12 * RESOLUTION)),
  );
  return { f0, voiced: Uint8Array.from(path, (state) => (state < bins ? 1 : 0)), probability };
}

/** The troughs of a frame with their probabilities, summed over the prior of the threshold. */
function candidates({ difference }: YinFrame): [place: number, probability: number][] {
  const troughs: number[] = [];
  for (let i = 0; i < difference.length; i++) if (isTrough(difference, i)) troughs.push(i);
  if (troughs.length === 0) return [];
  const found = troughs.map((place): [number, number] => [place, 0]);
  let deepest = 0;
  for (const [i, place] of troughs.entries()) if (difference[place] < difference[troughs[deepest]]) deepest = i;
  for (let threshold = 1; threshold <= THRESHOLDS; threshold++) {
    const prior = PRIOR[threshold - 1];
    const below = troughs.flatMap((place, i) => (difference[place] < threshold / THRESHOLDS ? [i] : []));
    for (const [rank, i] of below.entries()) found[i][1] += prior * boltzmann(rank, below.length);
    if (!below.includes(deepest)) found[deepest][1] += NO_TROUGH_PROBABILITY * prior;
  }
  return found.filter(([, likelihood]) => likelihood > 0);
}

/** Probability of each step between thresholds. */
const PRIOR = Float64Array.from(
  { length: THRESHOLDS },
  (_, i) => betaDistribution((i + 1) / THRESHOLDS) - betaDistribution(i / THRESHOLDS),
);

/** Distribution function of the beta distribution for whole parameters: a binomial tail. */
function betaDistribution(x: number): number {
  const [a, b] = BETA;
  const n = a + b - 1;
  let sum = 0;
  let choose = 1;
  for (let j = 0; j <= n; j++) {
    if (j >= a) sum += choose * x ** j * (1 - x) ** (n - j);
    choose = (choose * (n - j)) / (j + 1);
  }
  return sum;
}

/** Probability of rank k among n in a truncated Planck distribution. */
function boltzmann(k: number, n: number): number {
  return ((1 - Math.exp(-BOLTZMANN)) * Math.exp(-BOLTZMANN * k)) / (1 - Math.exp(-BOLTZMANN * n));
}

function roundHalfEven(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  return rest < 0.5 || (rest === 0.5 && down % 2 === 0) ? down : down + 1;
}

/**
 * States 0 … bins - 1 are voiced, bins … 2 bins - 1 unvoiced. Pitch moves by at most `reach` bins a frame, near ones likelier
 * (a triangle); voicing changes with {@link SWITCH_PROBABILITY}. The first frame is unvoiced.
 */
function likeliestPath(observations: Float64Array, voiced: Float32Array, bins: number, reach: number): Int32Array {
  const frames = voiced.length;
  const moves = logTransitions(bins, reach);
  const width = 2 * reach + 1;
  const stay = Math.log(1 - SWITCH_PROBABILITY);
  const change = Math.log(SWITCH_PROBABILITY);
  const back = new Int32Array(frames * 2 * bins);
  let scores = new Float64Array(2 * bins).fill(Math.log(TINY));
  scores.fill(Math.log(1 / bins), bins);
  const emission = (t: number, state: number): number =>
    Math.log((state < bins ? observations[t * bins + state] : (1 - voiced[t]) / bins) + TINY);
  for (let state = 0; state < 2 * bins; state++) scores[state] += emission(0, state);
  for (let t = 1; t < frames; t++) {
    const next = new Float64Array(2 * bins);
    for (let bin = 0; bin < bins; bin++) {
      const end = Math.min(bins - 1, bin + reach);
      let voicedFrom = 0;
      let unvoicedFrom = 0;
      let bestVoiced = Number.NEGATIVE_INFINITY;
      let bestUnvoiced = Number.NEGATIVE_INFINITY;
      for (let other = Math.max(0, bin - reach); other <= end; other++) {
        const move = moves[other * width + bin - other + reach];
        const fromVoiced = scores[other] + move;
        const fromUnvoiced = scores[bins + other] + move;
        if (fromVoiced > bestVoiced) {
          bestVoiced = fromVoiced;
          voicedFrom = other;
        }
        if (fromUnvoiced > bestUnvoiced) {
          bestUnvoiced = fromUnvoiced;
          unvoicedFrom = bins + other;
        }
      }
      const keepsVoice = bestVoiced + stay >= bestUnvoiced + change;
      next[bin] = Math.max(bestVoiced + stay, bestUnvoiced + change) + emission(t, bin);
      back[t * 2 * bins + bin] = keepsVoice ? voicedFrom : unvoicedFrom;
      const losesVoice = bestVoiced + change >= bestUnvoiced + stay;
      next[bins + bin] = Math.max(bestVoiced + change, bestUnvoiced + stay) + emission(t, bins + bin);
      back[t * 2 * bins + bins + bin] = losesVoice ? voicedFrom : unvoicedFrom;
    }
    scores = next;
  }
  const path = new Int32Array(frames);
  let state = 0;
  for (let i = 1; i < scores.length; i++) if (scores[i] > scores[state]) state = i;
  for (let t = frames - 1; t >= 0; t--) {
    path[t] = state;
    state = back[t * 2 * bins + state];
  }
  return path;
}

const TINY = 2.2250738585072014e-308;

/** Logarithms of the probability to go from bin i to bin i - reach … i + reach, `[bins, 2 reach + 1]`. */
function logTransitions(bins: number, reach: number): Float64Array {
  const width = 2 * reach + 1;
  const out = new Float64Array(bins * width);
  for (let bin = 0; bin < bins; bin++) {
    let sum = 0;
    for (let j = 0; j < width; j++) {
      const to = bin + j - reach;
      const weight = to < 0 || to >= bins ? 0 : 1 - Math.abs(j - reach) / (reach + 1);
      out[bin * width + j] = weight;
      sum += weight;
    }
    for (let j = 0; j < width; j++) out[bin * width + j] = Math.log(out[bin * width + j] / sum + TINY);
  }
  return out;
}
