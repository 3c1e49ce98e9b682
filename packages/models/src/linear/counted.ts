/** @file Linear models that are counted, not searched for. */
import { fail } from "@seqloom/core";
import { exactLog } from "../exact-math.js";
import type { Examples } from "./objectives.js";

/** Scores are x · weights + intercepts; `weights` is `[width, classes]`. */
export interface Linear {
  readonly weights: Float64Array;
  readonly intercepts: Float64Array;
}

/**
 * Multinomial naive Bayes: the logarithm of the share of each feature in all features of a class, `smoothing` added to every
 * count, and of the share of the class in the rows. Manning, Raghavan and Schütze, Introduction to Information Retrieval, 13.2.
 * @throws DiagnosticError `features-negative`
 */
export function naiveBayes(examples: Examples, smoothing: number): Linear {
  const { features, classes } = examples;
  const { width } = features;
  const negative = features.values.findIndex((value) => !(value >= 0));
  if (negative >= 0) {
    throw fail("features-negative", `naive_bayes counts features, and one is ${features.values[negative]}`, {
      hint: "Give it counts or tf-idf weights (text/hash-features with signed: false), or choose another kind.",
    });
  }
  const { sums, weights: classRows } = sumsByClass(examples);
  const totals = new Float64Array(classes);
  for (let i = 0; i < sums.length; i++) totals[i % classes] += sums[i];
  const rows = classRows.reduce((all, one) => all + one, 0);
  return {
    weights: sums.map((sum, i) => exactLog(sum + smoothing) - exactLog(totals[i % classes] + smoothing * width)),
    intercepts: classRows.map((one) => exactLog(one) - exactLog(rows)),
  };
}

/**
 * Nearest centroid: the class whose mean is nearest. |x - c|² is |x|² - 2 c·x + |c|², so the nearest has the largest
 * c·x - |c|² / 2. By the angle: the mean's length becomes 1, and there is nothing to take off.
 */
export function centroids(examples: Examples, distance: "euclidean" | "cosine"): Linear {
  const { classes } = examples;
  const { sums, weights } = sumsByClass(examples);
  const means = sums.map((sum, i) => sum / weights[i % classes]);
  const squares = new Float64Array(classes);
  for (let i = 0; i < means.length; i++) squares[i % classes] += means[i] ** 2;
  if (distance === "euclidean") return { weights: means, intercepts: squares.map((square) => -square / 2) };
  const lengths = squares.map((square) => (square === 0 ? 1 : Math.sqrt(square)));
  return { weights: means.map((value, i) => value / lengths[i % classes]), intercepts: new Float64Array(classes) };
}

/** Sums of the features of each class, `[width, classes]`, and the weight of its rows. */
function sumsByClass({ features, targets, classes, classWeights }: Examples) {
  const { values, columns, offsets, width } = features;
  const sums = new Float64Array(width * classes);
  const weights = new Float64Array(classes);
  for (const [row, target] of targets.entries()) {
    const weight = classWeights === null ? 1 : classWeights[target];
    weights[target] += weight;
    for (let at = offsets[row]; at < offsets[row + 1]; at++)
      sums[columns[at] * classes + target] += weight * values[at];
  }
  return { sums, weights };
}
