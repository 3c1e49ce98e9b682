import { Dataset, dataset, defineStage, fail, utf8 } from "@seqloom/core";
import { z } from "zod";
import { eachEntry } from "../factors/operator.js";
import { featureColumn } from "../factors/state.js";

/** More numbers than this are no table to be turned. */
const MOST = 1 << 26;

/** Makes a row of each feature: its values in all rows. Letters by chapters, where there were chapters by letters. */
export const transpose = defineStage({
  id: "data/transpose",
  version: 1,
  description: "Makes a row of each feature: its values in all rows, in their order.",
  inputs: { data: dataset({}, { oneOf: [{ features: "sparse" }, { vector: "vector" }] }) },
  outputs: { data: dataset({ id: "utf8", vector: "vector" }) },
  params: z.strictObject({}),
  examples: [
    {
      in: [
        {
          features: [
            ["a", 1],
            ["b", 2],
          ],
        },
        { features: [["a", 3]] },
      ],
      out: [
        { id: "a", vector: [1, 3] },
        { id: "b", vector: [2, 0] },
      ],
    },
  ],
  run: ({ data }) => {
    const column = featureColumn(data as unknown as Dataset);
    const { width } = column;
    if (width * data.rows > MOST) {
      throw fail("too-large", `${data.rows} rows of ${width} features are too many numbers to be turned`, {
        hint: `At most ${MOST} numbers. Bring the features to fewer before.`,
      });
    }
    const values = new Float32Array(width * data.rows);
    eachEntry(column, (row, place, value) => {
      values[place * data.rows + row] = value;
    });
    const names = column.type === "sparse" ? column.names : undefined;
    const ids = names ?? Array.from({ length: width }, (_, place) => String(place));
    const rows = data.rows === 0 ? [] : ids;
    return {
      data: Dataset.of<{ id: "utf8"; vector: "vector" }>({
        id: utf8(rows),
        vector: { type: "vector", values, width: data.rows },
      }),
    };
  },
});
