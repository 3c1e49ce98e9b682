import type { JsonObject, TokensColumn } from "@seqloom/core";

/** A sound to show: one channel, the beginning of a long one. */
export interface Clip {
  /** What it is called: its file, or its row. */
  readonly name: string;
  /** What else is known of it in words: its label, its split. */
  readonly facts: readonly string[];
  readonly samples: Float32Array;
  readonly sampleRate: number;
  /** Length of the whole clip, seconds. */
  readonly seconds: number;
  /** What a model trained by CTC says of it. */
  readonly said: Said | null;
}

/** The outputs of a model trained by CTC over the frames of a clip. */
export interface Said {
  /** `[frames, outputs]`; output 0 is the blank. */
  readonly probabilities: Float32Array;
  /** Names of the outputs from 1 on. */
  readonly classes: readonly string[];
  /** The best path, repeats taken as one and blanks left out. */
  readonly predicted: readonly string[];
  /** What was to be said, where that is known. */
  readonly wanted: readonly string[] | null;
}

/** Seconds of the part that is shown. */
export function shownSeconds({ samples, sampleRate }: Clip): number {
  return samples.length / sampleRate;
}

/** A stage that computes a feature of sounds, and how it was told to. */
export interface Feature {
  readonly stage: string;
  readonly use: string;
  readonly params: JsonObject;
}

/** The tokens of a row of a column. */
export function tokensAt({ dictionary, indices, offsets }: TokensColumn, row: number): string[] {
  return Array.from(indices.subarray(offsets[row], offsets[row + 1]), (index) => dictionary[index] ?? "");
}
