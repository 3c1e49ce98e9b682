import { dataset, defineMap } from "@seqloom/core";
import { z } from "zod";
import { watcher } from "../rows.js";
import { tokenizeTexts } from "../tokenizers/index.js";

/** Splits text into tokens. The only stage that looks at every character: all after it work on distinct forms. */
export const tokenize = defineMap({
  id: "text/tokenize",
  version: 1,
  description:
    "Splits text into tokens: words, Penn Treebank tokens, tweets, characters, or what stands between spaces.",
  usesUnicodeTables: true,
  input: dataset({ text: "utf8" }),
  output: dataset({ tokens: "tokens" }),
  params: z.strictObject({
    kind: z
      .enum(["words", "treebank", "tweet", "characters", "whitespace"])
      .default("words")
      .describe(
        "words: any script that puts spaces between words. treebank: Penn Treebank's rules (can't → ca n't), one sentence per row. " +
          "tweet: as words, with URLs, @mentions, #hashtags, emoticons and emoji whole. characters: one by one, spaces too. " +
          "whitespace: whatever stands between spaces",
      ),
    punctuation: z
      .enum(["keep", "drop"])
      .default("keep")
      .describe("drop leaves out tokens without a letter, a digit or an emoji (of tweets, emoticons stay too)"),
    unit: z
      .enum(["code_point", "grapheme"])
      .default("code_point")
      .describe("For characters: a Unicode code point, or what a reader sees as one character"),
  }),
  check: ({ kind, punctuation, unit }) => [
    ...(kind === "characters" && punctuation === "drop"
      ? [
          {
            path: ["punctuation"],
            message: 'punctuation: "drop" does not go with kind: "characters"',
            hint: CHARACTERS,
          },
        ]
      : []),
    ...(kind !== "characters" && unit === "grapheme"
      ? [{ path: ["unit"], message: `unit: "grapheme" does not go with kind: "${kind}"`, hint: UNIT }]
      : []),
  ],
  examples: [
    {
      in: [{ text: "A great cast, wonderful film." }, { text: "Don't miss the 3.5-hour version…" }],
      out: [
        { tokens: ["A", "great", "cast", ",", "wonderful", "film", "."] },
        { tokens: ["Don't", "miss", "the", "3.5-hour", "version", "…"] },
      ],
    },
    {
      with: { kind: "words", punctuation: "drop" },
      in: [{ text: "São Tomé (naïve): well-known, isn’t it? 👍🏽" }],
      out: [{ tokens: ["São", "Tomé", "naïve", "well-known", "isn’t", "it", "👍🏽"] }],
    },
    {
      with: { kind: "treebank" },
      in: [{ text: "They'll say \"it can't be done\" (cannot)." }],
      out: [
        { tokens: ["They", "'ll", "say", "``", "it", "ca", "n't", "be", "done", "''", "(", "can", "not", ")", "."] },
      ],
    },
    {
      with: { kind: "tweet" },
      in: [{ text: "@ann soooo good :-) #win <3 https://t.co/x1!" }],
      out: [{ tokens: ["@ann", "soooo", "good", ":-)", "#win", "<3", "https://t.co/x1", "!"] }],
    },
    { with: { kind: "characters" }, in: [{ text: "né 😂" }], out: [{ tokens: ["n", "é", " ", "😂"] }] },
  ],
  apply: (batch, { kind, punctuation, unit }, context) => {
    const texts = batch.column("text").values;
    return batch.with({
      tokens: tokenizeTexts(texts, { kind, punctuation, unit, onRow: watcher(context, texts.length) }),
    });
  },
});

const CHARACTERS = "Take punctuation out of the text first, with text/normalise.";
const UNIT = 'Leave unit out, or set kind: "characters".';
