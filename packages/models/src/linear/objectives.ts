/** @file What linear models make small, with gradients. All are means over the rows, so that one tolerance fits any number of them. */
import type { SparseColumn } from "@seqloom/core";
import { exactExp, exactLog1p } from "../exact-math.js";
import type { Smooth } from "./minimise.js";
import { softmax } from "./softmax.js";

/** What to learn from. */
export interface Examples {
  readonly features: SparseColumn;
  /** Class of each row. */
  readonly targets: Int32Array;
  readonly classes: number;
  /** Weight of each class in the loss; null: all alike. */
  readonly classWeights: Float32Array | null;
}

/** How large weights are held down. */
export interface Penalty {
  /** Half of the squared weights, times this, is added to the sum of the losses. Intercepts cost nothing. */
  readonly regularisation: number;
  readonly intercept: boolean;
}

/**
 * Losses of a margin m = y s, y = ±1, and their slopes. logistic: ln(1 + e^-m). svm: max(0, 1 - m)², the squared hinge, which
 * has a slope everywhere.
 */
const LOSSES = {
  logistic: (margin: number): readonly [loss: number, slope: number] => {
    const small = exactExp(-Math.abs(margin));
    const loss = exactLog1p(small) + Math.max(0, -margin);
    return [loss, -(margin > 0 ? small : 1) / (1 + small)];
  },
  svm: (margin: number): readonly [loss: number, slope: number] => {
    const gap = Math.max(0, 1 - margin);
    return [gap * gap, -2 * gap];
  },
} as const;

/** The names of {@link LOSSES}. */
export type MarginLoss = keyof typeof LOSSES;

/** One vector of weights, its intercept last: rows where `isPositive` against all others. */
export function againstRest(
  { features, targets, classWeights }: Omit<Examples, "classes">,
  isPositive: (row: number) => boolean,
  loss: MarginLoss,
  { regularisation, intercept }: Penalty,
): Smooth {
  const { values, columns, offsets, width } = features;
  const rows = offsets.length - 1;
  const lossOf = LOSSES[loss];
  const signs = Float64Array.from({ length: rows }, (_, row) => (isPositive(row) ? 1 : -1));
  return (x, gradient) => {
    let sum = penalty(x, gradient, width, regularisation);
    for (let row = 0; row < rows; row++) {
      const end = offsets[row + 1];
      let score = x[width];
      for (let at = offsets[row]; at < end; at++) score += values[at] * x[columns[at]];
      const weight = classWeights === null ? 1 : classWeights[targets[row]];
      const [own, slope] = lossOf(signs[row] * score);
      sum += weight * own;
      const pull = weight * slope * signs[row];
      if (pull === 0) continue;
      for (let at = offsets[row]; at < end; at++) gradient[columns[at]] += pull * values[at];
      if (intercept) gradient[width] += pull;
    }
    return mean(sum, gradient, rows);
  };
}

/** A vector of weights for each class, `[width, classes]`, then the intercepts: the cross-entropy of the softmax of the scores. */
export function multinomial(
  { features, targets, classes, classWeights }: Examples,
  { regularisation, intercept }: Penalty,
): Smooth {
  const { values, columns, offsets, width } = features;
  const rows = offsets.length - 1;
  const scores = new Float64Array(classes);
  const intercepts = width * classes;
  return (x, gradient) => {
    let sum = penalty(x, gradient, intercepts, regularisation);
    for (let row = 0; row < rows; row++) {
      const end = offsets[row + 1];
      for (let k = 0; k < classes; k++) scores[k] = x[intercepts + k];
      for (let at = offsets[row]; at < end; at++) {
        const [value, from] = [values[at], columns[at] * classes];
        for (let k = 0; k < classes; k++) scores[k] += value * x[from + k];
      }
      const target = targets[row];
      const weight = classWeights === null ? 1 : classWeights[target];
      const own = scores[target];
      sum += weight * (softmax(scores) - own);
      for (let k = 0; k < classes; k++) scores[k] *= weight;
      scores[target] -= weight;
      for (let at = offsets[row]; at < end; at++) {
        const [value, from] = [values[at], columns[at] * classes];
        for (let k = 0; k < classes; k++) gradient[from + k] += value * scores[k];
      }
      if (intercept) for (let k = 0; k < classes; k++) gradient[intercepts + k] += scores[k];
    }
    return mean(sum, gradient, rows);
  };
}

function penalty(x: Float64Array, gradient: Float64Array, weights: number, regularisation: number): number {
  gradient.fill(0, weights);
  let squares = 0;
  for (let i = 0; i < weights; i++) {
    squares += x[i] * x[i];
    gradient[i] = regularisation * x[i];
  }
  return (regularisation / 2) * squares;
}

function mean(sum: number, gradient: Float64Array, rows: number): number {
  for (let i = 0; i < gradient.length; i++) gradient[i] /= rows;
  return sum / rows;
}
