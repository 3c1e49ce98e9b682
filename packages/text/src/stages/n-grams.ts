import { dataset, defineMap } from "@seqloom/core";
import { z } from "zod";
import { nGramsOf } from "../n-grams.js";
import { watcher } from "../rows.js";

const length = z.int().min(1).max(16);

/** Replaces tokens by the runs of neighbouring tokens: of words, or of characters where these are the tokens. */
export const nGrams = defineMap({
  id: "text/n-grams",
  version: 1,
  description: "Replaces tokens by runs of neighbouring tokens: n-grams of words, or of characters.",
  input: dataset({ tokens: "tokens" }),
  output: dataset({ tokens: "tokens" }),
  params: z.strictObject({
    shortest: length.default(1).describe("Fewest tokens of a run; 1 keeps the tokens themselves"),
    longest: length.default(2).describe("Most tokens of a run"),
    separator: z.string().default(" ").describe('What stands between the tokens of a run: "" for characters'),
  }),
  check: ({ shortest, longest }) =>
    shortest <= longest
      ? []
      : [
          {
            path: ["longest"],
            message: `longest ${longest} is less than shortest ${shortest}`,
            hint: `Write longest: ${shortest} or more.`,
          },
        ],
  examples: [
    {
      in: [{ tokens: ["not", "a", "good", "film"] }, { tokens: ["film"] }],
      out: [{ tokens: ["not", "a", "good", "film", "not a", "a good", "good film"] }, { tokens: ["film"] }],
    },
    {
      title: "trigrams of characters",
      with: { shortest: 3, longest: 3, separator: "" },
      in: [{ tokens: ["n", "a", "n", "a", "n"] }, { tokens: ["n", "o"] }],
      out: [{ tokens: ["nan", "ana", "nan"] }, { tokens: [] }],
    },
  ],
  apply: (batch, params, context) =>
    batch.with({ tokens: nGramsOf(batch.column("tokens"), params, watcher(context, batch.rows)) }),
});
