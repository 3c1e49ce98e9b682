import { dataset, defineMap, mapDictionary } from "@seqloom/core";
import { z } from "zod";
import { stemAlgorithms, stemmerOf, stemmerProblem } from "../stemmers/index.js";

/** Cuts the endings off words, so that "connected" and "connection" become one: each distinct form once. */
export const stem = defineMap({
  id: "text/stem",
  version: 1,
  description: 'Cuts the endings off words, so that "connected" and "connection" become one.',
  usesUnicodeTables: true,
  input: dataset({ tokens: "tokens" }),
  output: dataset({ tokens: "tokens" }),
  params: z.strictObject({
    algorithm: z
      .enum(stemAlgorithms)
      .default("porter")
      .describe(
        "porter: Porter's of 1980 with his later changes, and older adaptations to other languages. snowball: Snowball 3's, " +
          "for English (Porter2), French and German. lancaster: shorter stems, English. carry: French",
      ),
    language: z.string().default("en").describe("ISO 639-1 code"),
  }),
  check: ({ algorithm, language }) => {
    const problem = stemmerProblem(algorithm, language);
    return problem === null ? [] : [{ path: ["language"], ...problem }];
  },
  examples: [
    {
      in: [{ tokens: ["connected", "Connection", "relational", "hopping", "ponies"] }],
      out: [{ tokens: ["connect", "connect", "relat", "hop", "poni"] }],
    },
    {
      with: { algorithm: "snowball" },
      in: [{ tokens: ["generously", "general", "dying", "news", "John's"] }],
      out: [{ tokens: ["generous", "general", "die", "news", "john"] }],
    },
    {
      with: { algorithm: "lancaster" },
      in: [{ tokens: ["maximum", "presumably", "multiply"] }],
      out: [{ tokens: ["maxim", "presum", "multiply"] }],
    },
    {
      with: { language: "fr" },
      in: [{ tokens: ["continuellement", "chevaux"] }],
      out: [{ tokens: ["continuel", "cheval"] }],
    },
  ],
  apply: async (batch, { algorithm, language }) => {
    const stemmer = await stemmerOf(algorithm, language);
    return batch.with({ tokens: mapDictionary(batch.column("tokens"), stemmer) });
  },
});
