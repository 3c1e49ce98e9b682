import { fail, type JsonObject, type Metrics, type Model, type SparseColumn } from "@seqloom/core";
import { exactExp } from "../exact-math.js";
import type { FittedLinear, LinearOptions, Link } from "./fit.js";
import { scoresOf } from "./scores.js";
import { softmax } from "./softmax.js";

const FORMAT = "seqloom-linear/1";

/** A strength of the regularisation that was tried, and what the validation rows said of it. */
export interface Tried {
  readonly regularisation: number;
  /** Share of the validation rows that were right, or F1; null where there was nothing to choose. */
  readonly score: number | null;
  readonly loss: number | null;
  readonly iterations: number;
}

/** The `config` of a linear model. */
export interface LinearConfig {
  readonly format: typeof FORMAT;
  readonly kind: LinearOptions["kind"];
  readonly classes: readonly string[];
  readonly link: Link;
  readonly width: number;
  /** Names of the features, where they have any. */
  readonly features: readonly string[] | null;
  readonly rows: number;
  readonly regularisation: number;
  readonly converged: boolean;
  readonly tried: readonly Tried[];
}

/** The model artifact of a fitted linear model. */
export function linearModel(fitted: FittedLinear, config: Omit<LinearConfig, "format" | "link" | "converged">): Model {
  const { weights, intercepts, link, converged } = fitted;
  const { width, classes } = config;
  return {
    config: { format: FORMAT, link, converged, ...config } as unknown as JsonObject,
    weights: new Map([
      ["weights", { dtype: "float64", shape: [width, classes.length], values: weights }],
      ["intercepts", { dtype: "float64", shape: [classes.length], values: intercepts }],
    ]),
  };
}

/**
 * The config of a linear model.
 * @throws DiagnosticError `model-format` when something else made it.
 */
export function linearConfig({ config }: Model): LinearConfig {
  if (config.format === FORMAT) return config as unknown as LinearConfig;
  throw fail("model-format", `this model has format ${JSON.stringify(config.format ?? null)}, expected ${FORMAT}`, {
    hint: "Train it with models/train-linear or models/train-multilabel.",
  });
}

/**
 * The scores of rows, `[rows, classes]`.
 * @throws DiagnosticError `features-width`
 */
export function linearScores(model: Model, features: SparseColumn): Float64Array {
  const { width } = linearConfig(model);
  const rows = features.offsets.length - 1;
  if (rows > 0 && features.width !== width) {
    throw fail("features-width", `the model was trained with ${width} features, received ${features.width}`, {
      hint: "Prepare the data with the same stages, and their fitted states, as for training.",
    });
  }
  return scoresOf(features, {
    weights: model.weights.get("weights")!.values as Float64Array,
    intercepts: model.weights.get("intercepts")!.values as Float64Array,
  });
}

/** Probabilities of scores, `[rows, classes]`; null where the model gives none. Sigmoids of several classes are brought to a sum of 1. */
export function probabilitiesOf(scores: Float64Array, classes: number, link: Link): Float32Array | null {
  if (link === null) return null;
  const probabilities = new Float32Array(scores.length);
  for (let from = 0; from < scores.length; from += classes) {
    const row = scores.slice(from, from + classes);
    if (link === "softmax") softmax(row);
    else {
      const shares = row.map(sigmoid);
      const sum = shares.reduce((total, one) => total + one, 0);
      row.set(shares.map((one) => (sum === 0 ? 1 / classes : one / sum)));
    }
    probabilities.set(row, from);
  }
  return probabilities;
}

function sigmoid(score: number): number {
  const small = exactExp(-Math.abs(score));
  return (score < 0 ? small : 1) / (1 + small);
}

const TELLING = 10;
const SHOWN_CLASSES = 30;

/** What was tried, and the features that say most of each class. */
export function describeLinear(model: Model): Metrics {
  const { tried, regularisation, width, classes, features } = linearConfig(model);
  const { loss, iterations } = tried.find((one) => one.regularisation === regularisation)!;
  const weights = model.weights.get("weights")!.values as Float64Array;
  const places = Array.from({ length: width }, (_, place) => place);
  const telling = classes.slice(0, SHOWN_CLASSES).flatMap((name, k) => {
    const weight = (place: number): number => weights[place * classes.length + k];
    const top = places.toSorted((a, b) => weight(b) - weight(a) || a - b).slice(0, TELLING);
    return top
      .filter((place) => weight(place) !== 0)
      .map((place) => [name, features?.[place] ?? place, weight(place)] as const);
  });
  return {
    values: { features: width, classes: classes.length, regularisation, iterations, ...(loss !== null && { loss }) },
    tables: {
      tried: {
        columns: ["regularisation", "validation score", "loss", "iterations"],
        rows: tried.map((one) => [one.regularisation, one.score, one.loss, one.iterations]),
      },
      "most telling features": { columns: ["class", "feature", "weight"], rows: telling },
    },
  };
}
