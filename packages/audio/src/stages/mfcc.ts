import { dataset, defineMap } from "@seqloom/core";
import { z } from "zod";
import { cepstra, limitRange } from "../dsp/cepstrum.js";
import { DECIBELS, MelSpectra } from "../dsp/log-mel.js";
import { MEL_PARAMS, melOptions, melProblems, silentBands } from "../mel-params.js";
import { STFT_PARAMS, stftOptions, stftProblems } from "../params.js";
import { monoOf, rateOf, SOUND, seriesOf, signalOf } from "../signals.js";

/** Mel-frequency cepstral coefficients, `[frames, n_mfcc]` (Davis and Mermelstein 1980). */
export const mfcc = defineMap({
  id: "audio/mfcc",
  version: 1,
  description: "Mel-frequency cepstral coefficients: the cosine transform of a mel spectrogram in decibels.",
  input: dataset(SOUND),
  output: dataset({ series: "series" }),
  params: z.strictObject({
    n_mfcc: z.int().min(1).default(20).describe("Number of coefficients"),
    lifter: z.number().min(0).default(0).describe("Period of the sine that lifts high coefficients; 0: none; HTK: 22"),
    top_db: z
      .number()
      .positive()
      .default(80)
      .describe("What lies more than this below the loudest band of the clip is raised to that level"),
    ...STFT_PARAMS,
    ...MEL_PARAMS,
  }),
  check: (params) => [
    ...stftProblems(params),
    ...melProblems(params),
    ...(params.n_mfcc > params.n_mels
      ? [
          {
            path: ["n_mfcc"],
            message: `${params.n_mfcc} coefficients cannot come from ${params.n_mels} bands`,
            hint: `Set n_mfcc to at most n_mels, ${params.n_mels}.`,
          },
        ]
      : []),
  ],
  examples: [
    { title: "13 coefficients of speech at 8 kHz", with: { n_mfcc: 13, n_fft: 256, hop_length: 80, n_mels: 40 } },
  ],
  apply: (batch, params, context) => {
    const signal = monoOf(batch);
    const rate = rateOf(batch);
    const { n_mels: bands, n_mfcc: coefficients, lifter, top_db: range } = params;
    if (rate === null) return batch.with({ series: seriesOf(0, coefficients, () => new Float32Array(), context) });
    const mel = melOptions(params, rate);
    const silent = silentBands(mel);
    if (silent !== null) context.log(silent);
    const spectra = new MelSpectra(stftOptions(params), mel, DECIBELS);
    const of = (row: number): Float32Array => {
      const decibels = spectra.run(signalOf(signal, row));
      limitRange(decibels, range);
      return cepstra(decibels, bands, coefficients, lifter);
    };
    return batch.with({ series: seriesOf(batch.rows, coefficients, of, context) });
  },
});
