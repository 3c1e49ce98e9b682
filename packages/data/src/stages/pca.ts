import { dataset, defineEstimator } from "@seqloom/core";
import { z } from "zod";
import { describeFactors, factorParams, learnFactors, project } from "../factors/state.js";

/** Brings rows of many features to a few numbers: how far they lie along the directions in which the train rows vary most. */
export const pca = defineEstimator({
  id: "data/pca",
  version: 1,
  description: "Brings many features to a few numbers: along the directions in which the train rows vary most (PCA).",
  seeded: true,
  input: dataset({}, { oneOf: [{ features: "sparse" }, { vector: "vector" }] }),
  output: dataset({ vector: "vector" }),
  state: "matrix",
  params: z.strictObject({
    ...factorParams,
    whiten: z.boolean().default(false).describe("Brings each number to variance 1 over the train rows"),
  }),
  examples: [
    {
      with: { components: 1 },
      in: [{ vector: [0, 0] }, { vector: [3, 4] }, { vector: [6, 8] }],
      out: [{ vector: [-5] }, { vector: [0] }, { vector: [5] }],
    },
  ],
  fit: (train, params, context) => learnFactors(train, params, true, context),
  apply: (batch, state, { whiten }) => batch.with({ vector: project(batch, state, whiten) }),
  describe: (state) => describeFactors(state, true),
});
