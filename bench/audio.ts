import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { MelSpectra, openWav, Stft, type StftOptions } from "@seqloom/audio";
import { type Comparison, compared, dataFolder, median, peersFolder } from "./support/measure.js";

export const name = "audio";
export const description =
  "short-time Fourier transforms and log-mel spectra of 1,200 clips, and of 1 to 100 minutes; peer: torchaudio";

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
  return comparisons;
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
