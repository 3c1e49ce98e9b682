import { dataset, defineEstimator, fail, type Matrix, type Metrics } from "@seqloom/core";
import { z } from "zod";
import { firstOf } from "../first.js";
import { inverseFrequencies, weighed } from "../weighing.js";

/** Weighs the counts of words by how few train rows have the word. */
export const tfIdf = defineEstimator({
  id: "text/tf-idf",
  version: 1,
  description: "Weighs the counts of words by how few train rows have the word: tf-idf in its common variants.",
  input: dataset({ features: "sparse" }),
  output: dataset({ features: "sparse" }),
  state: "matrix",
  params: z.strictObject({
    tf: z
      .enum(["count", "share", "log", "present"])
      .default("count")
      .describe(
        "Term frequency. count: as it is; share: divided by all counts of the row; log: 1 + ln(count); present: 1",
      ),
    idf: z
      .enum(["natural", "log2", "log10", "none"])
      .default("natural")
      .describe("Logarithm of the inverse document frequency, log(rows / rows with the word); none: no such weight"),
    smooth: z
      .boolean()
      .default(true)
      .describe("log((1 + rows) / (1 + rows with the word)), as if one row more had every word"),
    add_one: z
      .boolean()
      .default(true)
      .describe("Adds 1 to the logarithm, so that words of every row keep some weight. scikit-learn does"),
    norm: z
      .enum(["l2", "l1"])
      .nullable()
      .default("l2")
      .describe("Brings each row to length 1 (l2) or to a sum of 1 (l1); null: as it is"),
  }),
  examples: [
    {
      title: "scikit-learn's formula",
      in: [
        {
          features: [
            ["a", 1],
            ["film", 1],
          ],
        },
        {
          features: [
            ["a", 3],
            ["play", 1],
          ],
        },
      ],
      out: [
        {
          features: [
            ["a", 0.579739],
            ["film", 0.814802],
          ],
        },
        {
          features: [
            ["a", 0.90555],
            ["play", 0.42424],
          ],
        },
      ],
    },
    {
      title: "the textbook's: the share of the words of the row, times log(N / n)",
      with: { tf: "share", idf: "log2", smooth: false, add_one: false, norm: null },
      in: [
        {
          features: [
            ["a", 1],
            ["film", 1],
          ],
        },
        {
          features: [
            ["a", 3],
            ["play", 1],
          ],
        },
      ],
      out: [
        {
          features: [
            ["a", 0],
            ["film", 0.5],
          ],
        },
        {
          features: [
            ["a", 0],
            ["play", 0.25],
          ],
        },
      ],
    },
  ],
  fold: async (chunks, rarity) => {
    let rows = 0;
    let rowsWith = new Float64Array(0);
    let names: readonly string[] | undefined;
    for await (const chunk of chunks) {
      const column = chunk.column("features");
      // No rows say nothing of the width.
      if (chunk.rows === 0) continue;
      if (rows === 0) {
        rowsWith = new Float64Array(column.width);
        names = column.names;
      }
      rows += chunk.rows;
      for (let at = 0; at < column.columns.length; at++) if (column.values[at] !== 0) rowsWith[column.columns[at]]++;
    }
    if (rows === 0) {
      throw fail("no-train-rows", "there are no train rows to count", {
        hint: "Put the split before this stage, with rows for train.",
      });
    }
    const width = rowsWith.length;
    const values = new Float64Array(2 * width);
    values.set(inverseFrequencies(rowsWith, rows, rarity));
    values.set(rowsWith, width);
    return { rows: 2, columns: width, values, rowNames: ["idf", "rows"], ...(names && { columnNames: names }) };
  },
  apply: (batch, { values, columns: width }, params) => {
    const column = batch.column("features");
    if (batch.rows > 0 && column.width !== width) {
      const message = `rows have ${column.width} features, the weights were learned from rows of ${width}`;
      throw fail("features-width", message, { hint: "Run the pipeline again from the stage that makes the features." });
    }
    return batch.with({ features: weighed(column, (values as Float64Array).subarray(0, width), params) });
  },
  describe: mostCommon,
});

/** The most common words and what they weigh. */
function mostCommon({ values, columns: width, columnNames }: Matrix): Metrics {
  const top = firstOf(new Int32Array(width).keys(), 20, (a, b) => values[width + b] - values[width + a] || a - b);
  return {
    values: { features: width },
    tables: {
      "most common features": {
        columns: ["feature", "rows", "idf"],
        rows: top.map((place) => [columnNames?.[place] ?? place, values[width + place], values[place]]),
      },
    },
  };
}
