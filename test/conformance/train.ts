import { hashSeed, type Json, type Model, Random, rootSeed, type StageContext } from "@seqloom/core";
import { openDevice, train } from "@seqloom/models";
import * as tf from "@tensorflow/tfjs-core";
import { testContext } from "../support/context.js";
import { type DataSpec, datasetOf, sizesOf } from "./data.js";

/** A model to train for three steps, as YAML has it. */
export interface Scenario {
  readonly name: string;
  readonly data: DataSpec;
  readonly layers: readonly Json[];
  /** Other parameters of models/train. */
  readonly with?: Readonly<Record<string, Json>>;
  /** Its gradients are also compared with finite differences. */
  readonly gradients?: boolean;
}

/** What three steps gave. */
export interface Outcome {
  /** The loss of each step. */
  readonly losses: readonly number[];
  readonly weights: Model["weights"];
  /** Tensors that are left. */
  readonly leaked: number;
}

/** Steps of each scenario: an epoch of one batch each, so that the history has the loss of every step. */
const STEPS = 3;

/**
 * Not Keras' defaults: where a gradient is nothing but rounding errors, Adam with a tiny epsilon would make steps of full
 * length of them, in directions that mean nothing.
 */
const ADAM: Json = { adam: { learning_rate: 0.01, epsilon: 0.001 } };

/** Parameters of models/train for a scenario. */
export function paramsOf(scenario: Scenario): ReturnType<typeof train.params.parse> {
  return train.params.parse({
    layers: scenario.layers,
    optimizer: ADAM,
    epochs: STEPS,
    batch_size: 1000,
    shuffle: false,
    ...scenario.with,
  });
}

/** Trains a scenario on a backend. Weights, data and dropout come from fixed seeds. */
export async function trainOn(device: string, scenario: Scenario): Promise<Outcome> {
  await openDevice(device);
  const before = tf.memory().numTensors;
  const random = new Random(hashSeed(rootSeed(1), "model"));
  const context: StageContext = testContext({ stage: "model", random, device });
  const { config, weights } = await train.fit(datasetOf(sizesOf(scenario.data)) as never, paramsOf(scenario), context);
  const { history } = config as { history: { loss: number[] } };
  return { losses: history.loss, weights, leaked: tf.memory().numTensors - before };
}

/** How far two runs are apart: absolute up to 1, relative above. Infinite where one is not finite or something is missing. */
export function apart(left: ArrayLike<number>, right: ArrayLike<number>): number {
  if (left.length !== right.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < left.length; i++) {
    const difference = Math.abs(left[i] - right[i]) / Math.max(1, Math.abs(right[i]));
    largest = Math.max(largest, Number.isFinite(difference) ? difference : Number.POSITIVE_INFINITY);
  }
  return largest;
}

/** The largest difference of any weight. */
export function weightsApart(left: Outcome, right: Outcome): number {
  if (left.weights.size !== right.weights.size) return Number.POSITIVE_INFINITY;
  return Math.max(
    0,
    ...[...right.weights].map(([name, { values }]) => apart(left.weights.get(name)?.values ?? [], values)),
  );
}
