import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { Device } from "./device.js";
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

/** Whether any weight of a network has a cost of its own. */
export function isRegularized(network: Network): boolean {
  return network.layers.some(({ weights }) => weights.some(({ regularizer }) => regularizerOf(regularizer ?? null)));
}

/** What all weights of a network cost together, differentiable by them; null where none costs anything. Call it in a tidy scope. */
export function penaltyOf({ tf, ops }: Device, network: Network, weights: ReadonlyMap<string, Tensor>): Scalar | null {
  const costs: Scalar[] = [];
  for (const layer of network.layers) {
    for (const { name, regularizer } of layer.weights) {
      const cost = regularizerOf(regularizer ?? null);
      if (cost !== null) costs.push(ops.weightPenalty(weights.get(`${layer.name}/${name}`)!, cost.l1, cost.l2));
    }
  }
  return costs.length === 0 ? null : (tf.addN(costs) as Scalar);
}
