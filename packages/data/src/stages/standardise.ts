import {
  type Dataset,
  dataset,
  defineEstimator,
  fail,
  type Matrix,
  type SeriesColumn,
  type VectorColumn,
} from "@seqloom/core";
import { z } from "zod";

/** Scales each value of a series or vector to mean 0 and deviation 1, as the train rows or the row itself have it. */
export const standardise = defineEstimator({
  id: "data/standardise",
  version: 1,
  description:
    "Scales each value of a series or vector to mean 0 and deviation 1, by the train rows or by the row itself.",
  input: dataset({}, { oneOf: [{ series: "series" }, { vector: "vector" }] }),
  output: dataset({}),
  state: "matrix",
  params: z.strictObject({
    over: z
      .enum(["train", "row"])
      .default("train")
      .describe("train: means and deviations of all train rows, used for every row. row: those of the row itself"),
    method: z
      .enum(["mean", "range"])
      .default("mean")
      .describe("mean: (x - mean) / deviation. range: (x - minimum) / (maximum - minimum)"),
  }),
  examples: [
    {
      in: [
        {
          series: [
            [0, 10],
            [2, 10],
          ],
        },
        { series: [[4, 10]] },
      ],
      out: [
        {
          series: [
            [-1.22474, 0],
            [0, 0],
          ],
        },
        { series: [[1.22474, 0]] },
      ],
    },
    {
      with: { method: "range" },
      in: [{ vector: [0, 5] }, { vector: [4, 7] }],
      out: [{ vector: [0, 0] }, { vector: [1, 1] }],
    },
  ],
  fit: (train, { over, method }) => {
    const column = columnOf(train);
    if (over === "row")
      return scaleMatrix(column.width, new Float64Array(column.width), new Float64Array(column.width).fill(1));
    if (column.values.length === 0) {
      throw fail("no-train-rows", "there are no train rows to take the scale from", {
        hint: "Put the split before this stage, with rows for train; or set over: row.",
      });
    }
    return scaleOf(column.values, column.width, method);
  },
  apply: (batch, { values: state, columns: width }, { over, method }) => {
    const column = columnOf(batch);
    if (column.width !== width) {
      throw fail("scale-width", `rows have ${column.width} values a step, the scale was taken from rows of ${width}`, {
        hint: "Run the pipeline again from the stage that makes the series.",
      });
    }
    const values = new Float32Array(column.values.length);
    if (over === "train") scale(column.values, values, width, state);
    else {
      for (let row = 0; row < batch.rows; row++) {
        const [from, to] =
          column.type === "series"
            ? [column.offsets[row] * width, column.offsets[row + 1] * width]
            : [row * width, (row + 1) * width];
        const own = column.values.subarray(from, to);
        // A vector is one step: its scale is that of its own values.
        const across = column.type === "series" ? width : 1;
        if (own.length > 0) scale(own, values.subarray(from, to), across, scaleOf(own, across, method).values);
      }
    }
    return batch.with({ [column.type]: { ...column, values } } as never);
  },
});

function columnOf(data: Dataset): SeriesColumn | VectorColumn {
  return (data.columns.get("series") ?? data.columns.get("vector")) as SeriesColumn | VectorColumn;
}

/** First row: what is taken off; second row: what is divided by. */
function scaleMatrix(columns: number, offsets: Float64Array, divisors: Float64Array): Matrix {
  const values = new Float64Array(2 * columns);
  values.set(offsets);
  values.set(divisors, columns);
  return { rows: 2, columns, values, rowNames: ["offset", "divisor"] };
}

/** Two passes: a sum of squares less the square of a sum loses what it looks for. Constants are divided by 1. */
function scaleOf(values: Float32Array, width: number, method: "mean" | "range"): Matrix {
  const steps = values.length / width;
  const offsets = new Float64Array(width);
  const divisors = new Float64Array(width);
  for (let i = 0; i < width; i++) {
    let sum = 0;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let t = 0; t < steps; t++) {
      const value = values[t * width + i];
      sum += value;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    const mean = sum / steps;
    let squares = 0;
    for (let t = 0; t < steps; t++) squares += (values[t * width + i] - mean) ** 2;
    offsets[i] = method === "mean" ? mean : low;
    const divisor = method === "mean" ? Math.sqrt(squares / steps) : high - low;
    divisors[i] = divisor > 0 ? divisor : 1;
  }
  return scaleMatrix(width, offsets, divisors);
}

function scale(from: Float32Array, to: Float32Array, width: number, state: ArrayLike<number>): void {
  for (let i = 0; i < from.length; i++) to[i] = (from[i] - state[i % width]) / state[width + (i % width)];
}
