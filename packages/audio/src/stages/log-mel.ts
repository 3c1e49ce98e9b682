import { dataset, defineMap, fail } from "@seqloom/core";
import { z } from "zod";
import { limitRange } from "../dsp/cepstrum.js";
import { MelSpectra } from "../dsp/log-mel.js";
import { logarithmOf, MEL_PARAMS, melOptions, melProblems, silentBands } from "../mel-params.js";
import { STFT_PARAMS, stftOptions, stftProblems } from "../params.js";
import { monoOf, rateOf, SOUND, seriesOf, signalOf } from "../signals.js";

/** Mel spectrogram, `[frames, n_mels]`: the power in bands as wide as the ear hears them, on a logarithmic scale. */
export const logMel = defineMap({
  id: "audio/log-mel",
  version: 1,
  description: "Mel spectrogram: the power in bands as wide as the ear hears them, on a logarithmic scale.",
  input: dataset(SOUND),
  output: dataset({ series: "series" }),
  params: z.strictObject({
    ...STFT_PARAMS,
    ...MEL_PARAMS,
    log: z
      .enum(["decibels", "natural", "none"])
      .default("decibels")
      .describe("decibels: 10 log10(max(x, 1e-10)). natural: ln(x + 1e-6). none: the power itself"),
    top_db: z
      .number()
      .positive()
      .optional()
      .describe("For decibels: what lies more than this below the loudest value of the clip is raised to that level"),
  }),
  check: (params) => [
    ...stftProblems(params),
    ...melProblems(params),
    ...(params.top_db !== undefined && params.log !== "decibels"
      ? [{ path: ["top_db"], message: `top_db does not go with log: "${params.log}"`, hint: "Leave top_db out." }]
      : []),
  ],
  examples: [{ title: "64 bands of speech at 8 kHz", with: { n_fft: 256, hop_length: 80, n_mels: 40 } }],
  apply: (batch, params, context) => {
    const signal = monoOf(batch);
    const rate = rateOf(batch);
    if (rate === null) return batch.with({ series: seriesOf(0, params.n_mels, () => new Float32Array(), context) });
    const mel = melOptions(params, rate);
    if (mel.fMin >= mel.fMax) {
      throw fail("mel-range", `the bank would reach from ${mel.fMin} Hz to ${mel.fMax} Hz`, {
        hint: `Clips of ${rate} Hz hold frequencies up to ${rate / 2} Hz: lower f_min.`,
      });
    }
    const silent = silentBands(mel);
    if (silent !== null) context.log(silent);
    const spectra = new MelSpectra(stftOptions(params), mel, logarithmOf(params.log));
    const series = seriesOf(
      batch.rows,
      params.n_mels,
      (row) => {
        const values = spectra.run(signalOf(signal, row));
        if (params.top_db !== undefined) limitRange(values, params.top_db);
        return values;
      },
      context,
    );
    return batch.with({ series });
  },
});
