import { dataset, defineMap } from "@seqloom/core";
import { z } from "zod";
import { SOUND, seriesOf, signalOf } from "../signals.js";

/** Makes one channel of several: their mean, or one of them. */
export const mix = defineMap({
  id: "audio/mix",
  version: 1,
  description: "Makes one channel of several: their mean, or one of them.",
  input: dataset(SOUND),
  output: dataset({ signal: "series" }),
  params: z.strictObject({
    channel: z
      .union([z.literal("mean"), z.int().min(1)])
      .default("mean")
      .describe("mean of all channels, or the number of one, from 1 (a clip without it gives its last)"),
  }),
  examples: [
    {
      in: [
        {
          signal: [
            [0.5, 0],
            [1, -1],
          ],
          sample_rate: 8000,
        },
      ],
      out: [{ signal: [0.25, 0] }],
    },
    {
      with: { channel: 2 },
      in: [
        {
          signal: [
            [0.5, 0],
            [1, -1],
          ],
          sample_rate: 8000,
        },
      ],
      out: [{ signal: [0, -1] }],
    },
  ],
  apply: (batch, { channel }, context) => {
    const signal = batch.column("signal");
    const { width } = signal;
    if (width === 1) return batch;
    const only = channel === "mean" ? null : Math.min(channel, width) - 1;
    const mixed = (row: number): Float32Array => {
      const samples = signalOf(signal, row);
      const out = new Float32Array(samples.length / width);
      for (let i = 0; i < out.length; i++) {
        if (only !== null) {
          out[i] = samples[i * width + only];
          continue;
        }
        let sum = 0;
        for (let c = 0; c < width; c++) sum += samples[i * width + c];
        out[i] = sum / width;
      }
      return out;
    };
    return batch.with({ signal: seriesOf(batch.rows, 1, mixed, context) });
  },
});
