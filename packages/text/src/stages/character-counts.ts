import { dataset, defineMap } from "@seqloom/core";
import { z } from "zod";
import { countIds } from "../counts.js";
import { watcher } from "../rows.js";

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/** Counts the characters of an alphabet in each text. */
export const characterCounts = defineMap({
  id: "text/character-counts",
  version: 1,
  description: "Counts the characters of an alphabet in each text.",
  usesUnicodeTables: true,
  input: dataset({ text: "utf8" }),
  output: dataset({ features: "sparse" }),
  params: z.strictObject({
    alphabet: z
      .string()
      .min(1)
      .default(LETTERS)
      .describe("The characters to count, in the order of the features; all others are passed over"),
    lower_case: z.boolean().default(true).describe("Whether A counts as a"),
  }),
  check: ({ alphabet }) => {
    const all = [...alphabet];
    const twice = all.find((character, place) => all.indexOf(character) !== place);
    return twice === undefined
      ? []
      : [{ path: ["alphabet"], message: `"${twice}" is in the alphabet twice`, hint: "Name each character once." }];
  },
  examples: [
    {
      with: { alphabet: "aeiouéè" },
      in: [{ text: "C'était à Mégara" }, { text: "…" }],
      out: [
        {
          features: [
            ["a", 3],
            ["i", 1],
            ["é", 2],
          ],
        },
        { features: [] },
      ],
    },
  ],
  apply: (batch, { alphabet, lower_case }, context) => {
    const names = [...alphabet];
    const places = new Map(names.map((character, place) => [character, place]));
    const texts = batch.column("text").values;
    const watch = watcher(context, texts.length);
    const ids: number[] = [];
    const offsets = new Int32Array(texts.length + 1);
    for (const [row, text] of texts.entries()) {
      watch(row);
      for (const character of lower_case ? text.toLowerCase() : text) {
        const place = places.get(character);
        if (place !== undefined) ids.push(place);
      }
      offsets[row + 1] = ids.length;
    }
    const column = countIds({ type: "ids", values: Int32Array.from(ids), offsets, size: names.length }, "count");
    return batch.with({ features: { ...column, names } });
  },
});
