/** What stands before and behind a clip when frames are centred: zeros, the clip mirrored, or its end repeated. */
export const PAD_MODES = ["constant", "reflect", "edge"] as const;
export type PadMode = (typeof PAD_MODES)[number];

/** Writes samples `start … start + target.length` of a signal to `target`; places outside it are filled as the mode says. */
export function copyPadded(signal: Float32Array, start: number, target: Float32Array, mode: PadMode): void {
  const from = Math.min(Math.max(start, 0), signal.length);
  const to = Math.max(Math.min(start + target.length, signal.length), from);
  const inside = Math.min(Math.max(from - start, 0), target.length);
  target.set(signal.subarray(from, to), inside);
  const outside = (i: number): void => {
    target[i] = mode === "constant" || signal.length === 0 ? 0 : signal[placeOf(start + i, signal.length, mode)];
  };
  for (let i = 0; i < inside; i++) outside(i);
  for (let i = inside + to - from; i < target.length; i++) outside(i);
}

function placeOf(at: number, length: number, mode: "reflect" | "edge"): number {
  if (mode === "edge" || length === 1) return Math.min(Math.max(at, 0), length - 1);
  // Mirrored without repeating the ends, as often as needed.
  const period = 2 * (length - 1);
  const place = ((at % period) + period) % period;
  return place < length ? place : period - place;
}
