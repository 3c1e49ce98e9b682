/** @file The programs of examples/ run, and do what the YAML does. */

import { run, sweep } from "seqloom";
import { afterAll, describe, expect, it, vi } from "vitest";
import { main as countWords } from "../../examples/custom-stage.js";
import { movieReviews, main as reviews } from "../../examples/movie-reviews.js";
import { main as bestPoint, reviewSweep } from "../../examples/sweep.js";
import { mirror, runFile, stageOf, temporaryHome } from "../support/run-file.js";

const { home, remove } = temporaryHome();
afterAll(remove);

describe("examples/custom-stage", () => {
  it("runs a stage that is defined in the program, and takes it from the store the second time", async () => {
    vi.spyOn(console, "log").mockImplementation(() => {});
    const first = await countWords(home);
    expect(first.stages.map(({ status }) => status)).toEqual(["run", "run", "run"]);
    const { sample } = stageOf(first, "counted").outputs.data.preview as {
      sample: { tokens: string[]; words: number }[];
    };
    for (const { tokens, words } of sample) expect(words).toBe(tokens.filter((token) => token.length >= 4).length);
    const again = await countWords(home);
    expect(again.stages.map(({ status }) => status)).toEqual(["hit", "hit", "hit"]);
    vi.restoreAllMocks();
  });
});

describe("examples/sweep", () => {
  it("runs every point, and takes them from the store when a few are asked for again", async () => {
    const said: string[] = [];
    const log = vi.spyOn(console, "log").mockImplementation((text) => void said.push(text));
    await bestPoint(home);
    log.mockRestore();
    expect(said[0]).toMatch(/^6 points, best: units [48], rate 0\.\d+$/);
    const again = await sweep(reviewSweep(), { home, points: ["units=4"] });
    expect(again.points.map(({ label }) => label)).toEqual([
      "units=4,rate=0.001",
      "units=4,rate=0.01",
      "units=4,rate=0.1",
    ]);
    expect(again.points.every(({ stages }) => stages.run === 0)).toBe(true);
    await expect(sweep(reviewSweep(), { home, points: ["units=5"] })).rejects.toThrow('no point "units=5"');
  }, 120_000);
});

describe.skipIf(mirror === null)("examples/movie-reviews (needs SEQLOOM_MIRROR)", () => {
  it("has the keys of the YAML, so it finds the results of the YAML, and the other way round", async () => {
    const record = await runFile("pipelines/movie-reviews.yaml", home, { "stages.model.with.epochs": "1" });
    const mirrors = mirror === null ? {} : { mirrors: [mirror] };
    const same = await run(movieReviews({ epochs: 1 }), { home, ...mirrors });
    expect(same.stages.map(({ name, status }) => [name, status])).toEqual(
      record.stages.map(({ name }) => [name, "hit"]),
    );
    expect(same.stages.map(({ key }) => key)).toEqual(record.stages.map(({ key }) => key));
  }, 120_000);

  it("trains and predicts a sentence that is typed in", async () => {
    vi.stubEnv("SEQLOOM_MIRROR", mirror ?? "");
    const said: unknown[][] = [];
    const log = vi.spyOn(console, "log").mockImplementation((...parts) => void said.push(parts));
    await reviews(home);
    log.mockRestore();
    vi.unstubAllEnvs();
    expect(said[0][0]).toMatch(/^accuracy 0\.[78]/);
    expect(said[1][0]).toBe("a great cast and a wonderful film: positive");
    const probabilities = Object.values(said[1][1] as Record<string, number>);
    expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
  }, 120_000);
});
