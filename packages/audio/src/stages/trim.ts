import { dataset, defineMap } from "@seqloom/core";
import { z } from "zod";
import { trimmed } from "../dsp/trim.js";
import { monoOf, SOUND, seriesOf, signalOf } from "../signals.js";

/** Cuts off silence at the beginning and the end of clips. */
export const trim = defineMap({
  id: "audio/trim",
  version: 1,
  description: "Cuts off silence at the beginning and the end of clips.",
  input: dataset(SOUND),
  output: dataset({ signal: "series" }),
  params: z.strictObject({
    top_db: z
      .number()
      .positive()
      .default(60)
      .describe("Decibels below the loudest frame of the clip from which on a frame counts as silent"),
    frame_length: z.int().min(2).default(2048).describe("Samples of a frame"),
    hop_length: z.int().min(1).default(512).describe("Samples from frame to frame"),
  }),
  examples: [
    {
      with: { frame_length: 2, hop_length: 1, top_db: 40 },
      in: [{ signal: [0, 0, 0, 0.5, -0.5, 0, 0, 0], sample_rate: 8000 }],
      out: [{ signal: [0.5, -0.5, 0] }],
    },
  ],
  apply: (batch, { top_db: range, frame_length: length, hop_length: hop }, context) => {
    const signal = monoOf(batch);
    const cut = (row: number): Float32Array => trimmed(signalOf(signal, row), length, hop, range);
    return batch.with({ signal: seriesOf(batch.rows, 1, cut, context) });
  },
});
