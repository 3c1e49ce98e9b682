import { type Html, html } from "../../html.js";
import { type Clip, type Feature, shownSeconds } from "../clip.js";
import { computed, plainSpectrogram } from "../features.js";
import { fixed, framed, hertz, hertzTicks, PLOT } from "../frame.js";
import { heat, rangeOf } from "../heat.js";
import { RANGE_DB } from "./described.js";
import { placeOf } from "./spectra.js";

const HEIGHT = 150;

/** The fundamental frequency as a line over the spectrogram that it is read from; gaps are unvoiced. Null where it cannot be computed. */
export async function pitchPanel(feature: Feature, clip: Clip): Promise<Html | null> {
  const grid = await computed(feature, clip);
  if (grid === null) return null;
  const {
    f_min: low,
    f_max: high,
    frame_length: length,
    hop_length: step,
    center,
    scale,
  } = feature.params as unknown as Params;
  const hop = step ?? Math.max(1, Math.floor(length / 4));
  const frames = grid.values.length / grid.width;
  const hz = Array.from({ length: frames }, (_, t) => {
    const value = grid.values[t * grid.width];
    return scale !== "octaves" ? value : value === 0 ? 0 : low * 2 ** value;
  });
  const voiced = hz.filter((value) => value > 0);
  // Twice the highest pitch: the first harmonics are seen above the line.
  const top = Math.min(clip.sampleRate / 2, 2.2 * Math.max(high / 2, ...voiced));
  const lead = center ? 0 : length / 2;
  const x = (t: number): number => ((t * hop + lead) / clip.samples.length) * PLOT;
  const y = (value: number): number => (1 - value / top) * HEIGHT;
  const lines = voicedRuns(hz).map(([start, end]) => {
    const points = Array.from({ length: end - start }, (_, i) => `${fixed(x(start + i))},${fixed(y(hz[start + i]))}`);
    // A single voiced frame is a dash as wide as the frame.
    if (points.length === 1)
      points.push(`${fixed(x(start) + (PLOT * hop) / clip.samples.length / 2)},${fixed(y(hz[start]))}`);
    return points.join(" ");
  });
  const spectra = await plainSpectrogram(clip, RANGE_DB, 0.06);
  const kept = Math.max(1, Math.ceil((spectra.width - 1) * (top / (clip.sampleRate / 2))));
  const values = belowBin(spectra.values, spectra.width, kept);
  const [, loudest] = rangeOf(values);
  const place = placeOf(values.length / kept, spectra.params.hop_length, clip);
  const found =
    voiced.length === 0
      ? "no frame is voiced"
      : `from ${hertz(Math.round(Math.min(...voiced)))} to ${hertz(Math.round(Math.max(...voiced)))}, ${voiced.length} of ${frames} frames voiced`;
  return framed({
    caption: `Fundamental frequency over the spectrogram (${feature.stage}): ${found}`,
    label: `Fundamental frequency of ${clip.name}, ${found}`,
    seconds: shownSeconds(clip),
    height: HEIGHT,
    ticks: hertzTicks(top, (value) => value / top),
    content: html`${heat({ values, width: kept }, loudest - RANGE_DB, loudest, HEIGHT, place)}${lines.map(
      (points) => html`<polyline class="f0-edge" points="${points}"/><polyline class="f0" points="${points}"/>`,
    )}`,
    colors: { low: `−${RANGE_DB}`, high: "0", unit: "dB" },
  });
}

interface Params {
  readonly f_min: number;
  readonly f_max: number;
  readonly frame_length: number;
  readonly hop_length?: number;
  readonly center: boolean;
  readonly scale: string;
}

/** Stretches of frames that have a pitch. */
function voicedRuns(hz: readonly number[]): [start: number, end: number][] {
  const runs: [number, number][] = [];
  for (let t = 0; t < hz.length; t++) {
    if (!(hz[t] > 0)) continue;
    const last = runs.at(-1);
    if (last?.[1] === t) last[1] = t + 1;
    else runs.push([t, t + 1]);
  }
  return runs;
}

function belowBin(values: Float32Array, width: number, kept: number): Float32Array {
  const frames = values.length / width;
  const out = new Float32Array(frames * kept);
  for (let t = 0; t < frames; t++) out.set(values.subarray(t * width, t * width + kept), t * kept);
  return out;
}
