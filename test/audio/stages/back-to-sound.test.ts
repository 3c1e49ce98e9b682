import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { evaluateReconstruction, inverse, openWav, spectrogram, writeWav } from "@seqloom/audio";
import type { Dataset, Files, Metrics } from "@seqloom/core";
import { applyStage, executeStage } from "@seqloom/core";
import { describe, expect, it, onTestFinished } from "vitest";
import { testContext } from "../../support/context.js";
import { describeStage } from "../../support/describe-stage.js";
import { datasetOf, type Row } from "../../support/rows.js";

const tone = (hz: number, samples: number, size = 0.5): number[] =>
  Array.from({ length: samples }, (_, i) => size * Math.sin((2 * Math.PI * hz * i) / 8000));
const clip = (more: Row = {}): Row => ({ signal: tone(440, 100), sample_rate: 8000, ...more });

const types = { signal: "series", sample_rate: "integer", predicted: "series", id: "utf8", label: "label" } as const;

/** What a stage of one input gives. */
async function given(stage: typeof writeWav | typeof evaluateReconstruction, rows: readonly Row[], params: object) {
  const logs: string[] = [];
  const context = testContext({ log: (line) => void logs.push(line) });
  const parsed = stage.params.parse(params);
  return { logs, outputs: await executeStage(stage, { data: datasetOf(rows, types) }, parsed, context) };
}

async function written(rows: readonly Row[], params: object = {}) {
  const { outputs, logs } = await given(writeWav, rows, params);
  return { files: outputs.files as Files, logs };
}

async function measures(rows: readonly Row[], params: object = { n_fft: 64 }): Promise<Metrics> {
  return (await given(evaluateReconstruction, rows, params)).outputs.metrics as Metrics;
}

function read(bytes: Uint8Array) {
  const folder = mkdtempSync(join(tmpdir(), "seqloom-wav-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "x.wav"), bytes);
  const wav = openWav(join(folder, "x.wav"));
  const samples = wav.read(0, wav.length);
  wav.close();
  return { ...wav, samples };
}

describeStage(writeWav, { rows: [clip(), clip({ signal: [0.25] })], with: {}, types, skip: ["batches", "examples"] });
describeStage(evaluateReconstruction, {
  rows: [clip({ predicted: tone(440, 100, 0.4) })],
  with: { n_fft: 64 },
  types,
  skip: ["batches", "empty", "examples"],
});

describe("audio/write-wav", () => {
  it.each([
    ["int16", 2 ** -15],
    ["int24", 2 ** -23],
    ["float32", 0],
  ])("%s: what is written is read again", async (encoding, error) => {
    const { files } = await written([clip()], { encoding });
    const wav = read(files[0].bytes);
    expect(wav).toMatchObject({ encoding, sampleRate: 8000, channels: 1, length: 100 });
    expect(files[0].mediaType).toBe("audio/wav");
    for (const [i, value] of tone(440, 100).entries()) {
      expect(Math.abs(wav.samples[i] - Math.fround(value))).toBeLessThanOrEqual(error);
    }
  });

  it("writes as many channels as there are", async () => {
    const { files } = await written([
      clip({
        signal: [
          [0.5, -0.5],
          [0.25, 0],
        ],
      }),
    ]);
    expect(read(files[0].bytes)).toMatchObject({ channels: 2, length: 2 });
  });

  it("names files by the column id, by a pattern, by rows; never two alike, never out of the folder", async () => {
    const namesOf = async (rows: readonly Row[], params: object = {}) =>
      (await written(rows, params)).files.map(({ name }) => name);
    expect(await namesOf([clip(), clip()])).toEqual(["1.wav", "2.wav"]);
    expect(await namesOf([clip({ id: "a/7.wav" }), clip({ id: "../../etc/x" }), clip({ id: "a/7.wav" })])).toEqual([
      "a/7.wav",
      "etc/x.wav",
      "a/7-2.wav",
    ]);
    const labelled = [clip({ id: "x", label: "one" }), clip({ id: "y", label: "t:wo" })];
    expect(await namesOf(labelled, { names: "{label}/{row}.wav" })).toEqual(["one/1.wav", "t_wo/2.wav"]);
    expect(await namesOf(labelled, { rows: 1 })).toEqual(["x.wav"]);
    await expect(namesOf(labelled, { names: "{lable}.wav" })).rejects.toThrow(/\{lable\}: there is no such column/);
    await expect(namesOf(labelled, { names: "{signal}.wav" })).rejects.toThrow(/a column of type series is no name/);
  });

  it("says which clips are cut off at full scale, and keeps them in floats", async () => {
    const loud = clip({ id: "loud", signal: [0.5, 1.5, -2] });
    const { files, logs } = await written([loud, clip({ id: "soft" })]);
    expect(logs.join()).toMatch(/^1 of 2 clips are louder than full scale .*\(loud\.wav\)/);
    expect([...read(files[0].bytes).samples]).toEqual([0.5, 32_767 / 32_768, -1]);
    const kept = await written([loud], { encoding: "float32" });
    expect(kept.logs).toEqual([]);
    expect([...read(kept.files[0].bytes).samples]).toEqual([0.5, 1.5, -2]);
  });
});

describe("audio/evaluate-reconstruction", () => {
  it("measures the largest error, the noise and the distance of the spectra", async () => {
    const same = await measures([clip({ predicted: tone(440, 100) })]);
    expect(same.values).toMatchObject({ max_error: 0, spectral_convergence: 0, rows: 1, samples: 100 });
    // Half as loud: the difference is half of the sound, in time and in frequency.
    const half = await measures([clip({ predicted: tone(440, 100, 0.25) })]);
    expect(half.values.snr_db).toBeCloseTo(20 * Math.log10(2), 4);
    expect(half.values.spectral_convergence).toBeCloseTo(0.5, 5);
    expect(half.values.max_error).toBeCloseTo(0.25, 3);
  });

  it("a phase that is lost is no difference of the spectra, and a silent clip no error", async () => {
    const turned = tone(440, 100).map((value) => -value);
    const { values } = await measures([clip({ predicted: turned }), clip({ signal: [0, 0], predicted: [0, 0] })]);
    expect(values.spectral_convergence).toBeLessThan(1e-6);
    expect(values.snr_db).toBeCloseTo(-20 * Math.log10(2), 4);
  });

  it("shows the clips that are least alike first", async () => {
    const rows = [0.5, 0.1, 0.4].map((size, i) => clip({ id: `clip ${i}`, predicted: tone(440, 100, size) }));
    const { tables } = await measures(rows, { n_fft: 64, examples: 2 });
    expect(tables?.least_alike.rows.map(([id]) => id)).toEqual(["clip 1", "clip 2"]);
  });
});

describe("audio/inverse", () => {
  it("of magnitudes, powers and decibels of the same sound finds one that has these", async () => {
    const samples = tone(440, 800).map((value, i) => value * Math.sin(i / 100));
    for (const kind of ["magnitude", "power", "decibels"] as const) {
      const geometry = { n_fft: 128, hop_length: 32, kind };
      const there = await applied(spectrogram, datasetOf([clip({ signal: samples })], types), geometry);
      const again = await applied(inverse, there, geometry);
      const found = await measures(
        [clip({ signal: samples, predicted: [...(again.columns.get("signal") as { values: Float32Array }).values] })],
        geometryOf(geometry),
      );
      expect(found.values.spectral_convergence).toBeLessThan(0.05);
    }
  });
});

const geometryOf = ({ n_fft, hop_length }: { n_fft: number; hop_length: number }) => ({ n_fft, hop_length });

async function applied(stage: typeof spectrogram | typeof inverse, data: Dataset, params: object): Promise<Dataset> {
  return applyStage(stage, data, null, stage.params.parse(params), testContext());
}
