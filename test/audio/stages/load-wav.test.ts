import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadWav, wavBytes } from "@seqloom/audio";
import { cell, type Dataset, executeStage, type SeriesColumn } from "@seqloom/core";
import { describe, expect, it, onTestFinished } from "vitest";
import { testContext } from "../../support/context.js";

const RATE = 8000;
const ramp = (length: number, scale = 1 / length): Float32Array => Float32Array.from({ length }, (_, i) => i * scale);

/** The files of a run, and where what the loader says is kept. */
function contextOf(files: Readonly<Record<string, Uint8Array>>) {
  const folder = mkdtempSync(join(tmpdir(), "seqloom-wav-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const resolved = Object.entries(files).map(([name, bytes]) => {
    const path = join(folder, name.replaceAll("/", "_"));
    writeFileSync(path, bytes);
    return { path, name, digest: name };
  });
  return testContext({ files: { files: resolved } });
}

async function loaded(context: ReturnType<typeof contextOf>, params: object = {}): Promise<Dataset> {
  const parsed = loadWav.params.parse({ files: "*.wav", ...params });
  return (await executeStage(loadWav, {}, parsed, context)).data as Dataset;
}

const problemOf = (files: Readonly<Record<string, Uint8Array>>, params: object = {}): Promise<string> =>
  loaded(contextOf(files), params).then(
    () => "none",
    ({ diagnostics: [{ code, message }] }) => `${code}: ${message}`,
  );
const samplesOf = (data: Dataset): SeriesColumn => data.columns.get("signal") as SeriesColumn;
const cellsOf = (data: Dataset, name: string) =>
  Array.from({ length: data.rows }, (_, row) => cell(data.columns.get(name)!, row));

describe("audio/load-wav", () => {
  it("gives a row for each file, with its name, its samples and its rate, and what the name says", async () => {
    const context = contextOf({
      "a/7_theo_0.wav": wavBytes(ramp(10), RATE),
      "3_lucas_12.wav": wavBytes(ramp(4), 16_000),
    });
    const data = await loaded(context, { names: "{label}_{group}_{take}.wav" });
    expect(cellsOf(data, "id")).toEqual(["a/7_theo_0.wav", "3_lucas_12.wav"]);
    expect(cellsOf(data, "sample_rate")).toEqual([RATE, 16_000]);
    expect([cellsOf(data, "label"), cellsOf(data, "group"), cellsOf(data, "take")]).toEqual([
      ["7", "3"],
      ["theo", "lucas"],
      ["0", "12"],
    ]);
    expect([...samplesOf(data).offsets]).toEqual([0, 10, 14]);
    expect(context.heard.logs).toEqual([]);
    expect(await problemOf({ "strange.wav": wavBytes(ramp(4), RATE) }, { names: "{label}_{take}.wav" })).toMatch(
      /"strange\.wav" is not of the form "\{label\}_\{take\}\.wav"/,
    );
  });

  it("cuts long files into segments that make up the whole", async () => {
    const bytes = wavBytes(ramp(2.5 * RATE), RATE, { encoding: "float32" });
    const data = await loaded(contextOf({ "long.wav": bytes }), { segment: 1 });
    expect(cellsOf(data, "id")).toEqual(["long.wav", "long.wav#1.000", "long.wav#2.000"]);
    expect([...samplesOf(data).offsets]).toEqual([0, RATE, 2 * RATE, 2.5 * RATE]);
    expect([...samplesOf(data).values]).toEqual([...ramp(2.5 * RATE)]);
  });

  it("mixes channels by their mean, also where a long file is read in several goes, or keeps them", async () => {
    const frames = 300_000;
    const stereo = Float32Array.from({ length: 2 * frames }, (_, i) => (i % 2 === 0 ? i / (4 * frames) : 0.25));
    const bytes = wavBytes(stereo, RATE, { channels: 2, encoding: "float32" });
    const { values, width } = samplesOf(await loaded(contextOf({ "stereo.wav": bytes })));
    expect(width).toBe(1);
    expect(values).toHaveLength(frames);
    for (const at of [0, 1, 262_143, 262_144, 262_145, frames - 1]) {
      expect(values[at]).toBeCloseTo((stereo[2 * at] + 0.25) / 2, 6);
    }
    const kept = samplesOf(await loaded(contextOf({ "stereo.wav": bytes }), { channels: "all" }));
    expect([kept.width, kept.offsets[1]]).toEqual([2, frames]);
    expect(Buffer.from(kept.values.buffer).equals(Buffer.from(stereo.buffer))).toBe(true);
  });

  it("files of several numbers of channels are refused where channels are kept, and named", async () => {
    const files = {
      "one.wav": wavBytes(ramp(4), RATE),
      "two.wav": wavBytes(ramp(4), RATE, { channels: 2 }),
    };
    expect(await problemOf(files, { channels: "all" })).toBe(
      'mixed-channels: "two.wav" has 2 channels, other files have 1',
    );
    expect(await problemOf(files)).toBe("none");
  });

  it("a sample that is no number stops the run, with its place, however far in the file", async () => {
    const samples = new Float32Array(300_000);
    samples[280_001] = Number.NaN;
    expect(await problemOf({ "bad.wav": wavBytes(samples, RATE, { encoding: "float32" }) })).toBe(
      'wav-not-finite: "bad.wav": sample 280001 is NaN',
    );
    samples[7] = Number.POSITIVE_INFINITY;
    expect(await problemOf({ "bad.wav": wavBytes(samples, RATE, { encoding: "float32" }) })).toBe(
      'wav-not-finite: "bad.wav": sample 7 is Infinity',
    );
  });

  it("tells of clipping, once for each clip, and of nothing where a peak only touches full scale", async () => {
    const loud = ramp(400_000, 0);
    for (const start of [100, 262_142, 300_000]) loud.fill(1, start, start + 6); // one across the border of two reads
    const peaks = ramp(100, 0).fill(-1, 10, 13);
    const context = contextOf({ "loud.wav": wavBytes(loud, RATE), "peaks.wav": wavBytes(peaks, RATE) });
    await loaded(context);
    expect(context.heard.logs).toEqual(['"loud.wav" is clipped in 3 places: it was recorded too loud']);
  });

  it("a file that ends too early gives what is there, and the log says so; one without samples is refused", async () => {
    const whole = wavBytes(ramp(100), RATE);
    const context = contextOf({ "cut.wav": whole.subarray(0, 44 + 60) });
    const data = await loaded(context);
    expect(samplesOf(data).values).toHaveLength(30);
    expect(context.heard.logs).toEqual(['"cut.wav" is cut off: its header promises 100 samples, 30 are there']);
    expect(await problemOf({ "empty.wav": wavBytes(new Float32Array(0), RATE) })).toMatch(/^wav-empty: "empty\.wav"/);
    expect(await problemOf({ "text.wav": Buffer.from("not a sound at all") })).toMatch(/^wav-format: "text\.wav"/);
  });

  it("reads clips of one sample", async () => {
    const data = await loaded(contextOf({ "one.wav": wavBytes(Float32Array.of(0.5), RATE) }));
    expect([...samplesOf(data).values]).toEqual([0.5]);
  });

  it("says that a very long file is one row, before it reads it", async () => {
    const context = contextOf({ "hour.wav": wavBytes(ramp(10), RATE).fill(255, 40, 44) });
    truncateSync(context.files.files[0].path, 44 + 2 * 60 * 60 * RATE);
    const pieces = loadWav.source!.pieces(loadWav.params.parse({ files: "*.wav" }), context);
    await pieces[Symbol.asyncIterator]().next();
    expect(context.heard.logs).toEqual([
      '"hour.wav" is one row of 60 minutes, all in memory at once: segment: 10 makes rows of ten seconds',
    ]);
  });
});
