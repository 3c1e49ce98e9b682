/** @file Counting and linear models: the sources' tables, and languages told apart. Real data are skipped where they are not there. */
import { join } from "node:path";
import type { Dataset, SparseColumn } from "@seqloom/core";
import { openStore, openStored } from "@seqloom/core/engine";
import { afterAll, describe, expect, it } from "vitest";
import { seqloom } from "../cli/support.js";
import { loadFile, mirror, root, runFile, stageOf, temporaryHome } from "../support/run-file.js";

const { home, remove } = temporaryHome();
afterAll(remove);

const LN2 = Math.LN2;

describe("spam-bag-of-words", () => {
  it("counts and weighs the words as the tables print them, and the command predicts", async () => {
    const file = "pipelines/spam-bag-of-words.yaml";
    await runFile(file, home);
    const names = ["america", "chrysler", "in", "investments", "latin", "major", "mexico", "new", "plans"];
    const table = [
      [1, 1, 1, 1, 1, 0, 0, 1, 1],
      [0, 1, 1, 1, 0, 1, 1, 0, 1],
    ];
    expect(await rowsOf(file, "counts")).toEqual(table.map((row) => named(names, row)));
    const weights = [
      [LN2 / 7, 0, 0, 0, LN2 / 7, 0, 0, LN2 / 7, 0],
      [0, 0, 0, 0, 0, LN2 / 6, LN2 / 6, 0, 0],
    ];
    const found = await rowsOf(file, "weights");
    for (const [row, wanted] of weights.entries()) {
      for (const [place, name] of names.entries()) expect(found[row][name] ?? 0).toBeCloseTo(wanted[place], 6);
    }
    const { out } = seqloom(["predict", join(root, file), "--json", "--text", "New plans, new investments"], {
      env: { SEQLOOM_HOME: home },
    });
    expect(JSON.parse(out)).toMatchObject({ label: "spam" });
  }, 120_000);
});

describe("weather-one-hot", () => {
  it("gives the fourteen rows of the table, and a model that fits them", async () => {
    const record = await runFile("pipelines/weather-one-hot.yaml", home);
    const names = [
      ...["outlook=Sunny", "outlook=Overcast", "outlook=Rain"],
      ...["temperature=Hot", "temperature=Mild", "temperature=Cool"],
      ...["humidity=High", "humidity=Normal", "windy=True", "windy=False"],
    ];
    const table = [
      "1001001001",
      "1001001010",
      "0101001001",
      "0010101001",
      "0010010101",
      "0010010110",
      "0100010110",
      "1000101001",
      "1000010101",
      "0010100101",
      "1000100110",
      "0100101010",
      "0101000101",
      "0010101010",
    ];
    expect(await rowsOf("pipelines/weather-one-hot.yaml", "features")).toEqual(
      table.map((row) => named(names, [...row].map(Number))),
    );
    expect(stageOf(record, "scores").metrics.accuracy).toBeGreaterThanOrEqual(0.85);
  }, 120_000);
});

describe.skipIf(mirror === null)("on real data (needs SEQLOOM_MIRROR)", () => {
  it("language-id: tells held-out paragraphs of 49 languages apart, and what is typed in", async () => {
    const set = { "params.folder": join(mirror!, "language-id/udhr2") };
    const { metrics } = stageOf(await runFile("pipelines/language-id.yaml", home, set), "scores");
    console.log(`language-id: accuracy ${metrics.accuracy.toFixed(4)} over ${metrics.rows} paragraphs`);
    expect(metrics.accuracy).toBeGreaterThanOrEqual(0.97);
    const file = join(root, "pipelines/language-id.yaml");
    const said = seqloom(
      ["predict", file, "--set", `params.folder=${set["params.folder"]}`, "--text", "Wo ist denn hier der Bahnhof?"],
      { env: { SEQLOOM_HOME: home } },
    );
    expect(said.out).toMatch(/^deu /);
  }, 300_000);

  it("reuters-topics: finds the topics of stories it has not read", async () => {
    const { metrics } = stageOf(await runFile("pipelines/reuters-topics.yaml", home), "scores");
    console.log(`reuters-topics: micro F1 ${metrics.f1_micro.toFixed(4)}, macro F1 ${metrics.f1_macro.toFixed(4)}`);
    expect(metrics.rows).toBeGreaterThan(800);
    expect(metrics.f1_micro).toBeGreaterThanOrEqual(0.8);
    const text = "Wheat exports rose as the harvest of grain was larger than the crop of last year, traders said.";
    const said = seqloom(["predict", join(root, "pipelines/reuters-topics.yaml"), "--json", "--text", text], {
      env: { SEQLOOM_HOME: home },
    });
    expect(JSON.parse(said.out).labels).toContain("wheat");
  }, 300_000);
});

/** The rows of the column `features` that a stage gave, by name and without zeros. */
async function rowsOf(file: string, stage: string): Promise<Readonly<Record<string, number>>[]> {
  const results = await openStored(await loadFile(file, home), openStore(home), [stage]);
  const data = (await results.read(stage, "data")) as Dataset;
  const { values, columns, offsets, names } = data.column("features") as SparseColumn;
  return Array.from({ length: data.rows }, (_, row) => {
    const entries = Array.from(columns.subarray(offsets[row], offsets[row + 1]), (place, i) => [
      names![place],
      values[offsets[row] + i],
    ]);
    return Object.fromEntries(entries.filter(([, value]) => value !== 0)) as Record<string, number>;
  });
}

function named(names: readonly string[], row: readonly number[]): Record<string, number> {
  return Object.fromEntries(row.flatMap((value, place) => (value === 0 ? [] : [[names[place], value] as const])));
}
