/** @file WAV files as rows: what the loader and the reader of predictions share. */
import {
  type Column,
  fail,
  integers,
  type ResolvedFile,
  type SeriesColumn,
  type StageContext,
  utf8,
} from "@seqloom/core";
import { openWav, type WavFile } from "./wav/read.js";

/** A stretch of a file that becomes a row: samples `start … end` of it. Plain data. */
export type Clip = {
  readonly path: string;
  readonly name: string;
  readonly start: number;
  readonly end: number;
};

/** Channels of the result: the mean of all, or as many as the files have. */
export type Channels = "mean" | "all";

/** Samples at full scale in a row that are taken for clipping. */
const CLIPPED_RUN = 4;

/**
 * The clips of a file: one, or several of `segment` seconds.
 * @throws DiagnosticError `wav-format`, `wav-empty`.
 */
export function clipsOf(file: ResolvedFile, segment: number | null, log: (message: string) => void): Clip[] {
  const wav = openWav(file.path, file.name);
  wav.close();
  for (const warning of wav.warnings) log(warning);
  const step = segment === null ? wav.length : Math.max(1, Math.round(segment * wav.sampleRate));
  return Array.from({ length: Math.ceil(wav.length / step) }, (_, i) => ({
    path: file.path,
    name: file.name,
    start: i * step,
    end: Math.min((i + 1) * step, wav.length),
  }));
}

/**
 * Reads clips: columns `id` (the file's name, with the second that it begins at, if that is not 0), `signal` and `sample_rate`.
 * @param width channels that other clips were found to have.
 * @throws DiagnosticError `wav-format`, `wav-not-finite`, `mixed-channels`.
 */
export function readClips(
  clips: readonly Clip[],
  channels: Channels,
  context: StageContext,
  width: number | null = null,
): [string, Column][] {
  const ids: string[] = [];
  const rates: number[] = [];
  const parts: Float32Array[] = [];
  let wide = channels === "mean" ? 1 : width;
  let wav: WavFile | null = null;
  let open = "";
  try {
    for (const { path, name, start, end } of clips) {
      context.signal.throwIfAborted();
      if (wav === null || open !== path) {
        wav?.close();
        wav = openWav(path, name);
        open = path;
      }
      wide ??= wav.channels;
      if (channels === "all" && wav.channels !== wide) throw mixedChannels(name, wav.channels, wide);
      const samples = wav.read(start, end);
      checkSamples(samples, wav, name, context);
      parts.push(wide === 1 ? meanOf(samples, wav.channels) : samples);
      ids.push(start === 0 ? name : `${name}#${(start / wav.sampleRate).toFixed(3)}`);
      rates.push(wav.sampleRate);
    }
  } finally {
    wav?.close();
  }
  return [
    ["id", utf8(ids)],
    ["signal", joined(parts, wide ?? 1)],
    ["sample_rate", integers(rates)],
  ];
}

function joined(parts: readonly Float32Array[], width: number): SeriesColumn {
  const offsets = new Int32Array(parts.length + 1);
  for (const [row, part] of parts.entries()) offsets[row + 1] = offsets[row] + part.length / width;
  const values = new Float32Array(offsets[parts.length] * width);
  for (const [row, part] of parts.entries()) values.set(part, offsets[row] * width);
  return { type: "series", values, offsets, width };
}

function meanOf(samples: Float32Array, channels: number): Float32Array {
  if (channels === 1) return samples;
  const out = new Float32Array(samples.length / channels);
  for (let i = 0; i < out.length; i++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += samples[i * channels + c];
    out[i] = sum / channels;
  }
  return out;
}

/** Not-a-numbers stop the run; clipping is told, once per file. */
function checkSamples(samples: Float32Array, wav: WavFile, name: string, context: StageContext): void {
  let run = 0;
  let clipped = 0;
  for (let i = 0; i < samples.length; i++) {
    const size = Math.abs(samples[i]);
    if (!(size < Number.POSITIVE_INFINITY)) {
      throw fail("wav-not-finite", `"${name}": sample ${Math.floor(i / wav.channels)} is ${samples[i]}`, {
        hint: "A float WAV holds what a program computed: look for a division by zero there, or leave the file out.",
      });
    }
    run = size >= 0.99996 ? run + 1 : 0;
    if (run === CLIPPED_RUN) clipped++;
  }
  if (clipped > 0)
    context.log(`"${name}" is clipped in ${clipped} ${clipped === 1 ? "place" : "places"}: it was recorded too loud`);
}

function mixedChannels(name: string, channels: number, others: number) {
  return fail("mixed-channels", `"${name}" has ${channels} channels, other files have ${others}`, {
    hint: "Set channels: mean, which makes one of them in every file.",
  });
}
