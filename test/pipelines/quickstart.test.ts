/** @file The first thing that a person sees: what it shows must be true, and a rerun must do only what changed. */

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type RunRecord, reasonText } from "@seqloom/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root, runFile, stageOf, temporaryHome } from "../support/run-file.js";

const FILE = "pipelines/quickstart.yaml";
const { home, remove } = temporaryHome();
let record: RunRecord;
beforeAll(async () => {
  record = await runFile(FILE, home);
}, 120_000);
afterAll(remove);

const modelDigests = (run: RunRecord) =>
  ["bag_of_words", "sequence"].map((name) => stageOf(run, name).outputs.state.digest);

describe("the quickstart", () => {
  it("shows that order decides: a bag of words stays at chance, a sequence model does not", () => {
    const { accuracy: bag } = stageOf(record, "bag_of_words_scores").metrics;
    const { accuracy: sequence } = stageOf(record, "sequence_scores").metrics;
    expect(Math.abs(bag - 0.5)).toBeLessThan(0.1);
    expect(sequence).toBeGreaterThan(0.97);
  });

  it("has nothing to do the second time", async () => {
    const again = await runFile(FILE, home);
    expect(again.stages.map((stage) => stage.status)).toEqual(again.stages.map(() => "hit"));
    expect(modelDigests(again)).toEqual(modelDigests(record));
  });

  it("runs only the model and what follows when its units change, and says why", async () => {
    const changed = await runFile(FILE, home, { "params.units": "24" });
    const ran = changed.stages.filter((stage) => stage.status === "run");
    expect(ran.map((stage) => stage.name)).toEqual(["sequence", "sequence_scores"]);
    expect(ran[0].reasons.map(reasonText).join()).toMatch(/units 32 → 24/);
    expect(ran[1].reasons.map((reason) => reason.kind)).toEqual(["input-changed"]);
  }, 120_000);

  it("trains on the reference device too, in a process that has no other, to nearly the same loss", async () => {
    const few = { "params.rows": "60", "stages.sequence.with.epochs": "1", "stages.bag_of_words.with.epochs": "1" };
    const cpu = await runFile(FILE, home, few, { device: "cpu" });
    const simd = await runFile(FILE, home, few);
    expect(stageOf(cpu, "sequence").key).not.toBe(stageOf(simd, "sequence").key);
    const lossOf = (run: RunRecord) => stageOf(run, "sequence").metrics.loss;
    expect(lossOf(cpu)).toBeCloseTo(lossOf(simd), 4);
  }, 120_000);

  it("trains to the same bytes with 1, 2 and 3 threads, and in another process", async () => {
    for (const threads of [1, 2, 3]) {
      const other = temporaryHome();
      const run = await runFile(FILE, other.home, { "params.rows": "400" }, { threads });
      const digests = JSON.stringify(modelDigests(run));
      if (threads === 1) expect(digests).toMatch(/[0-9a-f]{64}/);
      first ??= digests;
      expect(digests).toBe(first);
      other.remove();
    }
    const other = temporaryHome();
    const bin = fileURLToPath(new URL("../../packages/cli/bin/seqloom.mjs", import.meta.url));
    const env = { ...process.env, SEQLOOM_HOME: other.home };
    const out = execFileSync(
      process.execPath,
      [bin, "run", FILE, "--set", "params.rows=400", "--json", "--no-report"],
      {
        cwd: root,
        env,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    other.remove();
    const printed = JSON.parse(out) as { stages: { name: string; outputs: Record<string, string> }[] };
    const states = ["bag_of_words", "sequence"].map(
      (name) => printed.stages.find((stage) => stage.name === name)!.outputs.state,
    );
    expect(JSON.stringify(states)).toBe(first);
  }, 240_000);
});

let first: string | undefined;
