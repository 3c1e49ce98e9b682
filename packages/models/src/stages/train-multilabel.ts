import { type Dataset, dataset, defineEstimator, fail, type TokensColumn, tokens } from "@seqloom/core";
import { z } from "zod";
import { featuresOf } from "../linear/features.js";
import { fitLabels } from "../linear/fit.js";
import { hitsOf, membershipOf, saidBy, scoresOfHits, totalOf } from "../linear/label-sets.js";
import { describeLinear, linearConfig, linearModel, linearScores } from "../linear/model.js";
import { chooseStrength, searchParams } from "../linear/params.js";
import { scoresOf } from "../linear/scores.js";

/** Trains a linear model for each label: a row may have several, or none. */
export const trainMultilabel = defineEstimator({
  id: "models/train-multilabel",
  version: 1,
  description:
    "Trains a linear model for each label on sparse or dense features: a row may have several labels, or none.",
  isolation: "process",
  input: dataset({ labels: "tokens" }, { oneOf: [{ features: "sparse" }, { vector: "vector" }] }),
  output: dataset({ predicted_labels: "tokens" }),
  state: "model",
  fitOnly: ["labels", "split"],
  params: z.strictObject({
    kind: z
      .enum(["logistic", "svm"])
      .default("svm")
      .describe("svm: support vectors with the squared hinge loss. logistic: logistic regression"),
    min_rows: z.int().min(1).default(1).describe("Labels of fewer train rows are left out: they are never said"),
    at_least_one: z.boolean().default(false).describe("Whether a row that no model wants is given the best label"),
    ...searchParams,
  }),
  examples: [
    {
      with: { regularisation: 0.1 },
      in: [
        {
          labels: ["grain", "wheat"],
          features: [
            ["crop", 1],
            ["wheat", 1],
          ],
        },
        { labels: ["grain"], features: [["crop", 1]] },
        { labels: [], features: [["bank", 1]] },
      ],
      out: [{ predicted_labels: ["grain", "wheat"] }, { predicted_labels: ["grain"] }, { predicted_labels: [] }],
    },
  ],
  fit: (train, params, context) => {
    const column = train.column("labels");
    const labels = frequentLabels(column, params.min_rows);
    if (labels.length === 0) {
      throw fail("labels-none", `none of the ${train.rows} train rows has a label that ${params.min_rows} have`, {
        hint: train.rows === 0 ? "Look at the column split." : "Look at the column labels, or lower min_rows.",
      });
    }
    const features = featuresOf(train as unknown as Dataset);
    const sets = membershipOf(column, labels);
    const { validation } = context;
    const held = validation.rows === 0 ? null : featuresOf(validation);
    const wanted = held && membershipOf(validation.column("labels") as TokensColumn, labels);
    const { fitted, regularisation, tried } = chooseStrength(
      params.regularisation,
      (strength, before) => fitLabels(features, sets, params, strength, before),
      held &&
        ((one) => {
          const said = saidBy(scoresOf(held, one), labels.length, params.at_least_one);
          return scoresOfHits(totalOf(hitsOf(wanted!, said))).f1;
        }),
      context,
    );
    return linearModel(fitted, {
      kind: params.kind,
      classes: labels,
      width: features.width,
      features: features.names ?? null,
      rows: train.rows,
      regularisation,
      tried,
    });
  },
  apply: (batch, model, { at_least_one }) => {
    const { classes } = linearConfig(model);
    const scores = linearScores(model, featuresOf(batch as unknown as Dataset));
    const said = saidBy(scores, classes.length, at_least_one);
    const rows = Array.from({ length: batch.rows }, (_, row) => classes.filter((_, label) => said[label][row] === 1));
    return batch.with({ predicted_labels: tokens(rows) });
  },
  describe: describeLinear,
});

/** The labels of so many rows, by code unit. */
function frequentLabels({ dictionary, indices, offsets }: TokensColumn, minRows: number): string[] {
  const rows = dictionary.map(() => new Set<number>());
  for (let row = 0; row + 1 < offsets.length; row++) {
    for (let at = offsets[row]; at < offsets[row + 1]; at++) rows[indices[at]].add(row);
  }
  return dictionary.filter((_, form) => rows[form].size >= minRows).sort();
}
