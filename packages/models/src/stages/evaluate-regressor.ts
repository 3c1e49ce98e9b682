import { type Dataset, dataset, defineStage, fail, type VectorColumn, value } from "@seqloom/core";
import { z } from "zod";
import { regressionScores } from "../metrics/index.js";
import { numbersOf } from "../regression.js";
import { rowsOfSplit, splitSchema } from "../rows-of-split.js";
import { sampleWeightsOf } from "../sample-weights.js";

/** Compares predicted numbers with those that were wanted. */
export const evaluateRegressor = defineStage({
  id: "models/evaluate-regressor",
  version: 1,
  description: "Measures predicted numbers: squared and absolute error, and the share of the spread that is explained",
  inputs: {
    data: dataset(
      { predicted: "vector" },
      { oneOf: [{ target: "number" }, { targets: "vector" }], optional: { split: "label", weight: "number" } },
    ),
  },
  outputs: { metrics: value("metrics") },
  params: z.strictObject({
    split: splitSchema,
    sample_weights: z.boolean().default(false).describe("Count each row as often as its column `weight` says"),
  }),
  run({ data }, { split, sample_weights }) {
    const rows = rowsOfSplit(data as unknown as Dataset, split);
    const wanted = numbersOf(rows, "evaluated ");
    const predicted = rows.column("predicted") as VectorColumn;
    if (predicted.width !== wanted.width) {
      const message = `predicted has ${predicted.width} numbers per row where there are ${wanted.width} targets`;
      throw fail("targets-units", message, { hint: "Both must be of the same model." });
    }
    const weights = sample_weights ? sampleWeightsOf(rows, "evaluated ") : undefined;
    const scores = regressionScores(wanted.values, predicted.values, wanted.width, weights);
    return { metrics: { values: { ...scores, rows: rows.rows } } };
  },
});
