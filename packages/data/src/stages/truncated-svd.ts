import { dataset, defineEstimator } from "@seqloom/core";
import { z } from "zod";
import { describeFactors, factorParams, learnFactors, project } from "../factors/state.js";

/**
 * Brings rows of many features to a few numbers, U Σ of the singular value decomposition. Unlike PCA it takes no mean off;
 * of counted words it is latent semantic analysis (Deerwester et al. 1990).
 */
export const truncatedSvd = defineEstimator({
  id: "data/truncated-svd",
  version: 1,
  description: "Brings many features to a few numbers, U Σ of the singular value decomposition; no mean is taken off.",
  seeded: true,
  input: dataset({}, { oneOf: [{ features: "sparse" }, { vector: "vector" }] }),
  output: dataset({ vector: "vector" }),
  state: "matrix",
  params: z.strictObject(factorParams),
  examples: [
    {
      with: { components: 1 },
      in: [{ vector: [3, 4] }, { vector: [6, 8] }],
      out: [{ vector: [5] }, { vector: [10] }],
    },
  ],
  fit: (train, params, context) => learnFactors(train, params, false, context),
  apply: (batch, state) => batch.with({ vector: project(batch, state, false) }),
  describe: (state) => describeFactors(state, false),
});
