import { kernels } from "./kernels.js";

/** Zero crossings of the sinc on each side, at the lower rate: the steeper, the longer. */
const CROSSINGS = 32;
/** Where the filter falls to one half, as a part of the lower Nyquist frequency. */
const ROLLOFF = 0.945;
/** Shape of the Kaiser window: side lobes below -100 dB. */
const BETA = 10.06;
/** Outputs computed at once. */
const BLOCK = 16_384;

interface Filters {
  readonly at: number;
  readonly taps: number;
  readonly up: number;
  readonly down: number;
}

const kept = new Map<string, Filters>();

/**
 * Changes the sample rate by a polyphase filter: a sinc under a Kaiser window (Crochiere and Rabiner 1983, chapter 4).
 * Sample i of the result is the signal at time i / to; its length is ceil(length to / from).
 */
export function resample(signal: Float32Array, from: number, to: number): Float32Array {
  if (from === to) return signal;
  const { at, taps, up, down } = filtersOf(from, to);
  const out = new Float32Array(Math.ceil((signal.length * up) / down));
  const memory = kernels();
  const lead = taps / 2 - 1;
  for (let start = 0; start < out.length; start += BLOCK) {
    const count = Math.min(BLOCK, out.length - start);
    const first = Math.floor((start * down) / up);
    const last = Math.floor(((start + count - 1) * down) / up);
    const span = last - first + taps;
    const [source, target] = memory.work(4 * span, 4 * count);
    const view = memory.floats(source, span).fill(0);
    const begin = first - lead;
    const inside = signal.subarray(Math.max(begin, 0), Math.max(Math.min(begin + span, signal.length), 0));
    view.set(inside, Math.max(-begin, 0));
    memory.run.resample(source, at, taps, up, down, (start * down) % up, count, target);
    out.set(memory.floats(target, count), start);
  }
  return out;
}

function filtersOf(from: number, to: number): Filters {
  const name = `${from} ${to}`;
  let filters = kept.get(name);
  if (filters === undefined) {
    filters = keepFilters(from, to);
    kept.set(name, filters);
  }
  return filters;
}

function keepFilters(from: number, to: number): Filters {
  const divisor = greatestCommonDivisor(from, to);
  const up = to / divisor;
  const down = from / divisor;
  const cutoff = ROLLOFF * Math.min(1, up / down); // of the Nyquist frequency of the source
  const half = CROSSINGS / cutoff; // samples of the source on each side
  const taps = 4 * Math.ceil((2 * Math.ceil(half) + 2) / 4);
  const memory = kernels();
  const at = memory.keep(4 * up * taps);
  const values = memory.floats(at, up * taps);
  const row = new Float64Array(taps);
  for (let phase = 0; phase < up; phase++) {
    let total = 0;
    for (let j = 0; j < taps; j++) {
      const time = phase / up - (j - (taps / 2 - 1));
      row[j] = Math.abs(time) > half ? 0 : sinc(cutoff * time) * kaiser(time / half);
      total += row[j];
    }
    // Each phase passes a constant as it is.
    for (let j = 0; j < taps; j++) values[phase * taps + j] = row[j] / total;
  }
  return { at, taps, up, down };
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function kaiser(x: number): number {
  return bessel(BETA * Math.sqrt(Math.max(0, 1 - x * x))) / bessel(BETA);
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function bessel(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
