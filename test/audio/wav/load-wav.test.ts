import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadWav, wavBytes } from "@seqloom/audio";
import { type Dataset, executeStage } from "@seqloom/core";
import { afterAll, describe, expect, it } from "vitest";
import { testContext } from "../../support/context.js";
import { rowsOfDataset } from "../../support/rows.js";

const folder = mkdtempSync(join(tmpdir(), "seqloom-wav-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function load(files: readonly string[], names: string | readonly string[]): Promise<Dataset> {
  const resolved = files.map((name) => {
    const path = join(folder, name);
    writeFileSync(path, wavBytes(Float32Array.of(0.5, -0.5), 8000));
    return { path, name, digest: name };
  });
  const params = loadWav.params.parse({ files: "*.wav", names });
  return (await executeStage(loadWav, {}, params, testContext({ files: { files: resolved } }))).data as Dataset;
}

describe("audio/load-wav", () => {
  it("takes labels from the names of files, of several forms by the first pattern that fits", async () => {
    const names = ["{label}-en-*.wav", "{label}_{group}_{take}.wav"];
    const data = await load(["computer-en-1f.wav", "7_theo_3.wav"], names);
    expect(rowsOfDataset(data, ["label", "group", "take"])).toEqual([
      { label: "computer", group: null, take: null },
      { label: "7", group: "theo", take: "3" },
    ]);
    await expect(load(["noise.wav"], names)).rejects.toMatchObject({
      diagnostics: [{ message: '"noise.wav" is not of the form "{label}-en-*.wav" or "{label}_{group}_{take}.wav"' }],
    });
  });
});
