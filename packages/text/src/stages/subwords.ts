import { dataset, defineEstimator, fail } from "@seqloom/core";
import { z } from "zod";
import { BYTE_CHARACTERS, byteLevelWords, toByteCharacters } from "../subwords/byte-level.js";
import { encodeSubwords, filesOf, tokenizerOf } from "../subwords/columns.js";
import { SPACE, SPACED_WORD } from "../subwords/subwords.js";
import { byteLevelJson, unigramJson } from "../subwords/tokenizer-json.js";
import { trainBpe } from "../subwords/train-bpe.js";
import { trainUnigram } from "../subwords/train-unigram.js";

/** Characters of a word that are learned from at once: a text may be one word. */
const LONGEST = 128;

/** Learns subwords of the train rows, and cuts text into them: tokens, and their ids. The state is a `tokenizer.json`. */
export const subwords = defineEstimator({
  id: "text/subwords",
  version: 1,
  description:
    "Learns subwords of the train rows, byte-level BPE or a unigram model, and cuts text into them and their ids.",
  usesUnicodeTables: true,
  input: dataset({ text: "utf8" }),
  output: dataset({ tokens: "tokens", ids: "ids" }),
  state: "files",
  params: z.strictObject({
    algorithm: z
      .enum(["bpe", "unigram"])
      .default("bpe")
      .describe(
        "bpe: frequent pairs of bytes are merged, as in GPT-2. unigram: the most likely pieces, as in SentencePiece. Both spell any text",
      ),
    size: z.int().min(260).default(8000).describe("Ids at most: special tokens, 256 bytes and subwords"),
    min_count: z.int().min(1).default(2).describe("How often a pair must occur to be merged; of bpe"),
    pad: z.string().min(1).default("<pad>").describe("The token that fills short sequences: id 0"),
    unknown: z
      .string()
      .min(1)
      .default("<unk>")
      .describe("A token of unigram models, id 1, that files of this form must have; no text gives it"),
    specials: z
      .array(z.string().min(1))
      .default([])
      .describe("More tokens that are never cut and have the ids after these, such as <s> and </s>"),
  }),
  check: (params) => {
    const all = specialsOf(params);
    return new Set(all).size === all.length
      ? []
      : [
          {
            path: ["specials"],
            message: "a special token is named twice",
            hint: "pad and unknown are special tokens, too.",
          },
        ];
  },
  examples: [
    {
      with: { size: 262 },
      in: [{ text: "low lower lowest" }, { text: "low, slow" }],
      out: [
        { tokens: ["low", "Ġlowe", "r", "Ġlowe", "s", "t"], ids: [258, 260, 115, 260, 116, 117] },
        { tokens: ["low", ",", "Ġ", "s", "low"], ids: [258, 45, 33, 116, 258] },
      ],
    },
  ],
  fold: async (chunks, params, context) => {
    const counts = new Map<string, number>();
    const wordsOf = params.algorithm === "bpe" ? byteLevelWords : spacedWords;
    for await (const chunk of chunks) {
      for (const text of chunk.column("text").values) {
        for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
      }
      context.signal.throwIfAborted();
    }
    if (counts.size === 0)
      throw fail("empty-vocabulary", "the train rows hold no text to learn subwords from", { hint: NO_TEXT });
    const specials = specialsOf(params);
    const room = params.size - specials.length;
    const watch = () => context.signal.throwIfAborted();
    if (room < 256)
      throw fail(
        "vocabulary-size",
        `size ${params.size} has no room for 256 bytes and ${specials.length} special tokens`,
        { hint: "Raise size." },
      );
    if (params.algorithm === "bpe") {
      const words = sliced(counts, toByteCharacters);
      return filesOf(byteLevelJson(specials, trainBpe(words, BYTE_CHARACTERS, room, params.min_count, watch)));
    }
    const pieces = trainUnigram(
      sliced(counts, (word) => word),
      Math.max(room - 256, 1),
      watch,
    );
    return filesOf(unigramJson(specials, params.unknown, pieces));
  },
  apply: async (batch, state, _, context) =>
    batch.with(encodeSubwords(batch.column("text").values, await tokenizerOf(state), context)),
});

function specialsOf({
  algorithm,
  pad,
  unknown,
  specials,
}: {
  algorithm: string;
  pad: string;
  unknown: string;
  specials: readonly string[];
}): string[] {
  return [pad, ...(algorithm === "unigram" ? [unknown] : []), ...specials];
}

const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const PATTERN = new RegExp(SPACED_WORD, "gu");

function spacedWords(text: string): readonly string[] {
  return text.replace(LONE, "\ufffd").replaceAll(" ", SPACE).match(PATTERN) ?? [];
}

/** The words with their counts, spelled as the model spells them, long ones in parts. */
function sliced(counts: ReadonlyMap<string, number>, spell: (word: string) => string): Map<string, number> {
  const words = new Map<string, number>();
  for (const [word, count] of counts) {
    const characters = Array.from(spell(word));
    for (let at = 0; at < characters.length; at += LONGEST) {
      const part = characters.slice(at, at + LONGEST).join("");
      words.set(part, (words.get(part) ?? 0) + count);
    }
  }
  return words;
}

const NO_TEXT =
  "Look at what the stages before leave of the text, and at the split: only rows of `train` are learned from.";
