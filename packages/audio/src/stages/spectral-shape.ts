import { dataset, defineMap } from "@seqloom/core";
import { z } from "zod";
import { framesOf } from "../dsp/frames.js";
import { DECIBELS, MelSpectra } from "../dsp/log-mel.js";
import { bandwidth, centroid, energy, flatness, onsetStrength, rolloff, zeroCrossings } from "../dsp/shape.js";
import { Stft } from "../dsp/stft.js";
import { STFT_PARAMS, stftOptions, stftProblems } from "../params.js";
import { monoOf, rateOf, SOUND, seriesOf, signalOf } from "../signals.js";

const BASIC = ["centroid", "bandwidth", "rolloff", "flatness", "zero_crossings", "energy"] as const;
const FEATURES = [...BASIC, "onset"] as const;
/** Features that no spectrum in equal bins is needed for. */
const OTHERS: readonly string[] = ["zero_crossings", "energy", "onset"];

/** Few numbers that describe each frame, `[frames, features]`, in the order in which they are named. */
export const spectralShape = defineMap({
  id: "audio/spectral-shape",
  version: 1,
  description:
    "Few numbers that describe each frame: where the spectrum lies, how wide and how flat it is, how loud it is.",
  input: dataset(SOUND),
  output: dataset({ series: "series" }),
  params: z.strictObject({
    features: z
      .array(z.enum(FEATURES))
      .min(1)
      .default([...BASIC])
      .describe(
        "centroid, bandwidth, rolloff: hertz. flatness: 0 for a tone, 1 for noise. zero_crossings: per sample. energy: root mean square. " +
          "onset: mean rise of the mel bands since the frame before, in decibels",
      ),
    rolloff: z.number().gt(0).lt(1).default(0.85).describe("Share of the magnitude that lies below the rolloff"),
    ...STFT_PARAMS,
  }),
  check: (params) => {
    const twice = params.features.find((name, place) => params.features.indexOf(name) !== place);
    return [
      ...stftProblems(params),
      ...(twice === undefined
        ? []
        : [{ path: ["features"], message: `${twice} is there twice`, hint: "Name it once." }]),
    ];
  },
  examples: [{ title: "brightness and loudness", with: { features: ["centroid", "energy"], n_fft: 512 } }],
  apply: (batch, params, context) => {
    const { features, rolloff: share } = params;
    const signal = monoOf(batch);
    const rate = rateOf(batch) ?? 1;
    const stft = new Stft(stftOptions(params));
    const hz = rate / params.n_fft;
    const needsSpectra = features.some((name) => !OTHERS.includes(name));
    // Four bins a band and more, so that no band is empty.
    const bands = Math.min(128, params.n_fft >> 3);
    const mel = {
      sampleRate: rate,
      nFft: params.n_fft,
      nMels: bands,
      fMin: 0,
      fMax: rate / 2,
      scale: "slaney",
      norm: "slaney",
    } as const;
    const described = (row: number): Float32Array => {
      const samples = signalOf(signal, row);
      const spectra = needsSpectra ? stft.run(samples, "magnitude") : new Float32Array();
      const frames = framesOf(samples, stft);
      const of: Readonly<Record<(typeof FEATURES)[number], () => Float32Array>> = {
        centroid: () => centroid(spectra, stft.bins, hz),
        bandwidth: () => bandwidth(spectra, stft.bins, hz),
        rolloff: () => rolloff(spectra, stft.bins, hz, share),
        flatness: () => flatness(spectra, stft.bins),
        zero_crossings: () => frames(zeroCrossings),
        energy: () => frames(energy),
        onset: () => onsetStrength(new MelSpectra(stftOptions(params), mel, DECIBELS).run(samples), bands),
      };
      const columns = features.map((name) => of[name]());
      const out = new Float32Array(stft.frames(samples.length) * features.length);
      for (const [place, column] of columns.entries()) {
        for (let t = 0; t < column.length; t++) out[t * features.length + place] = column[t];
      }
      return out;
    };
    return batch.with({ series: seriesOf(batch.rows, features.length, described, context) });
  },
});
