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

/** Samples from which on it is worth a word that a file is one row: 100 MB of them. */
const LONG = 25_000_000;

/** Samples of each channel that are read at a time: a long row of many channels is in memory as what it becomes only. */
const BLOCK = 1 << 18;

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
  if (segment === null && wav.length > LONG) {
    const minutes = Math.round(wav.length / wav.sampleRate / 60);
    log(
      `"${file.name}" is one row of ${minutes} minutes, all in memory at once: segment: 10 makes rows of ten seconds`,
    );
  }
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
      parts.push(samplesOf(wav, start, end, wide === 1, name, context));
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
  if (parts.length === 1) {
    return { type: "series", values: parts[0], offsets: Int32Array.of(0, parts[0].length / width), width };
  }
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

/** A stretch of a file, its channels mixed to one or as they are. */
function samplesOf(
  wav: WavFile,
  start: number,
  end: number,
  mixed: boolean,
  name: string,
  context: StageContext,
): Float32Array {
  const width = mixed ? 1 : wav.channels;
  const out = new Float32Array((end - start) * width);
  const checked: Checked = { run: 0, places: 0 };
  for (let at = start; at < end; at += BLOCK) {
    context.signal.throwIfAborted();
    const block = wav.read(at, Math.min(at + BLOCK, end));
    check(block, checked, at, wav.channels, name);
    out.set(mixed ? meanOf(block, wav.channels) : block, (at - start) * width);
  }
  const { places } = checked;
  if (places > 0) {
    context.log(`"${name}" is clipped in ${places} ${places === 1 ? "place" : "places"}: it was recorded too loud`);
  }
  return out;
}

/** How a clip was recorded, as far as it was looked at. */
interface Checked {
  /** Samples at full scale at the end. */
  run: number;
  /** Places that are clipped. */
  places: number;
}

/** Not-a-numbers stop the run; clipping is counted. */
function check(samples: Float32Array, checked: Checked, first: number, channels: number, name: string): void {
  for (let i = 0; i < samples.length; i++) {
    const size = Math.abs(samples[i]);
    if (!(size < Number.POSITIVE_INFINITY)) {
      throw fail("wav-not-finite", `"${name}": sample ${first + Math.floor(i / channels)} is ${samples[i]}`, {
        hint: "A float WAV holds what a program computed: look for a division by zero there, or leave the file out.",
      });
    }
    checked.run = size >= 0.99996 ? checked.run + 1 : 0;
    if (checked.run === CLIPPED_RUN) checked.places++;
  }
}

function mixedChannels(name: string, channels: number, others: number) {
  return fail("mixed-channels", `"${name}" has ${channels} channels, other files have ${others}`, {
    hint: "Set channels: mean, which makes one of them in every file.",
  });
}
