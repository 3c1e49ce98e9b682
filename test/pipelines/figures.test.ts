/** @file The systems on real data, with the figures that their sources report. Skipped where the data is not there. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { reasonText } from "@seqloom/core";
import { afterAll, describe, expect, it } from "vitest";
import { median, mirror, root, runFile, stageOf, temporaryHome } from "../support/run-file.js";

const { home, remove } = temporaryHome();
afterAll(remove);

const SEEDS = ["1", "2", "3", "4", "5"];

async function accuracies(file: string): Promise<number[]> {
  const values: number[] = [];
  for (const seed of SEEDS) values.push(stageOf(await runFile(file, home, { seed }), "scores").metrics.accuracy);
  return values;
}

describe.skipIf(mirror === null)("on real data (needs SEQLOOM_MIRROR)", () => {
  it("movie-reviews: 162,722 parameters, median accuracy of five seeds at least 0.795", async () => {
    const record = await runFile("pipelines/movie-reviews.yaml", home);
    expect(stageOf(record, "model").metrics.parameters).toBe(162_722);
    expect(stageOf(record, "ids").outputs.state.preview).toMatchObject({ size: 4823, pad: "PAD", unknown: "OOV" });
    const values = await accuracies("pipelines/movie-reviews.yaml");
    console.log(`movie-reviews: ${values.map((value) => value.toFixed(4)).join(", ")}`);
    expect(median(values)).toBeGreaterThanOrEqual(0.795);
  }, 300_000);

  it("movie-reviews: more units run the model and what follows, and nothing else, and the output says why", async () => {
    await runFile("pipelines/movie-reviews.yaml", home);
    const changed = await runFile("pipelines/movie-reviews.yaml", home, { "params.units": "64" });
    const ran = changed.stages.filter(({ status }) => status === "run");
    expect(ran.map(({ name, reasons }) => [name, reasons.map(({ kind }) => kind)])).toEqual([
      ["model", ["param-changed"]],
      ["scores", ["input-changed"]],
    ]);
    expect(reasonText(ran[0].reasons[0])).toMatch(/units 32 → 64/);
  }, 300_000);

  it("movie-reviews: the command predicts a sentence that is typed in", async () => {
    await runFile("pipelines/movie-reviews.yaml", home);
    const bin = join(root, "packages/cli/bin/seqloom.mjs");
    const text = "a great cast and a wonderful film";
    const args = [bin, "predict", "pipelines/movie-reviews.yaml", "--text", text, "--json"];
    const out = execFileSync(process.execPath, args, {
      cwd: root,
      env: { ...process.env, SEQLOOM_HOME: home },
      encoding: "utf8",
    });
    const printed = JSON.parse(out) as { input: string; label: string; probabilities: Record<string, number> };
    expect(printed).toMatchObject({ input: text, label: "positive" });
    expect(Object.keys(printed.probabilities).sort()).toEqual(["negative", "positive"]);
    expect(printed.probabilities.positive).toBeGreaterThan(0.5);
    expect(printed.probabilities.positive + printed.probabilities.negative).toBeCloseTo(1, 5);
  }, 300_000);

  it("shapes-lstm: median accuracy of five seeds at least 0.928", async () => {
    const values = await accuracies("pipelines/shapes-lstm.yaml");
    console.log(`shapes-lstm: ${values.map((value) => value.toFixed(4)).join(", ")}`);
    expect(median(values)).toBeGreaterThanOrEqual(0.928);
  }, 300_000);

  it("shapes-mlp: 3,779 parameters, median accuracy of five seeds between 0.58 and 0.72", async () => {
    const record = await runFile("pipelines/shapes-mlp.yaml", home);
    expect(stageOf(record, "model").metrics.parameters).toBe(3_779);
    const values = await accuracies("pipelines/shapes-mlp.yaml");
    console.log(`shapes-mlp: ${values.map((value) => value.toFixed(4)).join(", ")}`);
    expect(median(values)).toBeGreaterThanOrEqual(0.58);
    expect(median(values)).toBeLessThanOrEqual(0.72);
  }, 300_000);
});
