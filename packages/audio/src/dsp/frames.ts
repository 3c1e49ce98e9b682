import { copyPadded } from "./padding.js";
import type { Stft } from "./stft.js";

/** Applies a function to each frame of a signal, as the transform cuts them, without a window. */
export function framesOf(signal: Float32Array, stft: Stft): (of: (frame: Float32Array) => number) => Float32Array {
  const { nFft, hopLength, center, padMode } = stft.options;
  const lead = center ? nFft / 2 : 0;
  const frame = new Float32Array(nFft);
  return (of) =>
    Float32Array.from({ length: stft.frames(signal.length) }, (_, t) => {
      copyPadded(signal, t * hopLength - lead, frame, center ? padMode : "constant");
      return of(frame);
    });
}
