import { dataset, defineMap } from "@seqloom/core";
import { z } from "zod";
import { deltas as slopes } from "../dsp/deltas.js";
import { seriesOf, signalOf } from "../signals.js";

/** Adds to each value of a series its slope over time, and the slope of that. */
export const deltas = defineMap({
  id: "audio/deltas",
  version: 1,
  description: "Adds to each value of a series its slope over time, and the slope of that.",
  input: dataset({ series: "series" }),
  output: dataset({ series: "series" }),
  params: z.strictObject({
    order: z.int().min(1).max(3).default(2).describe("1: slopes. 2: slopes, and slopes of slopes"),
    reach: z.int().min(1).max(32).default(2).describe("Steps on each side that a slope is fitted to"),
  }),
  examples: [
    {
      with: { order: 1, reach: 1 },
      in: [{ series: [1, 2, 4, 8] }],
      out: [
        {
          series: [
            [1, 0.5],
            [2, 1.5],
            [4, 3],
            [8, 2],
          ],
        },
      ],
    },
  ],
  apply: (batch, { order, reach }, context) => {
    const series = batch.column("series");
    const { width } = series;
    const joined = (row: number): Float32Array => {
      const parts = [signalOf(series, row)];
      for (let i = 0; i < order; i++) parts.push(slopes(parts[i], width, reach));
      const steps = parts[0].length / width;
      const out = new Float32Array(steps * width * parts.length);
      for (let t = 0; t < steps; t++) {
        for (const [i, part] of parts.entries()) {
          out.set(part.subarray(t * width, (t + 1) * width), (t * parts.length + i) * width);
        }
      }
      return out;
    };
    return batch.with({ series: seriesOf(batch.rows, width * (order + 1), joined, context) });
  },
});
