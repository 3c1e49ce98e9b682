import { fail, type ParamProblem } from "@seqloom/core";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { Activation } from "./activations.js";
import type { Device } from "./device.js";
import { type Flow, shapeText } from "./layers/layer.js";
import type { Network } from "./network.js";

/** The losses that a classifier can be trained with, by Keras' names. */
export const lossNames = ["sparse_categorical_crossentropy", "binary_crossentropy"] as const;

/** The name of a loss. */
export type LossName = (typeof lossNames)[number];

/** The schema of a loss: `auto` takes the one that belongs to the last layer. */
export const lossSchema = z.enum(["auto", ...lossNames]);

/** A loss, with what turns the network's outputs into probabilities. */
export interface Objective {
  readonly name: LossName;
  /** The loss of each row, `[batch]`, differentiable, times the row's weight where there are weights. */
  losses(device: Device, logits: Tensor, targets: Int32Array, weights: Float32Array | null): Tensor1D;
  /** `[batch, classes]`. */
  probabilities(device: Device, logits: Tensor): Tensor2D;
  /** The most likely class of a row of logits; of equals the first. */
  classOf(logits: ArrayLike<number>, row: number): number;
}

const HEADS: Readonly<Record<LossName, Activation>> = {
  sparse_categorical_crossentropy: "softmax",
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
 * @throws DiagnosticError when the last layer does not fit the loss or the number of classes.
 */
export function objectiveOf(
  loss: z.output<typeof lossSchema>,
  network: Network,
  classes: readonly string[],
): Objective {
  const [problem] = lossProblems(loss, network.head, network.layers.length - 1);
  if (problem !== undefined) throw fail("model-loss", problem.message, { hint: problem.hint! });
  const name = loss === "auto" ? lossFor(network.head)! : loss;
  checkOutput(name, network.output, network.layers.length - 1, classes);
  return name === "binary_crossentropy" ? binary : categorical(classes.length);
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
  });
}

function categorical(classes: number): Objective {
  return {
    name: "sparse_categorical_crossentropy",
    losses: ({ tf, ops }, logits, targets, weights) => {
      const labels = tf.tensor1d(targets, "int32");
      return weights === null
        ? ops.softmaxCrossEntropy(logits as Tensor2D, labels)
        : ops.softmaxCrossEntropy(logits as Tensor2D, labels, tf.tensor1d(weights, "float32"));
    },
    probabilities: ({ tf }, logits) => tf.softmax(logits as Tensor2D),
    classOf(logits, row) {
      let best = 0;
      for (let i = 1; i < classes; i++) if (logits[row * classes + i] > logits[row * classes + best]) best = i;
      return best;
    },
  };
}

const binary: Objective = {
  name: "binary_crossentropy",
  losses: ({ tf, ops }, logits, targets, weights) => {
    const wanted = tf.tensor1d(Float32Array.from(targets), "float32");
    const losses = ops.sigmoidCrossEntropy(tf.reshape(logits, [-1]), wanted) as Tensor1D;
    return weights === null ? losses : tf.mul(losses, tf.tensor1d(weights, "float32"));
  },
  probabilities: ({ tf }, logits) => {
    const second = tf.reshape(tf.sigmoid(logits), [-1, 1]) as Tensor2D;
    return tf.concat([tf.sub(1, second), second] as Tensor2D[], 1);
  },
  // Sigmoid above 0.5.
  classOf: (logits, row) => (logits[row] > 0 ? 1 : 0),
};
