import { Collector, dataset, defineMap } from "@seqloom/core";
import { z } from "zod";
import { watcher } from "../rows.js";
import { abbreviationsOf } from "../sentences/abbreviations.js";
import { sentenceSpans } from "../sentences/spans.js";
import { foldedForm, stopWordLanguages, stopWordsOf } from "../stop-words.js";

/** Cuts text into sentences: each is one token. `data/explode` makes a row of each. */
export const sentences = defineMap({
  id: "text/sentences",
  version: 1,
  description: "Cuts text into sentences, each one token: abbreviations, initials, numbers and quotes are looked at.",
  usesUnicodeTables: true,
  input: dataset({ text: "utf8" }),
  output: dataset({ tokens: "tokens" }),
  params: z.strictObject({
    language: z
      .string()
      .default("en")
      .describe("ISO 639-1 code; lists of abbreviations are there for da, de, en, es, fi, fr, it, nl, no, pt and sv"),
    lines: z
      .enum(["join", "split"])
      .default("join")
      .describe("Whether a line break ends a sentence (split) or is a space (join); an empty line always ends one"),
    abbreviations: z
      .array(z.string().min(1))
      .default([])
      .describe("More abbreviations that end no sentence, without the last period: [approx, z.B]"),
  }),
  examples: [
    {
      in: [{ text: 'Dr. J. Smith paid $3.50 in the U.S. He said "Why?" and left. Really!' }, { text: "" }],
      out: [{ tokens: ["Dr. J. Smith paid $3.50 in the U.S.", 'He said "Why?" and left.', "Really!"] }, { tokens: [] }],
    },
    {
      with: { language: "de" },
      in: [{ text: "Am 3. Mai, d. h. morgen, kommt Prof. Weiß. „Gut.“ Das war's." }],
      out: [{ tokens: ["Am 3. Mai, d. h. morgen, kommt Prof. Weiß.", "„Gut.“", "Das war's."] }],
    },
    {
      with: { language: "ja" },
      in: [{ text: "今日は晴れです。「はい。」と言った。" }],
      out: [{ tokens: ["今日は晴れです。", "「はい。」", "と言った。"] }],
    },
  ],
  apply: async (batch, { language, lines, abbreviations }, context) => {
    const known = abbreviationsOf(language);
    const rules = {
      abbreviations: { ...known, never: new Set([...known.never, ...abbreviations.map(foldedForm)]) },
      starters: stopWordLanguages.includes(language) ? await stopWordsOf(language) : new Set<string>(),
      lines: lines === "split",
    };
    const texts = batch.column("text").values;
    const watch = watcher(context, texts.length);
    const collector = new Collector();
    const indices: number[] = [];
    const offsets = new Int32Array(texts.length + 1);
    for (const [row, text] of texts.entries()) {
      watch(row);
      for (const { start, end } of sentenceSpans(text, rules)) indices.push(collector.index(text.slice(start, end)));
      offsets[row + 1] = indices.length;
    }
    return batch.with({
      tokens: { type: "tokens", dictionary: collector.dictionary, indices: Int32Array.from(indices), offsets },
    });
  },
});
