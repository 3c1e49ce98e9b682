import { Dataset, dataset, defineStage, labels, utf8 } from "@seqloom/core";
import { z } from "zod";
import { WORD_VECTORS, WordSpace, type WordVectorRows, wordVectors } from "../vectors/words.js";

/** Takes the vectors of some words, in groups: to draw them, for example. */
export const selectWords = defineStage({
  id: "text/select-words",
  version: 1,
  description: "Takes the vectors of some words, each with the name of its group.",
  inputs: { vectors: wordVectors },
  outputs: { vectors: dataset({ ...WORD_VECTORS, label: "label" }) },
  params: z.strictObject({
    groups: z
      .record(z.string(), z.array(z.string().min(1)).min(1))
      .describe("Words by the name of their group: { animals: [cat, dog], cities: [paris, london] }"),
  }),
  run: ({ vectors }, { groups }) => {
    const rows = vectors as WordVectorRows;
    const space = new WordSpace(rows);
    const chosen = Object.entries(groups).flatMap(([group, own]) =>
      own.map((word) => ({ group, place: space.place(word) })),
    );
    const { values, width } = rows.column("vector");
    const picked = new Float32Array(chosen.length * width);
    for (const [row, { place }] of chosen.entries()) {
      picked.set(values.subarray(place * width, (place + 1) * width), row * width);
    }
    return {
      vectors: Dataset.of<typeof WORD_VECTORS & { label: "label" }>({
        word: utf8(chosen.map(({ place }) => space.words[place])),
        vector: { type: "vector", values: picked, width },
        label: labels(chosen.map(({ group }) => group)),
      }),
    };
  },
});
