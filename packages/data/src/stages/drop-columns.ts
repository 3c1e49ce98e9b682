import { type Dataset, dataset, defineStage, didYouMean, fail } from "@seqloom/core";
import { z } from "zod";

/** Leaves columns out, such as sounds once their spectra are there: what follows carries and keeps less. */
export const dropColumns = defineStage({
  id: "data/drop-columns",
  version: 1,
  description: "Leaves columns out, such as sounds once their spectra are there: what follows carries less.",
  params: z.strictObject({
    columns: z.array(z.string().min(1)).min(1).describe("Names of the columns"),
  }),
  inputs: { data: dataset({}) },
  outputs: { data: dataset({}) },
  keepsColumns: true,
  dropsColumns: ({ columns }) => columns,
  examples: [
    {
      with: { columns: ["tokens"] },
      in: [{ text: "a cast", tokens: ["a", "cast"] }],
      out: [{ text: "a cast" }],
    },
  ],
  run: ({ data }, { columns }) => {
    const missing = columns.find((name) => !data.has(name));
    if (missing !== undefined) {
      const names = [...data.columns.keys()];
      throw fail("column-missing", `there is no column "${missing}" to leave out`, {
        hint: didYouMean(missing, names, "column"),
      });
    }
    return { data: (data as Dataset).without(...columns) };
  },
});
