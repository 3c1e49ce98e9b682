import { dataset, defineMap } from "@seqloom/core";
import { z } from "zod";
import { decibelsOf, limitRange } from "../dsp/cepstrum.js";
import { Stft } from "../dsp/stft.js";
import { STFT_PARAMS, stftOptions, stftProblems } from "../params.js";
import { monoOf, SOUND, seriesOf, signalOf } from "../signals.js";

/** Short-time Fourier transform, `[frames, n_fft / 2 + 1]`, or twice as wide when it is complex. */
export const spectrogram = defineMap({
  id: "audio/spectrogram",
  version: 1,
  description: "Short-time Fourier transform: how much of each frequency there is, frame by frame.",
  input: dataset(SOUND),
  output: dataset({ series: "series" }),
  params: z.strictObject({
    ...STFT_PARAMS,
    kind: z
      .enum(["magnitude", "power", "decibels", "complex"])
      .default("magnitude")
      .describe(
        "magnitude, its square, 10 log10 of that (at least -100), or the complex spectrum: all real parts, then all imaginary " +
          "parts, which audio/inverse turns back into sound",
      ),
    top_db: z
      .number()
      .positive()
      .optional()
      .describe("For decibels: what lies more than this below the loudest value of the clip is raised to that level"),
  }),
  check: (params) => [
    ...stftProblems(params),
    ...(params.top_db !== undefined && params.kind !== "decibels"
      ? [{ path: ["top_db"], message: `top_db does not go with kind: "${params.kind}"`, hint: "Leave top_db out." }]
      : []),
  ],
  examples: [
    {
      with: { n_fft: 4, hop_length: 4, window: "rectangular", center: false },
      in: [{ signal: [1, 0, -1, 0, 1, 1, 1, 1], sample_rate: 8000 }],
      out: [
        {
          series: [
            [0, 2, 0],
            [4, 0, 0],
          ],
        },
      ],
    },
  ],
  apply: (batch, params, context) => {
    const signal = monoOf(batch);
    const stft = new Stft(stftOptions(params));
    const kept = params.kind === "decibels" ? "power" : params.kind;
    const spectra = (row: number): Float32Array => {
      const values = stft.run(signalOf(signal, row), kept);
      if (params.kind === "decibels") decibelsOf(values);
      if (params.top_db !== undefined) limitRange(values, params.top_db);
      return values;
    };
    return batch.with({ series: seriesOf(batch.rows, stft.width(kept), spectra, context) });
  },
});
