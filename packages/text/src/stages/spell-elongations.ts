import { dataset, defineMap, mapDictionary } from "@seqloom/core";
import { z } from "zod";
import { stopWordsOf } from "../stop-words.js";
import { lemmatizer } from "../wordnet/morphy.js";

/** A letter three times or more in a row: no English word has one. */
const RUN = /(\p{L})\1{2,}/giu;
/** Runs of one word whose spellings are all tried. */
const MOST = 4;

/** Spells English words that are drawn out as the dictionary does: "soooo" is "so", "gooood" is "good". */
export const spellElongations = defineMap({
  id: "text/spell-elongations",
  version: 1,
  description:
    'Spells English words that are drawn out as WordNet does: "soooo" becomes "so", "gooood" becomes "good".',
  usesUnicodeTables: true,
  input: dataset({ tokens: "tokens" }),
  output: dataset({ tokens: "tokens" }),
  params: z.strictObject({
    words: z
      .array(z.string().min(1))
      .default([])
      .describe('Words besides those of WordNet and the stop words: ["lol", "omg"]'),
    otherwise: z
      .int()
      .min(1)
      .max(3)
      .default(2)
      .describe("How often a letter is left where no spelling is a word; 3 keeps such words apart from the plain ones"),
  }),
  examples: [
    {
      in: [{ tokens: ["I", "am", "soooo", "haaaappyyy", "COOOOL", "goooood", "xyyyyz", "WWW", "!!!!"] }],
      out: [{ tokens: ["I", "am", "so", "happy", "COOL", "good", "xyyz", "WWW", "!!!!"] }],
    },
  ],
  apply: async (batch, { words, otherwise }) => {
    const lemmaOf = await lemmatizer(["noun", "verb", "adjective", "adverb"]);
    const known = new Set([...(await stopWordsOf("en")), ...words.map((word) => word.toLowerCase())]);
    const isWord = (word: string): boolean => known.has(word.toLowerCase()) || lemmaOf(word) !== null;
    return batch.with({
      tokens: mapDictionary(batch.column("tokens"), (word) => spelled(word, isWord, otherwise)),
    });
  },
});

/** With each run once or twice, as in the first of these that is a word: those with more letters come first. */
function spelled(word: string, isWord: (word: string) => boolean, otherwise: number): string {
  const runs = word.match(RUN)?.length ?? 0;
  if (runs === 0 || isWord(word)) return word;
  if (runs <= MOST) {
    const choices = Array.from({ length: 2 ** runs }, (_, choice) => choice);
    choices.sort((a, b) => ones(a) - ones(b) || a - b);
    for (const choice of choices) {
      let run = 0;
      const candidate = word.replace(RUN, (all) => all.slice(0, (choice >> run++) & 1 ? 1 : 2));
      if (isWord(candidate)) return candidate;
    }
  }
  return word.replace(RUN, (all) => all.slice(0, otherwise));
}

function ones(bits: number): number {
  return bits.toString(2).replaceAll("0", "").length;
}
