import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { Device } from "./device.js";
import type { BuiltLayer, CallContext } from "./layers/layer.js";
import type { Network } from "./network.js";

/** What large weights cost: l1 Σ|w| + l2 Σw². */
export interface Regularizer {
  readonly l1: number;
  readonly l2: number;
}

const amount = z.number().min(0);

/**
 * The schema of `kernel_regularizer` and its like: `l2` (0.01, as in Keras), `{l2: 0.001}`, `{l1: 0.01, l2: 0.01}`, or null.
 * A layer puts it into its parameters with `.describe("Of the weights")` and hands the value on as `regularizer` of the weight.
 */
export const regularizerSchema = z
  .union([
    z.enum(["l1", "l2", "l1_l2"]),
    z.strictObject({
      l1: amount.default(0).describe("Cost of the sum of the sizes"),
      l2: amount.default(0).describe("Cost of the sum of the squares"),
    }),
  ])
  .nullable()
  .default(null);

/** A parsed {@link regularizerSchema}. */
export type RegularizerParams = z.output<typeof regularizerSchema>;

/** What a parsed regularizer costs; null: nothing. A bare name stands for 0.01, Keras' default. */
export function regularizerOf(params: RegularizerParams): Regularizer | null {
  if (params === null) return null;
  const { l1, l2 } =
    typeof params === "string"
      ? { l1: params === "l2" ? 0 : 0.01, l2: params === "l1" ? 0 : 0.01 }
      : { l1: params.l1, l2: params.l2 };
  return l1 === 0 && l2 === 0 ? null : { l1, l2 };
}

/** The schema of `activity_regularizer`, which outputs have in place of weights. */
export const activityRegularizer = regularizerSchema.describe("What large outputs cost, as a mean over the rows");

/** Adds what the outputs of a layer cost to those of the pass: divided by the rows, as in Keras 2, so that it is a mean over them. */
export function addActivityCost(layer: BuiltLayer, output: Tensor, { device, costs }: CallContext): void {
  const cost = regularizerOf(layer.activity ?? null);
  if (cost === null || costs === undefined) return;
  const { tf, ops } = device;
  costs.push(tf.div(ops.weightPenalty(output, cost.l1, cost.l2), output.shape[0]) as Scalar);
}

/**
 * What all weights of a network and the outputs of this pass cost together, differentiable; null where nothing costs anything.
 * Call it in a tidy scope.
 */
export function penaltyOf(
  { tf, ops }: Device,
  network: Network,
  weights: ReadonlyMap<string, Tensor>,
  outputs: readonly Scalar[] = [],
): Scalar | null {
  const costs = [...outputs];
  for (const layer of network.layers) {
    for (const { name, regularizer } of layer.weights) {
      const cost = regularizerOf(regularizer ?? null);
      if (cost !== null) costs.push(ops.weightPenalty(weights.get(`${layer.name}/${name}`)!, cost.l1, cost.l2));
    }
  }
  return costs.length === 0 ? null : (tf.addN(costs) as Scalar);
}
