import { dataset, defineEstimator, fail } from "@seqloom/core";
import { z } from "zod";
import { describeVocabulary, encodeTokens, TokenCounts, vocabularyOf } from "../vocabulary.js";

/**
 * Learns the vocabulary of the train rows and turns tokens into ids: `pad` is 0, `unknown` 1, then the words.
 * Other data get the same ids from text/encode-with and the state of this stage.
 */
export const encode = defineEstimator({
  id: "text/encode",
  version: 2,
  description: "Learns the vocabulary of the train rows, and turns tokens into its ids.",
  input: dataset({ tokens: "tokens" }),
  output: dataset({ ids: "ids" }),
  state: "vocabulary",
  params: z.strictObject({
    max_size: z
      .int()
      .min(1)
      .nullable()
      .default(null)
      .describe("Most ids, pad and unknown counted in: the most frequent words stay; null for no limit"),
    min_count: z.int().min(1).default(1).describe("Words that occur less often in the train rows are left out"),
    order: z
      .enum(["frequency", "alphabet"])
      .default("frequency")
      .describe("Order of the ids: most frequent words first (ties by code unit), or by code unit alone"),
    pad: z
      .string()
      .min(1)
      .nullable()
      .default("<pad>")
      .describe(
        "The token that fills short sequences, id 0; null for none. A word of the data that is spelled so is this token",
      ),
    unknown: z
      .string()
      .min(1)
      .nullable()
      .default("<unk>")
      .describe(
        "The token for words that are not in the vocabulary; null leaves such words out. As with pad, the data may hold it",
      ),
  }),
  check: ({ max_size, pad, unknown }) => {
    const specials = Number(pad !== null) + Number(unknown !== null);
    return [
      ...(pad !== null && pad === unknown
        ? [{ path: ["unknown"], message: `pad and unknown are both "${pad}"`, hint: "Give them different tokens." }]
        : []),
      ...(max_size !== null && max_size <= specials
        ? [{ path: ["max_size"], message: `max_size ${max_size} leaves no room for words`, hint: TOO_SMALL }]
        : []),
    ];
  },
  examples: [
    {
      in: [{ tokens: ["a", "great", "cast", "a", "great", "film"] }, { tokens: ["a", "film"] }],
      out: [{ ids: [2, 4, 5, 2, 4, 3] }, { ids: [2, 3] }],
    },
    {
      title: "only train rows are learned from",
      in: [
        { tokens: ["good", "film"], split: "train" },
        { tokens: ["good", "play"], split: "test" },
      ],
      out: [{ ids: [3, 2] }, { ids: [3, 1] }],
    },
    {
      title: "pad and unknown that are in the data",
      with: { pad: "PAD", unknown: "OOV" },
      in: [{ tokens: ["PAD", "a", "OOV"] }, { tokens: ["PAD", "PAD", "a"] }],
      out: [{ ids: [0, 2, 1] }, { ids: [0, 0, 2] }],
    },
    {
      title: "no unknown",
      with: { unknown: null, min_count: 2 },
      in: [{ tokens: ["a", "great", "a", "cast"] }],
      out: [{ ids: [1, 1] }],
    },
  ],
  fold: async (chunks, params) => {
    const counts = new TokenCounts();
    for await (const chunk of chunks) counts.add(chunk.column("tokens"));
    const { tokens, rows } = counts;
    const vocabulary = vocabularyOf(counts, params);
    if (vocabulary.tokens.every((token) => token === params.pad || token === params.unknown)) {
      throw fail(
        "empty-vocabulary",
        tokens === 0
          ? `the vocabulary would be empty: the ${rows} train rows hold no tokens`
          : `the vocabulary would be empty: none of the ${tokens} train tokens is a word that occurs ${params.min_count} times`,
        { hint: tokens === 0 ? NO_TOKENS : "Lower min_count." },
      );
    }
    return vocabulary;
  },
  apply: (batch, vocabulary) => batch.with({ ids: encodeTokens(batch.column("tokens"), vocabulary) }),
  describe: describeVocabulary,
});

const TOO_SMALL = "It counts pad and unknown in: give at least one more than these.";
const NO_TOKENS =
  "Look at what the stages before leave of the text, and at the split: only rows of `train` are learned from.";
