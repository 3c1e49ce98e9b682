/** @file Pictures of spectra, bands and coefficients. */
import type { Html } from "../../html.js";
import { type Clip, type Feature, shownSeconds } from "../clip.js";
import { computed, plainSpectrogram } from "../features.js";
import { framed, hertz, hertzTicks } from "../frame.js";
import { heat, rangeOf } from "../heat.js";
import { described, RANGE_DB } from "./described.js";

const HEIGHT = 150;

/** Where the frames lie in the plot: its beginning and its width, as parts of the clip. Frame t is centred at sample t × hop. */
export function placeOf(frames: number, hop: number, { samples }: Clip, lead = 0): readonly [number, number] {
  return [(lead - hop / 2) / samples.length, (frames * hop) / samples.length];
}

/** The spectrogram of a clip of which none was computed. */
export async function spectrumPanel(clip: Clip): Promise<Html> {
  const { values, width, params } = await plainSpectrogram(clip, RANGE_DB, 0.03);
  const [, high] = rangeOf(values);
  return framed({
    caption: `Spectrogram: ${params.n_fft / 2 + 1} bins, computed for this report`,
    label: `Spectrogram of ${clip.name}, 0 to ${hertz(clip.sampleRate / 2)}, ${RANGE_DB} decibels below the loudest value`,
    seconds: shownSeconds(clip),
    height: HEIGHT,
    ticks: hertzTicks(clip.sampleRate / 2, (hz) => (2 * hz) / clip.sampleRate),
    content: heat(
      { values, width },
      high - RANGE_DB,
      high,
      HEIGHT,
      placeOf(values.length / width, params.hop_length, clip),
    ),
    colors: { low: `−${RANGE_DB}`, high: "0", unit: "dB" },
  });
}

/** The picture of what a stage computes; null where it cannot be computed again. */
export async function featurePanel(feature: Feature, clip: Clip): Promise<Html | null> {
  const grid = await computed(feature, clip);
  if (grid === null) return null;
  const { caption, ticks, height, shown, values, scale } = await described(feature, grid, clip);
  const { n_fft: nFft = 2048, win_length: win, hop_length: hop, center = true } = feature.params as Geometry;
  const step = hop ?? Math.max(1, Math.floor((win ?? nFft) / 4));
  const [low, high] = shown;
  const frames = values.values.length / values.width;
  return framed({
    caption: `${caption} (${feature.stage})`,
    label: `${caption} of ${clip.name}: ${frames} frames, values from ${scale.low} to ${scale.high} ${scale.unit}`,
    seconds: shownSeconds(clip),
    height,
    ticks,
    content: heat(values, low, high, height, placeOf(frames, step, clip, center ? 0 : nFft / 2)),
    colors: scale,
  });
}

interface Geometry {
  readonly n_fft?: number;
  readonly win_length?: number;
  readonly hop_length?: number;
  readonly center?: boolean;
}
