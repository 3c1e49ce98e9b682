/** @file Parameters of banks of mel filters. */
import type { ParamProblem } from "@seqloom/core";
import { z } from "zod";
import { DECIBELS, type Logarithm } from "./dsp/log-mel.js";
import { emptyFilters, MEL_SCALES, type MelOptions, type MelScale, melFilters } from "./dsp/mel.js";

/** Geometry of a bank. */
export const MEL_PARAMS = {
  n_mels: z.int().min(1).max(1024).default(128).describe("Number of bands"),
  f_min: z.number().min(0).default(0).describe("Lower edge of the lowest band, hertz"),
  f_max: z
    .number()
    .positive()
    .optional()
    .describe("Upper edge of the highest band, hertz; default half the sample rate"),
  mel_scale: z.enum(MEL_SCALES).default("slaney").describe("slaney as in librosa, htk as in HTK and torchaudio"),
  norm: z
    .enum(["slaney", "none"])
    .default("slaney")
    .describe("slaney: triangles of area 1, as in librosa. none: of height 1, as in torchaudio"),
} as const;

interface MelParams {
  readonly n_fft: number;
  readonly n_mels: number;
  readonly f_min: number;
  readonly f_max?: number | undefined;
  readonly mel_scale: MelScale;
  readonly norm: "slaney" | "none";
}

/** The options that such parameters stand for, for clips of a rate. */
export function melOptions(params: MelParams, sampleRate: number): MelOptions {
  return {
    sampleRate,
    nFft: params.n_fft,
    nMels: params.n_mels,
    fMin: params.f_min,
    fMax: Math.min(params.f_max ?? sampleRate / 2, sampleRate / 2),
    scale: params.mel_scale,
    norm: params.norm,
  };
}

/** What is wrong with such parameters, as far as it shows without the sample rate. */
export function melProblems(params: MelParams): ParamProblem[] {
  const { f_min: low, f_max: high } = params;
  if (high === undefined || low < high) return [];
  return [{ path: ["f_max"], message: `f_max, ${high} Hz, is not above f_min, ${low} Hz`, hint: "Raise f_max." }];
}

/** Bands that catch no bin, in words: they would always be silent. `null` when there are none. */
export function silentBands(options: MelOptions): string | null {
  const empty = emptyFilters(melFilters(options));
  if (empty.length === 0) return null;
  const named = empty
    .slice(0, 8)
    .map((place) => place + 1)
    .join(", ");
  return (
    `${empty.length} of ${options.nMels} mel bands lie between two bins of the spectrum and are always silent ` +
    `(bands ${named}${empty.length > 8 ? ", …" : ""}): use fewer bands or a larger n_fft`
  );
}

/** The logarithm of a name. The natural one is what torchaudio's tutorials use: ln(x + 1e-6). */
export function logarithmOf(name: "decibels" | "natural" | "none"): Logarithm | null {
  if (name === "none") return null;
  return name === "decibels" ? DECIBELS : { scale: 1, least: 0, offset: 1e-6 };
}
