import type { SparseColumn } from "@seqloom/core";
import type { Linear } from "./counted.js";

/** The scores of every row, `[rows, classes]`. */
export function scoresOf({ values, columns, offsets }: SparseColumn, { weights, intercepts }: Linear): Float64Array {
  const classes = intercepts.length;
  const rows = offsets.length - 1;
  const scores = new Float64Array(rows * classes);
  for (let row = 0; row < rows; row++) {
    const to = row * classes;
    scores.set(intercepts, to);
    for (let at = offsets[row]; at < offsets[row + 1]; at++) {
      const [value, from] = [values[at], columns[at] * classes];
      for (let k = 0; k < classes; k++) scores[to + k] += value * weights[from + k];
    }
  }
  return scores;
}

/** The place of the largest score of each row; the first of equal ones. */
export function bestOf(scores: Float64Array, classes: number): Int32Array {
  return Int32Array.from({ length: scores.length / classes }, (_, row) => {
    let best = 0;
    for (let k = 1; k < classes; k++) if (scores[row * classes + k] > scores[row * classes + best]) best = k;
    return best;
  });
}
