import { type Dataset, dataset, defineStage, type TokensColumn, utf8 } from "@seqloom/core";
import { z } from "zod";

/** Makes a row of each token, such as a sentence: its text, with the other columns of the row that it is from. */
export const explode = defineStage({
  id: "data/explode",
  version: 1,
  description: "Makes a row of each token, such as a sentence, with the other columns of the row that it is from.",
  inputs: { data: dataset({ tokens: "tokens" }) },
  outputs: { data: dataset({ text: "utf8", tokens: "tokens", source: "integer" }) },
  keepsColumns: true,
  params: z.strictObject({}),
  examples: [
    {
      title: "source is the row that it is from, from 0",
      in: [
        { tokens: ["One sentence.", "Another."], label: "a" },
        { tokens: [], label: "b" },
        { tokens: ["A third."], label: "c" },
      ],
      out: [
        { text: "One sentence.", tokens: ["One sentence."], label: "a", source: 0 },
        { text: "Another.", tokens: ["Another."], label: "a", source: 0 },
        { text: "A third.", tokens: ["A third."], label: "c", source: 2 },
      ],
    },
  ],
  run: ({ data }) => {
    const { dictionary, indices, offsets } = data.column("tokens");
    const first = offsets[0];
    const source = new Int32Array(indices.length);
    for (let row = 0; row < data.rows; row++) source.fill(row, offsets[row] - first, offsets[row + 1] - first);
    const tokens: TokensColumn = {
      type: "tokens",
      dictionary,
      indices,
      offsets: Int32Array.from({ length: indices.length + 1 }, (_, row) => row),
    };
    const rows: Dataset = data;
    const text = utf8(Array.from(indices, (index) => dictionary[index]));
    return {
      data: rows.select(source).with<{ text: "utf8"; tokens: "tokens"; source: "integer" }>({
        text,
        tokens,
        source: { type: "integer", values: source },
      }),
    };
  },
});
