/** @file Features of a clip, computed again from its samples and the parameters of the stage: the same numbers as in the store. */
import {
  applyStage,
  Dataset,
  integers,
  type MapDefinition,
  Random,
  rootSeed,
  type SeriesColumn,
  type StageContext,
} from "@seqloom/core";
import type { Clip, Feature } from "./clip.js";
import type { Grid } from "./heat.js";

/** The stages whose results have a picture, and how their export is called. */
const STAGES = {
  "audio/spectrogram": "spectrogram",
  "audio/log-mel": "logMel",
  "audio/mfcc": "mfcc",
  "audio/chroma": "chroma",
  "audio/pitch": "pitch",
} as const;

/** Whether there is a picture of what a stage computes. */
export function hasPicture(use: string): boolean {
  return Object.hasOwn(STAGES, use);
}

/** What a stage gives for a clip; null where it cannot be computed for this one. */
export async function computed({ use, params }: Feature, clip: Clip): Promise<Grid | null> {
  const audio = await import("@seqloom/audio");
  const stage = audio[STAGES[use as keyof typeof STAGES]] as unknown as MapDefinition;
  const signal: SeriesColumn = {
    type: "series",
    values: clip.samples,
    offsets: Int32Array.of(0, clip.samples.length),
    width: 1,
  };
  const rows = Dataset.of({ signal, sample_rate: integers([clip.sampleRate]) });
  try {
    const data = await applyStage(stage, rows, null, stage.params.parse(params), context());
    const { values, width } = data.columns.get("series") as SeriesColumn;
    return { values, width };
  } catch {
    // A record may be older than the stage.
    return null;
  }
}

/**
 * Decibels of a short-time Fourier transform, at least `top` below the loudest, finely stepped.
 * @param window seconds: 0.03 for speech, 0.06 where its harmonics are to be told apart
 */
export async function plainSpectrogram(
  clip: Clip,
  top: number,
  window: number,
): Promise<Grid & { readonly params: PlainParams }> {
  const nFft = 2 ** Math.round(Math.log2(Math.max(clip.sampleRate * window, 32)));
  const hop = Math.max(1, Math.min(nFft / 4, Math.floor(clip.samples.length / 320) || 1));
  const params = { n_fft: nFft, hop_length: hop, kind: "decibels", top_db: top } as const;
  const grid = await computed({ stage: "", use: "audio/spectrogram", params }, clip);
  return { ...(grid ?? { values: new Float32Array(nFft / 2 + 1).fill(-100), width: nFft / 2 + 1 }), params };
}

/** The geometry of such a spectrogram. */
export interface PlainParams {
  readonly n_fft: number;
  readonly hop_length: number;
}

function context(): StageContext {
  const nothing = () => {};
  return {
    stage: "report",
    random: new Random(rootSeed(0)),
    signal: new AbortController().signal,
    files: {},
    scratch: "",
    device: "simd",
    firstRow: 0,
    validation: Dataset.of([], 0),
    progress: nothing,
    epoch: nothing,
    log: nothing,
  };
}
