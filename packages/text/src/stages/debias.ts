import { Dataset, defineStage, fail, type MetricsTable, utf8, value } from "@seqloom/core";
import { z } from "zod";
import { biasDirection, equalised, neutralised } from "../vectors/debias.js";
import { product, type WORD_VECTORS, WordSpace, type WordVectorRows, wordVectors } from "../vectors/words.js";

const words = z.array(z.string().min(1));
const pair = z.tuple([z.string().min(1), z.string().min(1)]);

/** Takes a direction, such as that of gender, out of the vectors of words that should not have it. */
export const debias = defineStage({
  id: "text/debias",
  version: 1,
  description:
    "Takes a direction, such as that of gender, out of word vectors that should not have it: neutralise, equalise.",
  inputs: { vectors: wordVectors },
  outputs: { vectors: wordVectors, metrics: value("metrics") },
  params: z.strictObject({
    pairs: z.array(pair).min(1).describe("Pairs that differ in the direction: [[woman, man], [she, he]]"),
    neutralise: words.default([]).describe("Words from whose vectors the direction is taken"),
    equalise: z
      .array(pair)
      .default([])
      .describe("Pairs that are to differ in the direction alone, and so be as far from every neutral word"),
  }),
  run: ({ vectors }, { pairs, neutralise, equalise }) => {
    const space = new WordSpace(vectors as WordVectorRows);
    const both = (two: readonly [string, string]): [number, number] => [space.place(two[0]), space.place(two[1])];
    const direction = biasDirection(pairs.map(both).map(([a, b]) => [space.unit(a), space.unit(b)]));
    if (direction === null) {
      throw fail("no-direction", "the pairs do not differ: they give no direction", {
        hint: "Name pairs of different words.",
      });
    }
    const units = Float32Array.from(space.units);
    const at = (place: number): Float32Array => units.subarray(place * space.width, (place + 1) * space.width);
    const neutral = neutralise.map((word) => space.place(word));
    const equal = equalise.map(both);
    const clash = equal.flat().find((place) => neutral.includes(place));
    if (clash !== undefined) {
      throw fail("debias-word", `"${space.words[clash]}" is to be neutral and equalised`, { hint: "Name it once." });
    }
    for (const place of neutral) at(place).set(neutralised(space.unit(place), direction));
    for (const [a, b] of equal) {
      const [one, other] = equalised(space.unit(a), space.unit(b), direction);
      at(a).set(one);
      at(b).set(other);
    }
    const changed = [...neutral, ...equal.flat()];
    const rows = changed.map((place) => [
      space.words[place],
      product(space.unit(place), direction),
      product(at(place), direction),
    ]);
    const mean = (column: 1 | 2): number =>
      rows.slice(0, neutral.length).reduce((sum, row) => sum + Math.abs(row[column] as number), 0) / neutral.length;
    const table: MetricsTable = { columns: ["word", "along the direction before", "after"], rows };
    return {
      vectors: Dataset.of<typeof WORD_VECTORS>({
        word: utf8(space.words),
        vector: { type: "vector", values: units, width: space.width },
      }),
      metrics: {
        values: { words: changed.length, ...(neutral.length > 0 && { bias_before: mean(1), bias_after: mean(2) }) },
        tables: { bias: table },
      },
    };
  },
});
