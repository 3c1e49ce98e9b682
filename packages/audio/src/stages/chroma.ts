import { dataset, defineMap } from "@seqloom/core";
import { z } from "zod";
import { chromaFilters } from "../dsp/chroma.js";
import { bankOf } from "../dsp/filter-bank.js";
import { BandSpectra } from "../dsp/log-mel.js";
import { STFT_PARAMS, stftOptions, stftProblems } from "../params.js";
import { monoOf, rateOf, SOUND, seriesOf, signalOf } from "../signals.js";

/** How much of each pitch class there is, `[frames, n_chroma]`, C first, the loudest of a frame being 1. */
export const chroma = defineMap({
  id: "audio/chroma",
  version: 1,
  description: "How much of each pitch class there is, C first, the loudest of a frame being 1.",
  input: dataset(SOUND),
  output: dataset({ series: "series" }),
  params: z.strictObject({
    n_chroma: z.int().min(12).max(96).default(12).describe("Classes of an octave"),
    a440: z.number().positive().default(440).describe("Tuning: hertz of the A above middle C"),
    ...STFT_PARAMS,
  }),
  check: (params) => stftProblems(params),
  examples: [{ title: "music at 22,050 Hz", with: { n_fft: 4096, hop_length: 1024 } }],
  apply: (batch, params, context) => {
    const { n_chroma: classes, a440, n_fft: nFft } = params;
    const signal = monoOf(batch);
    const rate = rateOf(batch);
    if (rate === null) return batch.with({ series: seriesOf(0, classes, () => new Float32Array(), context) });
    const geometry = { sampleRate: rate, nFft, classes, a440 };
    const bank = bankOf(`chroma ${JSON.stringify(geometry)}`, () => chromaFilters(geometry));
    const spectra = new BandSpectra(stftOptions(params), bank, null);
    const of = (row: number): Float32Array => loudestIsOne(spectra.run(signalOf(signal, row)), classes);
    return batch.with({ series: seriesOf(batch.rows, classes, of, context) });
  },
});

function loudestIsOne(values: Float32Array, width: number): Float32Array {
  for (let at = 0; at < values.length; at += width) {
    const frame = values.subarray(at, at + width);
    const top = Math.max(...frame);
    if (top > 0) for (let i = 0; i < width; i++) frame[i] /= top;
  }
  return values;
}
