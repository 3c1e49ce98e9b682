import { dataset, defineMap, mapDictionary } from "@seqloom/core";
import { z } from "zod";
import { lemmatizer } from "../wordnet/morphy.js";

const part = z.enum(["noun", "verb", "adjective", "adverb"]);

/** Brings English words to the form that a dictionary lists, by WordNet, in lower case: each distinct form once. */
export const lemmatize = defineMap({
  id: "text/lemmatize",
  version: 2,
  description:
    'Brings English words to the form that a dictionary lists, by WordNet, in lower case: "Mice" to "mouse".',
  usesUnicodeTables: true,
  input: dataset({ tokens: "tokens" }),
  output: dataset({ tokens: "tokens" }),
  params: z.strictObject({
    part_of_speech: z
      .union([z.literal("auto"), part, z.array(part).min(1)])
      .default("auto")
      .describe(
        "What the words are taken for: noun, verb, adjective or adverb, or a list of these to try in order; auto tries all four in this order. " +
          "Of a list, irregular forms of any part come before regular ones",
      ),
  }),
  examples: [
    {
      in: [{ tokens: ["The", "mice", "were", "running", "between", "flies", "Xyzzy"] }],
      out: [{ tokens: ["the", "mouse", "be", "run", "between", "fly", "xyzzy"] }],
    },
    {
      with: { part_of_speech: "noun" },
      in: [{ tokens: ["running", "axes", "loci", "dishes"] }],
      out: [{ tokens: ["running", "ax", "locus", "dish"] }],
    },
    {
      with: { part_of_speech: ["adjective", "verb"] },
      in: [{ tokens: ["better", "finest", "hopped"] }],
      out: [{ tokens: ["good", "fine", "hop"] }],
    },
  ],
  apply: async (batch, { part_of_speech }) => {
    const parts = part_of_speech === "auto" ? part.options : [part_of_speech].flat();
    const lemmaOf = await lemmatizer(parts);
    // A word that WordNet does not know keeps its ending, but not its case: the lemmas beside it are in lower case too.
    return batch.with({ tokens: mapDictionary(batch.column("tokens"), (word) => lemmaOf(word) ?? word.toLowerCase()) });
  },
});
