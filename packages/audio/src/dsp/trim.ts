import { copyPadded } from "./padding.js";

/**
 * What is left between the first and the last frame that is not silent; all of a clip that is silent throughout.
 * Frame t is centred at sample t hop, as the other features are.
 * @param range decibels below the loudest frame from which on a frame counts as silent.
 */
export function trimmed(signal: Float32Array, length: number, hop: number, range: number): Float32Array {
  const powers = framePowers(signal, length, hop);
  let loudest = 0;
  for (const power of powers) if (power > loudest) loudest = power;
  if (loudest === 0) return signal;
  const least = loudest * 10 ** (-range / 10);
  const first = powers.findIndex((power) => power > least);
  const last = powers.findLastIndex((power) => power > least);
  return signal.subarray(first * hop, Math.min((last + 1) * hop, signal.length));
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
