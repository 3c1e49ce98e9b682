import type { Json } from "@seqloom/core";
import type { DataSpec } from "../data.js";
import type { Scenario } from "../train.js";

/** The last layer of a classifier of three classes. */
export const CLASSIFY: Json = { dense: { units: 3, activation: "softmax" } };

/** A vector per id, large enough that a mistake shows. */
export const EMBED: Json = { embedding: { units: 5, embeddings_initializer: "glorot_uniform" } };

/** The same; id 0 is masked. */
export const EMBED_MASKED: Json = {
  embedding: { units: 5, embeddings_initializer: "glorot_uniform", mask_zero: true },
};

/** Stands before a layer without weights, so that the gradient which that hands back arrives somewhere. */
export const MIX: Json = { dense: { units: 4, activation: "tanh" } };

type More = Pick<Scenario, "with" | "gradients">;

/** Its gradients are also compared with finite differences. */
export const GRADIENTS: More = { gradients: true };

function over(input: DataSpec["input"]) {
  return (name: string, layers: readonly Json[], data: Omit<DataSpec, "input"> = {}, more: More = {}): Scenario => ({
    name,
    data: { input, ...data },
    layers,
    ...more,
  });
}

/** A scenario over padded ids. */
export const ids = over("ids");
/** A scenario over series of numbers. */
export const series = over("series");
/** A scenario over vectors. */
export const vector = over("vector");
