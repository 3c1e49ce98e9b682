/** @file Parameters that several stages share, under the names that librosa gives them. */
import type { ParamProblem } from "@seqloom/core";
import { z } from "zod";
import { isFourierLength, nextFourierLength } from "./dsp/fourier.js";
import { PAD_MODES } from "./dsp/padding.js";
import type { StftOptions } from "./dsp/stft.js";
import { WINDOWS } from "./dsp/windows.js";

/** Geometry of short-time Fourier transforms. */
export const STFT_PARAMS = {
  n_fft: z.int().min(2).max(65_536).default(2048).describe("Samples of a frame: its spectrum has n_fft / 2 + 1 bins"),
  hop_length: z.int().min(1).optional().describe("Samples from frame to frame; default a quarter of win_length"),
  win_length: z.int().min(1).optional().describe("Samples of the window, in the middle of the frame; default n_fft"),
  window: z.enum(WINDOWS).default("hann").describe("Shape of the window (periodic)"),
  center: z
    .boolean()
    .default(true)
    .describe("Whether frame t is centred at sample t × hop_length, the clip padded at both ends"),
  pad_mode: z
    .enum(PAD_MODES)
    .default("constant")
    .describe("What stands beyond the ends: zeros, the clip mirrored, its end repeated"),
} as const;

interface StftParams {
  readonly n_fft: number;
  readonly hop_length?: number | undefined;
  readonly win_length?: number | undefined;
  readonly window: StftOptions["window"];
  readonly center: boolean;
  readonly pad_mode: StftOptions["padMode"];
}

/** The options that such parameters stand for. */
export function stftOptions(params: StftParams): StftOptions {
  const winLength = params.win_length ?? params.n_fft;
  return {
    nFft: params.n_fft,
    hopLength: params.hop_length ?? Math.max(1, Math.floor(winLength / 4)),
    winLength,
    window: params.window,
    center: params.center,
    padMode: params.pad_mode,
  };
}

/** What is wrong with such parameters. */
export function stftProblems(params: StftParams): ParamProblem[] {
  const { nFft, hopLength, winLength } = stftOptions(params);
  const problems: ParamProblem[] = [];
  if (!isFourierLength(nFft)) {
    problems.push({
      path: ["n_fft"],
      message: `a Fourier transform of ${nFft} samples is not there`,
      hint: `Lengths are even and have the prime factors 2, 3 and 5 only; the next is ${nextFourierLength(nFft)}.`,
    });
  }
  if (winLength > nFft) {
    problems.push({
      path: ["win_length"],
      message: `the window has ${winLength} samples, the frame ${nFft}`,
      hint: `Set win_length to at most n_fft, ${nFft}.`,
    });
  }
  if (hopLength > winLength) {
    problems.push({
      path: ["hop_length"],
      message: `the hop of ${hopLength} samples is longer than the window of ${winLength}: samples between frames are lost`,
      hint: `Set hop_length to at most ${winLength}; a quarter of it is usual.`,
    });
  }
  return problems;
}
