/** @file When a detector fires: from the score of each frame to moments. */

/** How a detector listens. All but the threshold in frames. */
export interface Listening {
  readonly threshold: number;
  /** Frames in a row that must reach the threshold before it fires. */
  readonly least: number;
  /** Frames after a firing in which it does not fire again. */
  readonly refractory: number;
}

/** A moment at which a detector fired: the frame at which it knew, and the highest score of the stretch that it fired in. */
export interface Firing {
  readonly frame: number;
  readonly score: number;
}

/** The mean of each score and of those before it, `frames` in all; before the first there is 0. Nothing that comes later is used. */
export function smoothed(scores: Float32Array, frames: number): Float32Array {
  const sums = new Float64Array(scores.length + 1);
  for (let i = 0; i < scores.length; i++) sums[i + 1] = sums[i] + scores[i];
  return Float32Array.from(scores, (_, i) => (sums[i + 1] - sums[Math.max(0, i + 1 - frames)]) / frames);
}

/** Fires once in each stretch of frames that reach the threshold, when it is long enough, and not in the refractory time. */
export function firingsOf(scores: Float32Array, { threshold, least, refractory }: Listening): Firing[] {
  const firings: Firing[] = [];
  let deaf = 0; // the first frame at which it may fire again
  for (let from = 0; from < scores.length; from++) {
    if (scores[from] < threshold) continue;
    let end = from;
    let score = 0;
    while (end < scores.length && scores[end] >= threshold) score = Math.max(score, scores[end++]);
    const frame = from + least - 1;
    if (frame < end && frame >= deaf) {
      firings.push({ frame, score });
      deaf = frame + refractory;
    }
    from = end;
  }
  return firings;
}
