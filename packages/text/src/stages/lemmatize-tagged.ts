import { Collector, dataset, defineMap, fail, type TokensColumn } from "@seqloom/core";
import { z } from "zod";
import { type PartOfSpeech, partOfTag } from "../wordnet/database.js";
import { lemmatizer } from "../wordnet/morphy.js";

/** Brings tagged English words to the form that a dictionary lists for their part of speech: each distinct pair once. */
export const lemmatizeTagged = defineMap({
  id: "text/lemmatize-tagged",
  version: 1,
  description:
    'Brings tagged English words to the form that a dictionary lists, by WordNet: the verb "saw" to "see", not the noun.',
  usesUnicodeTables: true,
  input: dataset({ tokens: "tokens", tags: "tags" }),
  output: dataset({ tokens: "tokens" }),
  params: z.strictObject({
    others: z
      .enum(["lower", "keep"])
      .default("lower")
      .describe("Words that are no noun, verb, adjective or adverb, and names: in lower case, or as they are"),
  }),
  examples: [
    {
      title: "tags of Universal Dependencies",
      in: [{ tokens: ["Joan", "saw", "two", "saws"], tags: ["PROPN", "VERB", "NUM", "NOUN"] }],
      out: [{ tokens: ["joan", "see", "two", "saw"] }],
    },
    {
      title: "tags of the Penn Treebank",
      with: { others: "keep" },
      in: [{ tokens: ["The", "leaves", "Joan", "leaves"], tags: ["DT", "NNS", "NNP", "VBZ"] }],
      out: [{ tokens: ["The", "leaf", "Joan", "leave"] }],
    },
  ],
  apply: async (batch, { others }) => {
    const column = batch.column("tokens");
    const tags = batch.column("tags");
    expectSameLengths(column, tags);
    const parts = tags.dictionary.map(partOfTag);
    const lemmaOf = new Map<PartOfSpeech, (word: string) => string | null>();
    for (const part of new Set(parts)) if (part !== null) lemmaOf.set(part, await lemmatizer([part]));
    const collector = new Collector();
    // A word is one thing as a noun and another as a verb: what is found is kept by form and tag.
    const known = new Map<number, number>();
    const indices = column.indices.map((form, at) => {
      const pair = form * (tags.dictionary.length + 1) + tags.indices[at] + 1;
      let index = known.get(pair);
      if (index === undefined) {
        const word = column.dictionary[form];
        const part = parts[tags.indices[at]] ?? null;
        const found = part === null ? null : (lemmaOf.get(part)?.(word) ?? word.toLowerCase());
        index = collector.index(found ?? (others === "keep" ? word : word.toLowerCase()));
        known.set(pair, index);
      }
      return index;
    });
    return batch.with({
      tokens: { type: "tokens", dictionary: collector.dictionary, indices, offsets: column.offsets },
    });
  },
});

function expectSameLengths({ offsets }: TokensColumn, tags: { readonly offsets: Int32Array }): void {
  const row = offsets.findIndex((end, i) => end !== tags.offsets[i]) - 1;
  if (row < 0) return;
  const [tokens, names] = [offsets, tags.offsets].map((all) => all[row + 1] - all[row]);
  throw fail("tags-length", `row ${row + 1} of these has ${tokens} tokens and ${names} tags`, {
    hint: "Tags are of tokens as they were loaded: lemmatize before anything that takes tokens out.",
  });
}
