import { type Dataset, fail, type NumberColumn, type ParamProblem, type VectorColumn } from "@seqloom/core";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { type Activation, activate } from "./activations.js";
import type { Device } from "./device.js";
import { shapeText } from "./layers/layer.js";
import type { Objective } from "./losses.js";
import type { Network } from "./network.js";
import type { Targets } from "./training/targets.js";

/** The losses that a network that gives numbers can be trained with, by Keras' names. */
export const regressionLossNames = [
  "mean_squared_error",
  "mean_absolute_error",
  "huber",
  "kl_divergence",
  "categorical_crossentropy",
  "binary_crossentropy",
] as const;

/** The name of a loss of numbers. */
export type RegressionLossName = (typeof regressionLossNames)[number];

/** The schema of a loss of numbers. */
export const regressionLossSchema = z.enum(regressionLossNames);

/** The losses that are fused with the last activation: between distributions, or one probability per number. */
const HEADS: Readonly<Partial<Record<RegressionLossName, Activation>>> = {
  kl_divergence: "softmax",
  categorical_crossentropy: "softmax",
  binary_crossentropy: "sigmoid",
};

/** A loss of numbers, with what turns the network's outputs into predictions. */
export interface Regressor extends Objective {
  /** `[batch, width]`: with the last activation. */
  numbers(device: Device, outputs: Tensor): Tensor2D;
}

/** What is wrong with a loss over this last layer: known before there is any data. */
export function regressionProblems(loss: RegressionLossName, head: Activation, last: number): ParamProblem[] {
  const wanted = HEADS[loss];
  if (wanted === undefined || wanted === head) return [];
  const message = `${loss} needs a last layer with activation ${wanted}, this one has ${head}`;
  return [{ path: ["layers", last], message, hint: `Write \`dense: {units: …, activation: ${wanted}}\` last.` }];
}

/** The numbers per row that a network gives. */
export function widthOf({ output, layers }: Network): number {
  const [width] = output.shape;
  if (output.shape.length === 1 && typeof width === "number") return width;
  throw fail(
    "layer-shape",
    `layers[${layers.length - 1}] gives ${shapeText(output.shape)}, numbers per row are wanted`,
    {
      hint: "Leave out `return_sequences` of the last recurrent layer, or put flatten before the last layer.",
      param: ["layers", layers.length - 1],
    },
  );
}

/** The numbers that rows should give: the column `target` (number), or `targets` (vector). */
export function numbersOf(data: Dataset, which: string): Targets & { readonly kind: "numbers" } {
  const { values, width } = data.has("target", "number")
    ? { values: Float32Array.from((data.column("target") as NumberColumn).values), width: 1 }
    : (data.column("targets") as VectorColumn);
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    throw fail("target-invalid", `${which}row ${Math.floor(wrong / width) + 1} has the target ${values[wrong]}`, {
      hint: "Drop the rows without a target, or fill it in.",
    });
  }
  return { kind: "numbers", values, width };
}

/**
 * The loss to train a network with.
 * @throws DiagnosticError `targets-units` when the network gives more or fewer numbers than there are targets.
 */
export function regressorOf(loss: RegressionLossName, network: Network, width: number, delta: number): Regressor {
  const units = widthOf(network);
  if (units !== width) {
    const last = network.layers.length - 1;
    throw fail("targets-units", `layers[${last}] gives ${units} numbers per row where there are ${width} targets`, {
      hint: `Set units: ${width}.`,
      param: ["layers", last],
    });
  }
  const { head } = network;
  const numbers = ({ tf, ops }: Device, outputs: Tensor): Tensor2D => activate(tf, head, outputs, ops) as Tensor2D;
  return {
    metric: "mae",
    numbers,
    shown: numbers,
    losses: (device, outputs, targets, weights) => {
      const { tf } = device;
      const wanted = tf.tensor2d(targets.values as Float32Array, [targets.values.length / width, width]);
      const given = weights === null ? undefined : tf.tensor1d(weights, "float32");
      return lossOf(loss, delta)(device, outputs as Tensor2D, wanted, given, numbers);
    },
    measure(outputs, targets, row) {
      let sum = 0;
      for (let i = row * width; i < (row + 1) * width; i++) sum += Math.abs(outputs[i] - targets.values[i]);
      return sum / width;
    },
  };
}

type Loss = (
  device: Device,
  outputs: Tensor2D,
  targets: Tensor2D,
  weights: ReturnType<Device["tf"]["tensor1d"]> | undefined,
  numbers: Regressor["numbers"],
) => ReturnType<Objective["losses"]>;

function lossOf(loss: RegressionLossName, delta: number): Loss {
  switch (loss) {
    case "mean_squared_error":
      return (device, y, t, w, numbers) => device.ops.meanSquaredError(numbers(device, y), t, w);
    case "mean_absolute_error":
      return (device, y, t, w, numbers) => device.ops.meanAbsoluteError(numbers(device, y), t, w);
    case "huber":
      return (device, y, t, w, numbers) => device.ops.huber(numbers(device, y), t, w, { delta });
    case "kl_divergence":
      return ({ ops }, y, t, w) => ops.softmaxDivergence(y, t, w);
    case "categorical_crossentropy":
      return ({ ops }, y, t, w) => ops.softmaxCrossEntropy(y, t, w);
    case "binary_crossentropy":
      // The mean over the numbers of a row, as in Keras.
      return ({ tf, ops }, y, t, w) => {
        const means = tf.mean(ops.sigmoidCrossEntropy(y, t), 1);
        return (w === undefined ? means : tf.mul(means, w)) as ReturnType<Objective["losses"]>;
      };
  }
}
