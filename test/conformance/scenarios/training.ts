import type { Json } from "@seqloom/core";
import type { Scenario } from "../train.js";
import { CLASSIFY, EMBED_MASKED, ids, MIX, vector } from "./build.js";

const OPTIMIZERS: readonly Json[] = [
  { sgd: { learning_rate: 0.1 } },
  { sgd: { learning_rate: 0.1, momentum: 0.9 } },
  { sgd: { learning_rate: 0.1, momentum: 0.9, nesterov: true } },
  "adam",
  { adam: { learning_rate: 0.01, beta_1: 0.8, beta_2: 0.95 } },
  { adamw: { learning_rate: 0.01, weight_decay: 0.1, epsilon: 0.001 } },
  { nadam: { learning_rate: 0.01, epsilon: 0.001 } },
  { rmsprop: { learning_rate: 0.01, epsilon: 0.001 } },
  { rmsprop: { learning_rate: 0.01, momentum: 0.5, centered: true, epsilon: 0.001 } },
  { adagrad: { learning_rate: 0.1, epsilon: 0.001 } },
];

const SCHEDULES: readonly Json[] = [
  { step: { initial_learning_rate: 0.1, decay_steps: 2 } },
  { exponential: { initial_learning_rate: 0.1, decay_steps: 2, decay_rate: 0.5 } },
  { cosine: { initial_learning_rate: 0.1, warmup_steps: 1 } },
];

function named(optimizer: Json): string {
  return JSON.stringify(optimizer).replaceAll(/["{}]/g, "").replaceAll(/[:,]/g, " ");
}

const LSTM: readonly Json[] = [EMBED_MASKED, { lstm: { units: 5 } }, CLASSIFY];

function lstm(name: string, parameters: Readonly<Record<string, Json>>): Scenario {
  return ids(name, LSTM, { lengths: "post" }, { with: parameters });
}

/** Optimisers, schedules, clipping, penalties, losses and weights of classes and rows. */
export const training: readonly Scenario[] = [
  ...OPTIMIZERS.flatMap((optimizer) => [
    vector(`${named(optimizer)}, dense`, [MIX, CLASSIFY], { rows: 13 }, { with: { optimizer } }),
    lstm(`${named(optimizer)}, lstm`, { optimizer }),
  ]),
  ...SCHEDULES.map((rate) => lstm(`sgd ${named(rate)}`, { optimizer: { sgd: { learning_rate: rate } } })),
  lstm("clip_norm", { clip_norm: 0.1, optimizer: { sgd: { learning_rate: 0.5 } } }),
  lstm("clip_value", { clip_value: 0.02, optimizer: { sgd: { learning_rate: 0.5 } } }),
  vector("penalties l1 and l2", [
    { dense: { units: 4, activation: "tanh", kernel_regularizer: { l1: 0.1, l2: 0.2 }, bias_regularizer: "l2" } },
    { dense: { units: 3, activation: "softmax", kernel_regularizer: "l1" } },
  ]),
  vector(
    "categorical_crossentropy, label_smoothing",
    [MIX, CLASSIFY],
    {},
    {
      with: { loss: "categorical_crossentropy", label_smoothing: 0.2 },
    },
  ),
  vector(
    "binary_crossentropy",
    [MIX, { dense: { units: 1, activation: "sigmoid" } }],
    { classes: 2 },
    {
      with: { loss: "binary_crossentropy" },
    },
  ),
  vector(
    "binary_crossentropy, label_smoothing",
    [MIX, { dense: { units: 1, activation: "sigmoid" } }],
    { classes: 2 },
    {
      with: { label_smoothing: 0.1 },
    },
  ),
  vector("balanced class_weights", [MIX, CLASSIFY], { rows: 10 }, { with: { class_weights: "balanced" } }),
  vector("sample_weights", [MIX, CLASSIFY], { rows: 10, weights: true }, { with: { sample_weights: true } }),
  vector(
    "class_weights, sample_weights, binary",
    [MIX, { dense: { units: 1, activation: "sigmoid" } }],
    {
      rows: 10,
      classes: 2,
      weights: true,
    },
    { with: { sample_weights: true, class_weights: "balanced" } },
  ),
];
