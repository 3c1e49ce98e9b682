import { kernels } from "./kernels.js";
import { copyPadded, type PadMode } from "./padding.js";

/** Geometry of pitch detection. */
export interface YinOptions {
  readonly sampleRate: number;
  /** Range of the fundamental frequency, hertz. */
  readonly fMin: number;
  readonly fMax: number;
  /** Samples of a frame; the window that is compared with itself is half of it. */
  readonly frameLength: number;
  readonly hopLength: number;
  readonly center: boolean;
  readonly padMode: PadMode;
}

/** The difference function of one frame, for the lags from `minPeriod` on. */
export interface YinFrame {
  /** Cumulative mean normalised difference: 0 where the signal repeats itself exactly. */
  readonly difference: Float64Array;
  /** Offsets of the parabola through each value and its neighbours, in samples. */
  readonly shifts: Float64Array;
}

/** Lags from the shortest to the longest period, samples. */
export function periodRange({ sampleRate, fMin, fMax, frameLength }: YinOptions): readonly [number, number] {
  const window = Math.floor(frameLength / 2);
  return [Math.max(1, Math.floor(sampleRate / fMax)), Math.min(Math.ceil(sampleRate / fMin), frameLength - window - 1)];
}

/** Number of frames of a signal, at least one. */
export function yinFrames(samples: number, { frameLength, hopLength, center }: YinOptions): number {
  return 1 + Math.floor((center ? samples : Math.max(samples - frameLength, 0)) / hopLength);
}

/** Steps 2, 3 and 5 of YIN (de Cheveigné and Kawahara 2002), frame by frame. */
export function* eachYinFrame(signal: Float32Array, options: YinOptions): Generator<YinFrame> {
  const { frameLength, hopLength, center, padMode } = options;
  const [minPeriod, maxPeriod] = periodRange(options);
  const window = Math.floor(frameLength / 2);
  const frames = yinFrames(signal.length, options);
  const lead = center ? Math.floor(frameLength / 2) : 0;
  const memory = kernels();
  const lags = maxPeriod + 1;
  for (let t = 0; t < frames; t++) {
    const [frame, out] = memory.work(4 * (frameLength + lags + 8), 8 * lags);
    copyPadded(signal, t * hopLength - lead, memory.floats(frame, frameLength), center ? padMode : "constant");
    memory.run.differences(frame, window, lags, out);
    const raw = memory.doubles(out, lags);
    const difference = new Float64Array(maxPeriod - minPeriod + 1);
    let sum = 0;
    for (let lag = 1; lag < lags; lag++) {
      sum += raw[lag];
      if (lag >= minPeriod) difference[lag - minPeriod] = raw[lag] / (sum / lag + TINY);
    }
    yield { difference, shifts: parabolicShifts(difference) };
  }
}

const TINY = 1.17549435e-38;

/** Where the vertex of the parabola through x[i - 1], x[i], x[i + 1] lies beside i; 0 where it lies further off than 1, and at the ends. */
function parabolicShifts(x: Float64Array): Float64Array {
  const shifts = new Float64Array(x.length);
  for (let i = 1; i + 1 < x.length; i++) {
    const curvature = x[i + 1] + x[i - 1] - 2 * x[i];
    const slope = (x[i + 1] - x[i - 1]) / 2;
    if (Math.abs(slope) < Math.abs(curvature)) shifts[i] = -slope / curvature;
  }
  return shifts;
}

/** Whether x[i] is a trough: lower than the value before it and not higher than the one behind. */
export function isTrough(x: Float64Array, i: number): boolean {
  if (i === 0) return x.length > 1 && x[0] < x[1];
  return x[i] < x[i - 1] && (i + 1 === x.length ? false : x[i] <= x[i + 1]);
}

/**
 * Fundamental frequency of each frame, hertz, by YIN: the first trough below the threshold, or else the deepest value.
 * It gives a frequency for every frame, voiced or not.
 */
export function yin(signal: Float32Array, options: YinOptions, threshold = 0.1): Float32Array {
  const [minPeriod] = periodRange(options);
  const f0 = new Float32Array(yinFrames(signal.length, options));
  let t = 0;
  for (const { difference, shifts } of eachYinFrame(signal, options)) {
    let best = -1;
    for (let i = 0; i < difference.length && best < 0; i++) {
      if (difference[i] < threshold && isTrough(difference, i)) best = i;
    }
    if (best < 0) best = lowest(difference);
    f0[t++] = options.sampleRate / (minPeriod + best + shifts[best]);
  }
  return f0;
}

function lowest(x: Float64Array): number {
  let place = 0;
  for (let i = 1; i < x.length; i++) if (x[i] < x[place]) place = i;
  return place;
}
