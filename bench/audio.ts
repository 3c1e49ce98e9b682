import { execFile } from "node:child_process";
import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { MelSpectra, openWav, Stft, type StftOptions, wavBytes } from "@seqloom/audio";
import { measuredRun } from "./support/child.js";
import { type Comparison, compared, dataFolder, median, peersFolder } from "./support/measure.js";

export const name = "audio";
export const description =
  "short-time Fourier transforms and log-mel spectra of 1,200 clips, and of 1 to 100 minutes; peer: torchaudio; memory of a run over an hour";

const CLIPS = "audio/spoken-digits-fsdd/recordings";
const RATE = 8000;

/** The peer's settings. */
const GEOMETRY: StftOptions = {
  nFft: 2048,
  hopLength: 512,
  winLength: 2048,
  window: "hann",
  center: true,
  padMode: "reflect",
};

const MEL = { sampleRate: RATE, nFft: 2048, nMels: 80, fMin: 0, fMax: RATE / 2, scale: "htk", norm: "none" } as const;

/** Seconds from arrays of samples to arrays of features, in this process and on one thread, as the peer does it. */
export async function run(): Promise<Comparison[]> {
  const data = dataFolder();
  if (data === null) throw new Error("audio needs the data sets: set SEQLOOM_MIRROR");
  const folder = join(data, CLIPS);
  const clips = readdirSync(folder)
    .sort()
    .map((file) => {
      const wav = openWav(join(folder, file));
      const samples = wav.read(0, wav.length);
      wav.close();
      return samples;
    });
  const stft = new Stft(GEOMETRY);
  const mel = new MelSpectra(GEOMETRY, MEL, { scale: 1, least: 0, offset: 1e-6 });
  const peer = await torchaudio(folder);
  const comparisons: Comparison[] = [];
  const works: readonly (readonly [string, (clip: Float32Array) => unknown])[] = [
    ["stft", (clip) => stft.run(clip, "complex")],
    ["log-mel", (clip) => mel.run(clip)],
  ];
  for (const [task, work] of works) {
    const seconds = time(() => clips.forEach(work));
    comparisons.push(
      typeof peer === "string"
        ? compared(`${name}/${task}`, "s", seconds, null, peer)
        : compared(`${name}/${task}`, "s", seconds, peer[task]),
    );
  }
  // Work per minute of sound must not grow with its length.
  for (const minutes of [1, 10, 100]) {
    const clip = Float32Array.from({ length: minutes * 60 * RATE }, (_, i) => Math.sin(i * i * 1e-7));
    const seconds = time(() => mel.run(clip)) / minutes;
    comparisons.push(
      compared(`${name}/log-mel-minute-of-${minutes}`, "s", seconds, null, "linear: seconds per minute"),
    );
  }
  comparisons.push(...(await longFiles()));
  return comparisons;
}

const LONG = `seqloom: 1
name: long
stages:
  clips: { use: audio/load-wav, with: { files: long.wav, segment: 10 } }
  spectra: { use: audio/log-mel, in: clips, with: { n_fft: 512, hop_length: 160, n_mels: 64 } }
`;

/** Memory that a run over an hour of sound may take, MB. */
const MEMORY = 300;

/** One file of six minutes and one of an hour, at 16 kHz, by the command line: ten times as long, as much memory. */
async function longFiles(): Promise<Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const minutes of [6, 60]) {
    const folder = mkdtempSync(join(tmpdir(), "seqloom-bench-"));
    try {
      writeFileSync(join(folder, "pipeline.yaml"), LONG);
      writeLong(join(folder, "long.wav"), minutes);
      const { seconds, peak } = await measuredRun(folder);
      const label = `${name}/run-of-${minutes}-minutes`;
      comparisons.push(compared(`${label}, peak memory beside ${MEMORY} MB`, "MB", peak / 1e6, MEMORY));
      comparisons.push(compared(label, "s", seconds, null, "from the file to log-mel spectra in the store"));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return comparisons;
}

/** A glide over noise, minute by minute, behind a header that leaves the length open, as recorders write it. */
function writeLong(path: string, minutes: number): void {
  const rate = 16_000;
  const sound = Float32Array.from(
    { length: 60 * rate },
    (_, i) => 0.4 * Math.sin(i * i * 1e-7) + ((i * 7919) % 97) / 970,
  );
  const first = wavBytes(sound, rate);
  new DataView(first.buffer).setUint32(40, 0xffffffff, true);
  writeFileSync(path, first);
  for (let minute = 1; minute < minutes; minute++) appendFileSync(path, first.subarray(44));
}

/** Seconds: the median of five runs, after two that warm up. */
function time(work: () => unknown): number {
  const seconds: number[] = [];
  for (let i = 0; i < 7; i++) {
    const start = performance.now();
    work();
    if (i >= 2) seconds.push((performance.now() - start) / 1000);
  }
  return median(seconds);
}

/** Seconds of the peer by task, or why it did not run. */
async function torchaudio(folder: string): Promise<Record<string, number> | string> {
  const peers = peersFolder();
  if (peers === null) return "the peers are not there: set SEQLOOM_PEERS";
  try {
    const command = process.env.SEQLOOM_PYTHON ?? "/usr/bin/python3";
    const { stdout } = await promisify(execFile)(command, [join(peers, "torchaudio_mel.py"), folder]);
    const results = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { readonly task: string; readonly seconds: number });
    return Object.fromEntries(results.map(({ task, seconds }) => [task, seconds]));
  } catch (error) {
    return `torchaudio did not run: ${(error as Error).message.split("\n")[0]}`;
  }
}
