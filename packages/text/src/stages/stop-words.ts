import { dataset, defineMap, filterDictionary } from "@seqloom/core";
import { z } from "zod";
import { foldedForm, stopWordProblem, stopWordsOf } from "../stop-words.js";

/** Drops the words that carry little meaning of their own, such as "the" and "of". */
export const stopWords = defineMap({
  id: "text/stop-words",
  version: 1,
  description: 'Drops the words that carry little meaning of their own, such as "the" and "of".',
  usesUnicodeTables: true,
  input: dataset({ tokens: "tokens" }),
  output: dataset({ tokens: "tokens" }),
  params: z.strictObject({
    language: z
      .union([z.string(), z.array(z.string())])
      .default("en")
      .describe("ISO 639-1 code of the list to use, or several; an empty list for only the words of add"),
    keep: z.array(z.string()).default([]).describe('Words to keep all the same, such as "never" for sentiment'),
    add: z.array(z.string()).default([]).describe("More words to drop"),
    ignore_case: z.boolean().default(true).describe('Whether "The" is the same word as "the"'),
  }),
  check: ({ language }) =>
    [language].flat().flatMap((code, i) => {
      const problem = stopWordProblem(code);
      return problem === null
        ? []
        : [{ path: typeof language === "string" ? ["language"] : ["language", i], ...problem }];
    }),
  examples: [
    {
      in: [{ tokens: ["The", "cast", "is", "in", "a", "great", "film"] }],
      out: [{ tokens: ["cast", "great", "film"] }],
    },
    {
      with: { keep: ["more", "never"], add: ["film"] },
      in: [{ tokens: ["The", "film", "is", "never", "more", "than", "good"] }],
      out: [{ tokens: ["never", "more", "good"] }],
    },
    {
      title: "two languages",
      with: { language: ["en", "fr"] },
      in: [{ tokens: ["le", "chat", "and", "the", "dog"] }],
      out: [{ tokens: ["chat", "dog"] }],
    },
  ],
  apply: async (batch, { language, keep, add, ignore_case }) => {
    const form = ignore_case ? foldedForm : (word: string) => word;
    const drop = new Set([...(await stopWordsOf(language)), ...add.map(form)]);
    for (const word of keep) drop.delete(form(word));
    return batch.with({ tokens: filterDictionary(batch.column("tokens"), (word) => !drop.has(form(word))) });
  },
});
