import type { SparseColumn } from "@seqloom/core";
import { centroids, type Linear, naiveBayes } from "./counted.js";
import { type Minimum, minimise, type Smooth } from "./minimise.js";
import { againstRest, type Examples, type MarginLoss, multinomial } from "./objectives.js";

/** See the parameters of `models/train-linear`. */
export interface LinearOptions {
  readonly kind: "logistic" | "svm" | "naive_bayes" | "centroid";
  readonly scheme: "multinomial" | "one_vs_rest";
  readonly distance: "euclidean" | "cosine";
  readonly intercept: boolean;
  readonly tolerance: number;
  readonly max_iterations: number;
}

/** How scores become probabilities; null: they do not. */
export type Link = "softmax" | "sigmoid" | null;

/** A linear model, and how it was found. */
export interface FittedLinear extends Linear {
  readonly link: Link;
  /** What was made small, as a mean over the rows (summed over the classes of one against the rest); null where nothing was. */
  readonly loss: number | null;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Fits a linear model of this kind. `before` is called before each step of a search; it may throw to stop. */
export function fitLinear(
  examples: Examples,
  options: LinearOptions,
  regularisation: number,
  before: (iteration: number) => void,
): FittedLinear {
  const { kind, scheme, distance, intercept } = options;
  const counted = { loss: null, iterations: 0, converged: true };
  if (kind === "naive_bayes") return { ...naiveBayes(examples, regularisation), ...counted, link: "softmax" };
  if (kind === "centroid") return { ...centroids(examples, distance), ...counted, link: null };
  const { classes, features } = examples;
  const { width } = features;
  const penalty = { regularisation, intercept };
  const limits = { tolerance: options.tolerance, iterations: options.max_iterations, before };
  const search: Search = (smooth, size) => minimise(smooth, new Float64Array(size), limits);
  if (kind === "logistic" && scheme === "multinomial" && classes > 2) {
    const { x, value, iterations, converged } = search(multinomial(examples, penalty), (width + 1) * classes);
    const [weights, intercepts] = [x.slice(0, width * classes), x.slice(width * classes)];
    return { weights, intercepts, link: "softmax", loss: value, iterations, converged };
  }
  const { targets } = examples;
  // Two classes need one vector: the score of the first class stays 0.
  const own = classes === 2 ? [1] : Array.from({ length: classes }, (_, k) => k);
  const problems = own.map((k) => againstRest(examples, (row) => targets[row] === k, kind, penalty));
  return {
    ...searchEach(problems, own, width, classes, search),
    link: kind === "svm" ? null : classes === 2 ? "softmax" : "sigmoid",
  };
}

/** Fits a model for each label, `sets[label][row]` telling whether the row has it. */
export function fitLabels(
  features: SparseColumn,
  sets: readonly Uint8Array[],
  options: Pick<LinearOptions, "intercept" | "tolerance" | "max_iterations"> & { readonly kind: MarginLoss },
  regularisation: number,
  before: (iteration: number) => void,
): FittedLinear {
  const { width } = features;
  const rows = { features, targets: new Int32Array(features.offsets.length - 1), classWeights: null };
  const problems = sets.map((has) =>
    againstRest(rows, (row) => has[row] === 1, options.kind, { regularisation, intercept: options.intercept }),
  );
  const limits = { tolerance: options.tolerance, iterations: options.max_iterations, before };
  const search: Search = (smooth, size) => minimise(smooth, new Float64Array(size), limits);
  const own = sets.map((_, label) => label);
  return { ...searchEach(problems, own, width, sets.length, search), link: options.kind === "svm" ? null : "sigmoid" };
}

type Search = (smooth: Smooth, size: number) => Minimum;

/** The minimum of each problem becomes the weights of its class. */
function searchEach(
  problems: readonly Smooth[],
  own: readonly number[],
  width: number,
  classes: number,
  search: Search,
): Omit<FittedLinear, "link"> {
  const weights = new Float64Array(width * classes);
  const intercepts = new Float64Array(classes);
  let [loss, iterations, converged] = [0, 0, true];
  for (const [i, problem] of problems.entries()) {
    const found = search(problem, width + 1);
    for (let place = 0; place < width; place++) weights[place * classes + own[i]] = found.x[place];
    intercepts[own[i]] = found.x[width];
    loss += found.value;
    iterations += found.iterations;
    converged &&= found.converged;
  }
  return { weights, intercepts, loss, iterations, converged };
}
