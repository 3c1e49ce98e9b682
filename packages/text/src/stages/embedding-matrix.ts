import { defineStage, fail, value } from "@seqloom/core";
import { z } from "zod";
import { type WordVectorRows, wordVectors } from "../vectors/words.js";

/** Puts word vectors in the order of a vocabulary: what an embedding layer begins with. */
export const embeddingMatrix = defineStage({
  id: "text/embedding-matrix",
  version: 1,
  description: "Puts word vectors in the order of a vocabulary: what an embedding layer begins with.",
  seeded: true,
  inputs: { vocabulary: value("vocabulary"), vectors: wordVectors },
  outputs: { matrix: value("matrix"), report: value("metrics") },
  params: z.strictObject({
    unknown: z
      .enum(["zero", "random"])
      .default("zero")
      .describe("What a word without a vector gets; random: normal numbers, as widely spread as those of the vectors"),
  }),
  run: ({ vocabulary, vectors }, { unknown }, context) => {
    const rows = vectors as WordVectorRows;
    const { values, width } = rows.column("vector");
    if (rows.rows === 0)
      throw fail("vectors-empty", "there are no vectors", { hint: "Look at the stage that gives them." });
    const places = new Map(rows.column("word").values.map((word, place) => [word, place]));
    const { tokens, pad } = vocabulary;
    const matrix = new Float32Array(tokens.length * width);
    const deviation = unknown === "random" ? deviationOf(values) : 0;
    let known = 0;
    for (const [id, token] of tokens.entries()) {
      const place = places.get(token) ?? places.get(token.toLowerCase());
      if (place !== undefined) {
        matrix.set(values.subarray(place * width, (place + 1) * width), id * width);
        known++;
      } else if (unknown === "random" && token !== pad) {
        // A stream for each word: one word more changes nothing for the others.
        const random = context.random.fork(token);
        for (let i = 0; i < width; i++) matrix[id * width + i] = deviation * random.normal();
      }
    }
    const words = tokens.length - Number(pad !== null && tokens.includes(pad));
    return {
      matrix: { rows: tokens.length, columns: width, values: matrix, rowNames: tokens },
      report: { values: { words, with_vectors: known, share_with_vectors: words === 0 ? 0 : known / words } },
    };
  },
});

function deviationOf(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
