import { dataset, defineMap, fail } from "@seqloom/core";
import { z } from "zod";
import { watcher } from "../rows.js";

/** Brings sequences of ids to one length, as Keras' `pad_sequences`, and tells how many ids of each are real. */
export const pad = defineMap({
  id: "text/pad",
  version: 2,
  description: "Brings sequences of ids to one length, and tells how many ids of each are real.",
  input: dataset({ ids: "ids" }),
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
    const values = new Int32Array(batch.rows * width).fill(value); // [rows, width]
    const lengths = new Int32Array(batch.rows);
    for (let row = 0; row < batch.rows; row++) {
      watch(row);
      const count = offsets[row + 1] - offsets[row];
      const kept = Math.min(count, width);
      const from = truncate === "pre" ? offsets[row + 1] - kept : offsets[row];
      values.set(ids.subarray(from, from + kept), row * width + (side === "pre" ? width - kept : 0));
      lengths[row] = kept;
    }
    return batch.with({
      ids: { type: "padded", values, width, size, pad: value, ...(vocabulary !== undefined && { vocabulary }) },
      length: { type: "integer", values: lengths },
    });
  },
});
