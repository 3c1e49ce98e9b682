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

/** How clips are cut out of files. */
export interface ClipOptions {
  /** Channels of the result: the mean of all, or as many as the files have. */
  readonly channels: "mean" | "all";
  /** Seconds of a clip; a longer file becomes several. Null: a file is a clip. */
  readonly segment: number | null;
}

/** The columns of the clips of files, and which file each is of. */
export interface Clips {
  readonly columns: readonly (readonly [string, Column])[];
  readonly files: readonly ResolvedFile[];
}

/** Samples at full scale in a row that are taken for clipping. */
const CLIPPED_RUN = 4;

/**
 * Reads clips: columns `id`, `signal` and `sample_rate`.
 * @throws DiagnosticError `wav-format`, `wav-empty`, `wav-not-finite`, `mixed-channels`.
 */
export function readClips(files: readonly ResolvedFile[], options: ClipOptions, context: StageContext): Clips {
  const ids: string[] = [];
  const rates: number[] = [];
  const parts: Float32Array[] = [];
  const of: ResolvedFile[] = [];
  let width = options.channels === "mean" ? 1 : 0;
  for (const [place, file] of files.entries()) {
    context.signal.throwIfAborted();
    if (place > 0 && place % 256 === 0) context.progress({ done: place, total: files.length, unit: "files" });
    const wav = openWav(file.path, file.name);
    try {
      for (const warning of wav.warnings) context.log(warning);
      if (width === 0) width = wav.channels;
      if (options.channels === "all" && wav.channels !== width)
        throw mixedChannels(files[0], width, file, wav.channels);
      const step = options.segment === null ? wav.length : Math.max(1, Math.round(options.segment * wav.sampleRate));
      for (let start = 0; start < wav.length; start += step) {
        const samples = wav.read(start, start + step);
        checkSamples(samples, wav, file.name, context);
        parts.push(width === 1 ? meanOf(samples, wav.channels) : samples);
        ids.push(step < wav.length ? `${file.name}#${(start / wav.sampleRate).toFixed(3)}` : file.name);
        rates.push(wav.sampleRate);
        of.push(file);
      }
    } finally {
      wav.close();
    }
  }
  const signal = joined(parts, Math.max(width, 1));
  return {
    columns: [
      ["id", utf8(ids)],
      ["signal", signal],
      ["sample_rate", integers(rates)],
    ],
    files: of,
  };
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

function mixedChannels(first: ResolvedFile, width: number, other: ResolvedFile, channels: number) {
  return fail("mixed-channels", `"${first.name}" has ${width} channels, "${other.name}" has ${channels}`, {
    hint: "Set channels: mean, which makes one of them in every file.",
  });
}
