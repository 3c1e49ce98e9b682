import { dataset, defineEstimator, fail } from "@seqloom/core";
import { z } from "zod";
import { countIds, named, rowsOfForms } from "../counts.js";
import { describeVocabulary, encodeTokens, TokenCounts, vocabularyOf } from "../vocabulary.js";

/** Learns the vocabulary of the train rows, and counts its words in each row. */
export const bagOfWords = defineEstimator({
  id: "text/bag-of-words",
  version: 1,
  description: "Learns the vocabulary of the train rows, and counts its words in each row.",
  input: dataset({ tokens: "tokens" }),
  output: dataset({ features: "sparse" }),
  state: "vocabulary",
  params: z.strictObject({
    value: z
      .enum(["count", "present"])
      .default("count")
      .describe("count: how often the word occurs in the row; present: 1 where it does"),
    min_count: z.int().min(1).default(1).describe("Words that occur less often in the train rows are left out"),
    min_rows: z.int().min(1).default(1).describe("Words that occur in fewer train rows are left out"),
    max_size: z
      .int()
      .min(1)
      .nullable()
      .default(null)
      .describe("Most words: the most frequent ones stay; null for no limit"),
    order: z
      .enum(["alphabet", "frequency"])
      .default("alphabet")
      .describe("Order of the features: by code unit, or most frequent words first"),
  }),
  examples: [
    {
      in: [{ tokens: ["chrysler", "plans", "new", "plans"] }, { tokens: ["mexico", "plans"] }],
      out: [
        {
          features: [
            ["chrysler", 1],
            ["new", 1],
            ["plans", 2],
          ],
        },
        {
          features: [
            ["mexico", 1],
            ["plans", 1],
          ],
        },
      ],
    },
    {
      title: "only train rows are learned from",
      with: { value: "present" },
      in: [
        { tokens: ["a", "film", "a"], split: "train" },
        { tokens: ["a", "play"], split: "test" },
      ],
      out: [
        {
          features: [
            ["a", 1],
            ["film", 1],
          ],
        },
        { features: [["a", 1]] },
      ],
    },
  ],
  fold: async (chunks, { min_rows, ...params }) => {
    const counts = new TokenCounts();
    const rowsWith = new Map<string, number>();
    for await (const chunk of chunks) {
      const column = chunk.column("tokens");
      counts.add(column);
      if (min_rows === 1) continue;
      for (const [form, rows] of rowsOfForms(column).entries()) {
        const word = column.dictionary[form];
        rowsWith.set(word, (rowsWith.get(word) ?? 0) + rows);
      }
    }
    for (const [word, rows] of rowsWith) if (rows < min_rows) counts.words.delete(word);
    const { tokens, rows: total } = counts;
    const vocabulary = vocabularyOf(counts, { ...params, pad: null, unknown: null });
    if (vocabulary.tokens.length > 0) return vocabulary;
    throw fail(
      "empty-vocabulary",
      tokens === 0
        ? `the vocabulary would be empty: the ${total} train rows hold no tokens`
        : `the vocabulary would be empty: none of the ${tokens} train tokens is a word that occurs ${params.min_count} times, in ${min_rows} rows`,
      { hint: tokens === 0 ? NO_TOKENS : "Lower min_count or min_rows." },
    );
  },
  apply: (batch, vocabulary, { value }) => {
    const ids = encodeTokens(batch.column("tokens"), vocabulary);
    return batch.with({ features: named(countIds(ids, value), vocabulary.tokens) });
  },
  describe: describeVocabulary,
});

const NO_TOKENS =
  "Look at what the stages before leave of the text, and at the split: only rows of `train` are learned from.";
