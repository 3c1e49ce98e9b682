import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openStore, planSweep } from "@seqloom/core/engine";
import { loadSweep } from "@seqloom/core/load";
import { type Comparison, compared, median } from "./support/measure.js";

export const name = "sweep-plan";
export const description = "planning a matrix of 100 to 10,000 points, each with a training of its own";

const SIZES = [100, 1000, 10_000] as const;
const REPEATS = 3;
const BUDGET_MS = 1000;
const bin = fileURLToPath(new URL("../../packages/cli/bin/seqloom.mjs", import.meta.url));
const manifests = ["data", "text", "models"].map(
  (area) => new URL(`../../packages/${area}/dist/stages.json`, import.meta.url),
);

/** Milliseconds: checking and planning within a process that did it before, per point; and the whole command. */
export async function run(): Promise<Comparison[]> {
  const folder = mkdtempSync(join(tmpdir(), "seqloom-sweep-plan-"));
  try {
    const results: Comparison[] = [];
    let smallest: number | null = null;
    for (const points of SIZES) {
      const file = join(folder, `sweep-${points}.yaml`);
      writeFileSync(file, pipelineOf(points));
      const home = join(folder, `home-${points}`);
      const times: number[] = [];
      for (let i = 0; i < REPEATS; i++) {
        const start = performance.now();
        const { sweep } = await loadSweep(file, { manifests, home });
        if (sweep?.points.length !== points) throw new Error("the matrix has other points");
        const { executions } = await planSweep(sweep, openStore(home));
        if (executions.length < points) throw new Error("trainings were taken for the same");
        times.push(performance.now() - start);
      }
      const each = median(times) / points;
      results.push(compared(`sweep-plan/each-of-${points}`, "ms", each, smallest, "peer: each of 100"));
      smallest ??= each;
      const env = { ...process.env, SEQLOOM_HOME: home, NO_COLOR: "1" };
      const whole: number[] = [];
      for (let i = 0; i < REPEATS; i++) {
        const start = performance.now();
        execFileSync(process.execPath, [bin, "plan", file], { env, stdio: ["ignore", "pipe", "inherit"] });
        whole.push(performance.now() - start);
      }
      results.push(compared(`sweep-plan/command-${points}`, "ms", median(whole), BUDGET_MS, "peer: the budget"));
    }
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Points that have no training in common: learning rate, size and dropout. */
function pipelineOf(points: number): string {
  return `seqloom: 1
params: { units: 8, rate: 0.1, learning_rate: 0.01 }
matrix:
  axes:
    units: { from: 1, to: 10, steps: 10, integer: true }
    rate: { from: 0, to: 0.9, steps: 10 }
    learning_rate: { from: 0.0001, to: 0.1, scale: log, steps: ${points / 100} }
stages:
  reviews: { use: data/generate-reviews, with: { rows: 200 } }
  split: { use: data/split, in: reviews, with: { validation: 0.1, test: 0.1 } }
  tokens: { use: text/tokenize, in: split }
  ids: { use: text/encode, in: tokens }
  padded: { use: text/pad, in: ids, with: { length: 20 } }
  model:
    use: models/train
    in: padded
    with:
      layers:
        - embedding: { units: 8 }
        - lstm: { units: "\${params.units}", dropout: "\${params.rate}" }
        - dense: { units: 2, activation: softmax }
      optimizer: { adam: { learning_rate: "\${params.learning_rate}" } }
  scores: { use: models/evaluate, in: model }
`;
}
