/** @file What the numbers of a feature are: words, units, and what stands at the axes. */
import type { JsonObject } from "@seqloom/core";
import type { Clip, Feature } from "../clip.js";
import { type ColorScale, hertz, hertzTicks, type Tick } from "../frame.js";
import { type Grid, rangeOf } from "../heat.js";

/** Decibels below the loudest value that are told apart. */
export const RANGE_DB = 80;

/** A feature as it is drawn. */
export interface Described {
  readonly caption: string;
  readonly height: number;
  readonly ticks: readonly Tick[];
  readonly values: Grid;
  /** The values of the darkest and of the brightest colour. */
  readonly shown: readonly [low: number, high: number];
  readonly scale: ColorScale;
}

/** Describes what a stage gave for a clip. */
export async function described(feature: Feature, grid: Grid, clip: Clip): Promise<Described> {
  switch (feature.use) {
    case "audio/spectrogram":
      return spectrum(grid, String(feature.params.kind), clip);
    case "audio/log-mel":
      return bands(grid, feature.params, clip);
    case "audio/chroma":
      return {
        caption: `Chroma: ${grid.width} pitch classes`,
        height: 120,
        ticks: NATURAL_TONES.map(([text, halfTones]) => ({ text, at: (halfTones + 0.5) / 12 })),
        values: grid,
        shown: [0, 1],
        scale: { low: "0", high: "1", unit: "" },
      };
    default:
      return coefficients(grid);
  }
}

const NATURAL_TONES = [
  ["C", 0],
  ["D", 2],
  ["E", 4],
  ["F", 5],
  ["G", 7],
  ["A", 9],
  ["B", 11],
] as const;

function spectrum(grid: Grid, kind: string, { sampleRate }: Clip): Described {
  const values = decibels(grid, kind);
  const [, high] = rangeOf(values.values);
  return {
    caption: `Spectrogram: ${values.width} bins`,
    height: 150,
    ticks: hertzTicks(sampleRate / 2, (hz) => (2 * hz) / sampleRate),
    values,
    shown: [high - RANGE_DB, high],
    scale: { low: `−${RANGE_DB}`, high: "0", unit: "dB" },
  };
}

/** Whatever audio/spectrogram was told to give, in decibels. */
function decibels({ values, width }: Grid, kind: string): Grid {
  if (kind === "decibels") return { values, width };
  if (kind !== "complex") {
    const factor = kind === "power" ? 10 : 20;
    return { values: values.map((value) => factor * Math.log10(Math.max(value, 1e-10))), width };
  }
  const bins = width / 2;
  const powers = new Float32Array(values.length / 2);
  for (let i = 0; i < powers.length; i++) {
    const at = Math.floor(i / bins) * width + (i % bins);
    powers[i] = 10 * Math.log10(Math.max(values[at] ** 2 + values[at + bins] ** 2, 1e-10));
  }
  return { values: powers, width: bins };
}

async function bands(grid: Grid, params: JsonObject, clip: Clip): Promise<Described> {
  const [low, high] = rangeOf(grid.values);
  const unit = params.log === "natural" ? "ln" : params.log === "none" ? "power" : "dB";
  const shown: readonly [number, number] = [unit === "dB" ? Math.max(low, high - RANGE_DB) : low, high];
  return {
    caption: `Mel spectrogram: ${grid.width} bands`,
    height: 130,
    ticks: await melTicks(params, clip.sampleRate, grid.width),
    values: grid,
    shown,
    scale:
      unit === "dB"
        ? { low: short(Math.round(shown[0])), high: short(Math.round(shown[1])), unit }
        : { low: short(shown[0]), high: short(shown[1]), unit },
  };
}

/** Octaves, where they lie among the bands. */
async function melTicks(params: JsonObject, sampleRate: number, count: number): Promise<Tick[]> {
  const { hzToMel } = await import("@seqloom/audio");
  const scale = params.mel_scale === "htk" ? "htk" : "slaney";
  const top = Math.min(Number(params.f_max ?? sampleRate / 2), sampleRate / 2);
  const [from, to] = [hzToMel(Number(params.f_min ?? 0), scale), hzToMel(top, scale)];
  const ticks: Tick[] = [];
  for (const hz of OCTAVES) {
    // Band i has its peak at corner i + 1 of count + 2.
    const at = (((hzToMel(hz, scale) - from) / (to - from)) * (count + 1) - 0.5) / count;
    if (at > 0 && at < 1 && (ticks.at(-1)?.at ?? 2) - at > ROOM) ticks.push({ text: hertz(hz), at });
  }
  return ticks;
}

/** From the top, where they lie far apart. */
const OCTAVES = [16_000, 8000, 4000, 2000, 1000, 500, 250, 125] as const;
/** What a line of text takes of the height. */
const ROOM = 0.1;

function coefficients(grid: Grid): Described {
  const { values, width } = grid;
  // The first coefficient is the loudness, by far the largest: beside it all others would be of one colour.
  const shown = rangeOf(width === 1 ? values : values.filter((_, i) => i % width > 0));
  const step = Math.max(1, Math.ceil(width / 6));
  return {
    caption: `Cepstrum: ${width} coefficients, colours by those from 1 on`,
    height: 120,
    ticks: Array.from({ length: Math.ceil(width / step) }, (_, i) => ({
      text: String(i * step),
      at: (i * step + 0.5) / width,
    })),
    values: grid,
    shown,
    scale: { low: short(shown[0]), high: short(shown[1]), unit: "" },
  };
}

function short(value: number): string {
  return String(Number(value.toPrecision(3))).replace("-", "−");
}
