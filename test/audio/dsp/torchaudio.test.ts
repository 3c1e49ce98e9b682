import { readFileSync } from "node:fs";
import { deltas, logMel, mfcc } from "@seqloom/audio";
import { type AnyStage, Dataset, executeStage, integers, type SeriesColumn, series } from "@seqloom/core";
import { describe, expect, it } from "vitest";
import { testContext } from "../../support/context.js";
import { relativeError } from "../support.js";

/** Made by fixtures/reference.py. */
const expected = JSON.parse(readFileSync(new URL("../fixtures/torchaudio.json", import.meta.url), "utf8")) as Record<
  "log_mel" | "mfcc" | "deltas",
  number[]
>;

const clip = Array.from({ length: 4000 }, (_, i) => [0.5 * Math.sin(i * i * 2e-4) + 0.25 * Math.sin(i * 0.9)]);
const sound = Dataset.of({ signal: series([clip], 1), sample_rate: integers([8000]) });
const settings = { n_fft: 512, hop_length: 128, n_mels: 40, pad_mode: "reflect", mel_scale: "htk", norm: "none" };

async function run(stage: AnyStage, data: Dataset, given: object): Promise<Dataset> {
  const out = await executeStage(stage, { data }, stage.params.parse(given), testContext());
  return out.data as Dataset;
}

const valuesOf = (data: Dataset): Float32Array => (data.column("series") as SeriesColumn).values;

describe("with the settings of torchaudio", () => {
  it("log-mel spectra are torchaudio's", async () => {
    const found = valuesOf(await run(logMel, sound, { ...settings, log: "natural" }));
    expect(relativeError(found, expected.log_mel)).toBeLessThan(1e-4);
  });

  it("MFCC are torchaudio's, and so are their deltas", async () => {
    const cepstra = await run(mfcc, sound, { ...settings, n_mfcc: 13 });
    expect(relativeError(valuesOf(cepstra), expected.mfcc)).toBeLessThan(1e-5);
    const joined = valuesOf(await run(deltas, cepstra, { order: 1, reach: 2 }));
    const slopes = joined.filter((_, i) => i % 26 >= 13);
    expect(relativeError(slopes, expected.deltas)).toBeLessThan(1e-4);
  });
});
