import { dataset, defineMap, fail } from "@seqloom/core";
import { z } from "zod";
import { griffinLim } from "../dsp/griffin-lim.js";
import { Stft } from "../dsp/stft.js";
import { STFT_PARAMS, stftOptions, stftProblems } from "../params.js";
import { randomOfRow } from "../row-random.js";
import { seriesOf, signalOf } from "../signals.js";

/** Turns spectra back into sound: exactly from complex ones, by the method of Griffin and Lim from magnitudes. */
export const inverse = defineMap({
  id: "audio/inverse",
  version: 1,
  description: "Turns spectra back into sound: complex ones exactly, magnitudes by the method of Griffin and Lim.",
  seeded: true,
  input: dataset({ series: "series" }),
  output: dataset({ signal: "series" }),
  params: z.strictObject({
    ...STFT_PARAMS,
    kind: z
      .enum(["complex", "magnitude", "power", "decibels"])
      .default("complex")
      .describe("What the series holds, as audio/spectrogram gives it; of all but complex the phases are found"),
    iterations: z.int().min(1).max(10_000).default(32).describe("For all but complex: how often to go to and fro"),
    momentum: z.number().min(0).lt(1).default(0.99).describe("For all but complex: 0 is the first algorithm"),
  }),
  check: (params) => [
    ...stftProblems(params),
    ...(params.center
      ? []
      : [
          {
            path: ["center"],
            message: "the first and the last samples of frames that are not centred cannot be found",
            hint: "Use center: true here and in audio/spectrogram.",
          },
        ]),
  ],
  examples: [
    { title: "the way back from audio/spectrogram with kind: complex", with: { n_fft: 512, hop_length: 128 } },
  ],
  apply: (batch, params, context) => {
    const spectra = batch.column("series");
    const stft = new Stft(stftOptions(params));
    const expected = stft.width(params.kind === "complex" ? "complex" : "magnitude");
    if (batch.rows > 0 && spectra.width !== expected) {
      throw fail(
        "spectrum-width",
        `spectra of ${spectra.width} values cannot come from n_fft: ${params.n_fft}, kind: ${params.kind}`,
        {
          hint: `These have ${expected} values a frame. Set n_fft and kind as in the stage that made them.`,
        },
      );
    }
    const sound = (row: number): Float32Array => {
      const values = signalOf(spectra, row);
      if (params.kind === "complex") return stft.inverse(values);
      const magnitudes = values.map(MAGNITUDE[params.kind]);
      const random = randomOfRow(context.random, values);
      const { iterations, momentum } = params;
      return griffinLim(stft, magnitudes, { iterations, momentum, phase: () => 2 * Math.PI * random.uniform() });
    };
    return batch.with({ signal: seriesOf(batch.rows, 1, sound, context) });
  },
});

/** Magnitudes from what audio/spectrogram gives; of a model's guess, what cannot be a power is none. */
const MAGNITUDE = {
  magnitude: (value: number): number => Math.max(value, 0),
  power: (value: number): number => Math.sqrt(Math.max(value, 0)),
  decibels: (value: number): number => 10 ** (value / 20),
} as const;
