import { copyPadded } from "./padding.js";

/**
 * Where a clip is not silent, as samples `[from, to]`: from the first to the last such frame; all of one that is silent throughout.
 * Frame t is centred at sample t hop, as the other features are.
 * @param range decibels below the loudest frame from which on a frame counts as silent.
 */
export function loudPart(
  signal: Float32Array,
  length: number,
  hop: number,
  range: number,
): readonly [from: number, to: number] {
  const powers = framePowers(signal, length, hop);
  let loudest = 0;
  for (const power of powers) if (power > loudest) loudest = power;
  if (loudest === 0) return [0, signal.length];
  const least = loudest * 10 ** (-range / 10);
  const first = powers.findIndex((power) => power > least);
  const last = powers.findLastIndex((power) => power > least);
  return [first * hop, Math.min((last + 1) * hop, signal.length)];
}

/** What is left of a clip between silence: see {@link loudPart}. */
export function trimmed(signal: Float32Array, length: number, hop: number, range: number): Float32Array {
  return signal.subarray(...loudPart(signal, length, hop, range));
}

/** Mean square of each centred frame. */
function framePowers(signal: Float32Array, length: number, hop: number): Float64Array {
  const frame = new Float32Array(length);
  const half = Math.floor(length / 2);
  return Float64Array.from({ length: 1 + Math.floor(signal.length / hop) }, (_, t) => {
    copyPadded(signal, t * hop - half, frame, "constant");
    let sum = 0;
    for (const value of frame) sum += value * value;
    return sum / length;
  });
}
