import { type Dataset, dataset, defineMap, fail, type PaddedColumn, type TagsColumn } from "@seqloom/core";
import { z } from "zod";
import { watcher } from "../rows.js";

/** Brings sequences of ids to one length, as Keras' `pad_sequences`, and their tags; tells how many ids of each are real. */
export const pad = defineMap({
  id: "text/pad",
  version: 2,
  description: "Brings sequences of ids to one length, and tells how many ids of each are real.",
  input: dataset({ ids: "ids" }, { optional: { tags: "tags" } }),
  output: dataset({ ids: "padded", length: "integer" }),
  params: z.strictObject({
    length: z.int().min(1).describe("Length of every sequence, in ids"),
    side: z.enum(["pre", "post"]).default("pre").describe("Where short sequences are filled: before or after"),
    truncate: z.enum(["pre", "post"]).default("pre").describe("Where long sequences lose ids: at their start or end"),
    value: z.int().min(0).default(0).describe("The id that fills; text/encode gives pad the id 0"),
  }),
  examples: [
    {
      with: { length: 4 },
      in: [{ ids: [5, 3] }, { ids: [1, 2, 3, 4, 5] }, { ids: [] }],
      out: [
        { ids: [0, 0, 5, 3], length: 2 },
        { ids: [2, 3, 4, 5], length: 4 },
        { ids: [0, 0, 0, 0], length: 0 },
      ],
    },
    {
      title: "tags of the tokens are padded with them",
      with: { length: 3, side: "post", truncate: "post" },
      in: [
        { ids: [5, 3], tags: ["DET", "NOUN"] },
        { ids: [1, 2, 3, 4], tags: ["X", "X", "VERB", "X"] },
      ],
      out: [
        { ids: [5, 3, 0], tags: ["DET", "NOUN", null], length: 2 },
        { ids: [1, 2, 3], tags: ["X", "X", "VERB"], length: 3 },
      ],
    },
    {
      with: { length: 3, side: "post", truncate: "post" },
      in: [{ ids: [5, 3] }, { ids: [1, 2, 3, 4, 5] }],
      out: [
        { ids: [5, 3, 0], length: 2 },
        { ids: [1, 2, 3], length: 3 },
      ],
    },
  ],
  apply: (batch, { length: width, side, truncate, value }, context) => {
    const { values: ids, offsets, size, vocabulary } = batch.column("ids");
    if (value >= size) {
      throw fail("pad-value", `the pad value ${value} is no id: the vocabulary has ${size}, from 0 to ${size - 1}`, {
        hint: "Set value to the id of the pad token; text/encode gives it 0.",
      });
    }
    const watch = watcher(context, batch.rows);
    const fill = (from: Int32Array, filler: number): Int32Array => {
      const values = new Int32Array(batch.rows * width).fill(filler); // [rows, width]
      for (let row = 0; row < batch.rows; row++) {
        watch(row);
        const kept = Math.min(offsets[row + 1] - offsets[row], width);
        const start = truncate === "pre" ? offsets[row + 1] - kept : offsets[row];
        values.set(from.subarray(start, start + kept), row * width + (side === "pre" ? width - kept : 0));
      }
      return values;
    };
    const lengths = Int32Array.from({ length: batch.rows }, (_, row) =>
      Math.min(offsets[row + 1] - offsets[row], width),
    );
    const padded: PaddedColumn = { type: "padded", values: fill(ids, value), width, size, pad: value };
    const data = batch.with({
      ids: { ...padded, ...(vocabulary !== undefined && { vocabulary }) },
      length: { type: "integer", values: lengths },
    });
    if (!batch.has("tags", "tags")) return data;
    const tags = (batch as unknown as Dataset<{ tags: "tags" }>).column("tags");
    expectSameLengths(tags, offsets);
    const starts = Int32Array.from({ length: batch.rows + 1 }, (_, row) => row * width);
    return data.with({ tags: { ...tags, indices: fill(tags.indices, -1), offsets: starts } });
  },
});

function expectSameLengths({ offsets }: TagsColumn, ids: Int32Array): void {
  const row = offsets.findIndex((end, place) => place > 0 && end !== ids[place]) - 1;
  if (row < 0) return;
  const [tags, count] = [offsets, ids].map((all) => all[row + 1] - all[row]);
  throw fail("tags-length", `row ${row + 1} has ${tags} tags for ${count} ids`, {
    hint: "Every token needs its id: give text/encode an `unknown`, and put no stage that drops tokens between.",
  });
}
