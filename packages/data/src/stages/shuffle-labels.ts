import { dataset, defineStage } from "@seqloom/core";
import { z } from "zod";

const SPLITS = ["train", "validation", "test"] as const;

/** Hands the labels of rows out anew, at random: what a model still learns from these rows, it does not know from them. */
export const shuffleLabels = defineStage({
  id: "data/shuffle-labels",
  version: 1,
  description: "Hands labels out anew at random, within each split: what is reached then is chance.",
  seeded: true,
  params: z.strictObject({
    splits: z
      .array(z.enum(SPLITS))
      .min(1)
      .default(["train", "validation"])
      .describe("The splits whose labels are shuffled, each within itself; test keeps its own, to measure with"),
  }),
  inputs: { data: dataset({ label: "label" }, { optional: { split: "label" } }) },
  outputs: { data: dataset({ label: "label" }) },
  keepsColumns: true,
  inference: "skip",
  examples: [{ title: "the same labels, for other rows" }],
  run: ({ data }, { splits }, context) => {
    const { dictionary, indices } = data.column("label");
    const shuffled = indices.slice();
    for (const split of SPLITS) {
      if (!splits.includes(split)) continue;
      const rows = data.rowsOfSplit(split);
      const order = context.random.fork(split).permutation(rows.length);
      for (const [place, row] of rows.entries()) shuffled[row] = indices[rows[order[place]]];
    }
    return { data: data.with<{ label: "label" }>({ label: { type: "label", dictionary, indices: shuffled } }) };
  },
});
