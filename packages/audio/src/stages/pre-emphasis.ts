import { dataset, defineMap } from "@seqloom/core";
import { z } from "zod";
import { SOUND, seriesOf, signalOf } from "../signals.js";

/** Takes off what is low, hum and rumble above all, as speech recognisers do first: y[t] = x[t] - c x[t - 1]. */
export const preEmphasis = defineMap({
  id: "audio/pre-emphasis",
  version: 1,
  description: "Weakens low frequencies, hum and rumble above all: y[t] = x[t] - c x[t - 1].",
  input: dataset(SOUND),
  output: dataset({ signal: "series" }),
  params: z.strictObject({
    coefficient: z.number().gt(0).max(1).default(0.97).describe("c; 0 would leave the sound as it is"),
  }),
  examples: [
    {
      with: { coefficient: 0.5 },
      in: [{ signal: [1, 1, 0, -1], sample_rate: 8000 }],
      out: [{ signal: [1, 0.5, -0.5, -1] }],
    },
  ],
  apply: (batch, { coefficient }, context) => {
    const signal = batch.column("signal");
    const { width } = signal;
    const emphasised = (row: number): Float32Array => {
      const samples = signalOf(signal, row);
      return samples.map((value, i) => (i < width ? value : value - coefficient * samples[i - width]));
    };
    return batch.with({ signal: seriesOf(batch.rows, width, emphasised, context) });
  },
});
