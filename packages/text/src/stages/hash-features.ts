import { dataset, defineMap, type SparseColumn, type TokensColumn } from "@seqloom/core";
import { z } from "zod";
import { countIds } from "../counts.js";
import { murmur3 } from "../murmur.js";

/** Counts tokens at places that a hash of the word says: nothing is learned, and any word has a place. */
export const hashFeatures = defineMap({
  id: "text/hash-features",
  version: 1,
  description: "Counts tokens at places that a hash of the word says, as scikit-learn's HashingVectorizer.",
  input: dataset({ tokens: "tokens" }),
  output: dataset({ features: "sparse" }),
  params: z.strictObject({
    size: z
      .int()
      .min(1)
      .max(2 ** 24)
      .default(2 ** 18)
      .describe("Number of places; words that share one are counted together"),
    signed: z
      .boolean()
      .default(true)
      .describe("Whether half of the words count -1, so that words that share a place do not add up"),
  }),
  examples: [
    {
      with: { size: 16, signed: false },
      in: [{ tokens: ["a", "great", "a"] }, { tokens: [] }],
      out: [
        {
          features: [
            [2, 2],
            [12, 1],
          ],
        },
        { features: [] },
      ],
    },
  ],
  apply: (batch, params) => batch.with({ features: hashed(batch.column("tokens"), params) }),
});

/** A word has one of `2 · size` ids, one for each sign of its place; then the two of a place become one value. */
function hashed(
  { dictionary, indices, offsets }: TokensColumn,
  { size, signed }: { readonly size: number; readonly signed: boolean },
): SparseColumn {
  const hashes = dictionary.map(murmur3);
  // Python's remainder of the absolute value: that of -2³¹ is 2³¹, which a double holds.
  const idOf = Int32Array.from(hashes, (hash) => (Math.abs(hash) % size) * 2 + Number(signed && hash < 0));
  const ids = { type: "ids", values: indices.map((form) => idOf[form]), offsets, size: size * 2 } as const;
  const both = countIds(ids, "count");
  const values = new Float32Array(both.values.length);
  const columns = new Int32Array(both.values.length);
  const starts = new Int32Array(offsets.length);
  let end = 0;
  for (let row = 0; row + 1 < offsets.length; row++) {
    for (let at = both.offsets[row]; at < both.offsets[row + 1]; at++) {
      const place = both.columns[at] >> 1;
      const value = both.columns[at] & 1 ? -both.values[at] : both.values[at];
      if (end > starts[row] && columns[end - 1] === place) values[end - 1] += value;
      else {
        columns[end] = place;
        values[end++] = value;
      }
      if (values[end - 1] === 0) end--;
    }
    starts[row + 1] = end;
  }
  return { type: "sparse", values: values.slice(0, end), columns: columns.slice(0, end), offsets: starts, width: size };
}
