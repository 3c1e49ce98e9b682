import { dataset, defineStage, type TokensColumn, value } from "@seqloom/core";
import { z } from "zod";
import { hitsOf, membershipOf, scoresOfHits, totalOf } from "../linear/label-sets.js";
import { rowsOfSplit, splitSchema } from "../rows-of-split.js";

/** Compares sets of labels with those that were predicted. */
export const evaluateMultilabel = defineStage({
  id: "models/evaluate-multilabel",
  version: 1,
  description:
    "Measures predicted sets of labels: micro and macro F1, precision, recall, and rows that are right in all.",
  inputs: { data: dataset({ labels: "tokens", predicted_labels: "tokens" }, { optional: { split: "label" } }) },
  outputs: { metrics: value("metrics") },
  params: z.strictObject({
    split: splitSchema,
    min_rows: z
      .int()
      .min(0)
      .default(1)
      .describe("Labels of fewer rows do not count, neither where they are nor where they are said"),
  }),
  run: ({ data }, { split, min_rows }) => {
    const rows = rowsOfSplit(data, split);
    const actual = rows.column("labels");
    const predicted = rows.column("predicted_labels");
    const names = [...new Set([...usedOf(actual), ...usedOf(predicted)])].sort();
    const sets = membershipOf(actual, names);
    const supports = sets.map((has) => has.reduce((sum, one) => sum + one, 0));
    const labels = names.filter((_, label) => supports[label] >= min_rows);
    const [wanted, said] = [membershipOf(actual, labels), membershipOf(predicted, labels)];
    const hits = hitsOf(wanted, said);
    const scores = hits.map(scoresOfHits);
    const micro = scoresOfHits(totalOf(hits));
    const mean = (name: "precision" | "recall" | "f1"): number =>
      scores.reduce((sum, one) => sum + one[name], 0) / Math.max(scores.length, 1);
    let exact = 0;
    for (let row = 0; row < rows.rows; row++) if (labels.every((_, k) => wanted[k][row] === said[k][row])) exact++;
    return {
      metrics: {
        values: {
          f1_micro: micro.f1,
          precision_micro: micro.precision,
          recall_micro: micro.recall,
          f1_macro: mean("f1"),
          precision_macro: mean("precision"),
          recall_macro: mean("recall"),
          exact_match: exact / rows.rows,
          labels: labels.length,
          rows: rows.rows,
        },
        tables: {
          per_label: {
            columns: ["label", "precision", "recall", "f1", "support"],
            rows: labels.map((name, k) => [
              name,
              scores[k].precision,
              scores[k].recall,
              scores[k].f1,
              hits[k].right + hits[k].missed,
            ]),
          },
        },
      },
    };
  },
});

function usedOf({ dictionary, indices, offsets }: TokensColumn): Set<string> {
  return new Set(Array.from(indices.subarray(offsets[0], offsets.at(-1)), (index) => dictionary[index]));
}
