import { dataset, defineMap, type IntegerColumn } from "@seqloom/core";
import { z } from "zod";
import { resample as resampled } from "../dsp/resample.js";
import { monoOf, SOUND, seriesOf, signalOf } from "../signals.js";

/** Brings every clip to one sample rate, by a polyphase filter that lets nothing fold back. */
export const resample = defineMap({
  id: "audio/resample",
  version: 1,
  description: "Brings every clip to one sample rate, by a polyphase filter that lets nothing fold back.",
  input: dataset(SOUND),
  output: dataset(SOUND),
  params: z.strictObject({
    rate: z.int().min(1000).max(768_000).describe("Sample rate of the result, hertz"),
  }),
  examples: [
    {
      title: "clips that have the rate stay as they are",
      with: { rate: 8000 },
      in: [{ signal: [0.5, 0.25], sample_rate: 8000 }],
      out: [{ signal: [0.5, 0.25], sample_rate: 8000 }],
    },
  ],
  apply: (batch, { rate }, context) => {
    const signal = monoOf(batch);
    const rates = batch.column("sample_rate").values;
    if (rates.every((own) => own === rate)) return batch;
    const sample_rate: IntegerColumn = { type: "integer", values: new Int32Array(batch.rows).fill(rate) };
    const at = (row: number): Float32Array => resampled(signalOf(signal, row), rates[row], rate);
    return batch.with({ signal: seriesOf(batch.rows, 1, at, context), sample_rate });
  },
});
