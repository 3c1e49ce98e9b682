import { fail, type ParamProblem } from "@seqloom/core";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { Activation } from "./activations.js";
import type { Device } from "./device.js";
import { type Flow, shapeText } from "./layers/layer.js";
import type { Network } from "./network.js";
import type { Targets } from "./training/targets.js";

/** The losses that a classifier can be trained with, by Keras' names. The first two are the same: labels are class names. */
export const lossNames = [
  "sparse_categorical_crossentropy",
  "categorical_crossentropy",
  "binary_crossentropy",
] as const;

/** The name of a loss. */
export type LossName = (typeof lossNames)[number];

/** The schema of a loss: `auto` takes the one that belongs to the last layer. */
export const lossSchema = z.enum(["auto", ...lossNames]);

/** The names of the metrics that training shows. */
export type MetricName = "accuracy" | "mae" | "error_rate";

/** A loss, and the metric that is shown beside it. */
export interface Objective {
  /** The name of the metric in curves and reports. */
  readonly metric: MetricName;
  /** The loss of each row, `[batch]`, or of each {@link items | item}, differentiable, times its weight where there are weights. */
  losses(device: Device, outputs: Tensor, targets: Targets, weights: Float32Array | null): Tensor1D;
  /** What the metric is measured on, where that is not the outputs themselves. */
  shown?(device: Device, outputs: Tensor, targets: Targets): Tensor;
  /** Where a row is several items, such as tokens: what each of them counts, by the weights of the rows. */
  items?(targets: Targets, weights: Float32Array | null): Float32Array | null;
  /** The metric of one row, or item, of what is shown. */
  measure(outputs: ArrayLike<number>, targets: Targets, row: number): number;
}

/** A loss of a classifier, with what turns the network's outputs into probabilities. */
export interface Classifier extends Objective {
  readonly name: LossName;
  /** `[batch, classes]`. */
  probabilities(device: Device, logits: Tensor): Tensor2D;
  /** The most likely class of a row of logits; of equals the first. */
  classOf(logits: ArrayLike<number>, row: number): number;
}

const HEADS: Readonly<Record<LossName, Activation>> = {
  sparse_categorical_crossentropy: "softmax",
  categorical_crossentropy: "softmax",
  binary_crossentropy: "sigmoid",
};

/** The loss that belongs to an activation of the last layer. */
function lossFor(head: Activation): LossName | undefined {
  return lossNames.find((name) => HEADS[name] === head);
}

/** What is wrong with a loss over this last layer: known before there is any data. */
export function lossProblems(loss: z.output<typeof lossSchema>, head: Activation, last: number): ParamProblem[] {
  const hint =
    "A classifier ends in `dense: {units: <classes>, activation: softmax}`; for two classes also units 1, sigmoid.";
  if (loss === "auto") {
    if (lossFor(head) !== undefined) return [];
    return [{ path: ["layers", last], message: `no loss belongs to a last layer with activation ${head}`, hint }];
  }
  if (HEADS[loss] === head) return [];
  const message = `${loss} needs a last layer with activation ${HEADS[loss]}, this one has ${head}`;
  return [{ path: ["layers", last], message, hint }];
}

/**
 * The loss to train a network with.
 * @param labelSmoothing share of each target that is spread over all classes
 * @throws DiagnosticError when the last layer does not fit the loss or the number of classes.
 */
export function objectiveOf(
  loss: z.output<typeof lossSchema>,
  network: Network,
  classes: readonly string[],
  labelSmoothing = 0,
): Classifier {
  const [problem] = lossProblems(loss, network.head, network.layers.length - 1);
  if (problem !== undefined) throw fail("model-loss", problem.message, { hint: problem.hint! });
  const name = loss === "auto" ? lossFor(network.head)! : loss;
  checkOutput(name, network.output, network.layers.length - 1, classes);
  return name === "binary_crossentropy" ? binary(labelSmoothing) : categorical(name, classes.length, labelSmoothing);
}

function checkOutput(loss: LossName, output: Flow, last: number, classes: readonly string[]): void {
  const wanted = loss === "binary_crossentropy" ? 1 : classes.length;
  const [units] = output.shape;
  if (output.shape.length === 1 && units === wanted && (wanted > 1 || classes.length === 2)) return;
  const shown = classes.slice(0, 8).join(", ") + (classes.length > 8 ? ", …" : "");
  const labels = `the train rows have ${classes.length} class${classes.length === 1 ? "" : "es"} (${shown})`;
  if (output.shape.length !== 1) {
    throw fail("layer-shape", `layers[${last}] gives ${shapeText(output.shape)} where a class per row is wanted`, {
      hint: "Leave out `return_sequences` of the last lstm, or put flatten or global_average_pooling_1d before the last layer.",
      param: ["layers", last],
    });
  }
  const hint =
    classes.length < 2
      ? "There is nothing to learn: check the label column and the split."
      : loss === "binary_crossentropy" && classes.length > 2
        ? `Use \`dense: {units: ${classes.length}, activation: softmax}\`.`
        : `Set units: ${wanted}.`;
  throw fail("classes-units", `layers[${last}] gives ${units} number${units === 1 ? "" : "s"} per row; ${labels}`, {
    hint,
    param: ["layers", last],
  });
}

function categorical(name: LossName, classes: number, labelSmoothing: number): Classifier {
  const classOf = (logits: ArrayLike<number>, row: number): number => {
    let best = 0;
    for (let i = 1; i < classes; i++) if (logits[row * classes + i] > logits[row * classes + best]) best = i;
    return best;
  };
  return {
    name,
    metric: "accuracy",
    losses: ({ tf, ops }, logits, targets, weights) => {
      const labels = tf.tensor1d(targets.values, "int32");
      const given = weights === null ? undefined : tf.tensor1d(weights, "float32");
      return ops.softmaxCrossEntropy(logits as Tensor2D, labels, given, { labelSmoothing });
    },
    measure: (logits, targets, row) => (classOf(logits, row) === targets.values[row] ? 1 : 0),
    probabilities: ({ tf }, logits) => tf.softmax(logits as Tensor2D),
    classOf,
  };
}

function binary(labelSmoothing: number): Classifier {
  // Sigmoid above 0.5.
  const classOf = (logits: ArrayLike<number>, row: number): number => (logits[row] > 0 ? 1 : 0);
  return {
    name: "binary_crossentropy",
    metric: "accuracy",
    losses: ({ tf, ops }, logits, targets, weights) => {
      const wanted = tf.tensor1d(Float32Array.from(targets.values), "float32");
      const given = weights === null ? undefined : tf.tensor1d(weights, "float32");
      return ops.sigmoidCrossEntropy(tf.reshape(logits, [-1]) as Tensor1D, wanted, given, { labelSmoothing });
    },
    measure: (logits, targets, row) => (classOf(logits, row) === targets.values[row] ? 1 : 0),
    probabilities: ({ tf }, logits) => {
      const second = tf.reshape(tf.sigmoid(logits), [-1, 1]) as Tensor2D;
      return tf.concat([tf.sub(1, second), second] as Tensor2D[], 1);
    },
    classOf,
  };
}
