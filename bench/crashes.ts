import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { hashSeed, Random, rootSeed } from "@seqloom/core";
import { type Comparison, compared, dataFolder } from "./support/measure.js";

export const name = "crashes";
export const description =
  "50 × kill -9 at random moments of pipelines/movie-reviews.yaml: the same digests as an undisturbed run";

const FILE = fileURLToPath(new URL("../../pipelines/movie-reviews.yaml", import.meta.url));
const BIN = join(dirname(createRequire(import.meta.url).resolve("seqloom/package.json")), "bin", "seqloom.mjs");
const KILLS = Number(process.env.SEQLOOM_BENCH_KILLS ?? 50);

function start(home: string): ChildProcess & { readonly text: () => string } {
  const child = spawn(process.execPath, [BIN, "run", FILE, "--json", "--quiet", "--no-report"], {
    env: { ...process.env, SEQLOOM_HOME: home, SEQLOOM_MIRROR: dataFolder() ?? "" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  let out = "";
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  return Object.assign(child, { text: () => out });
}

/** Digests of all outputs by stage, as JSON. */
function digestsOf(text: string): string {
  const { status, stages } = JSON.parse(text) as { status: string; stages: { name: string; outputs: object }[] };
  if (status !== "succeeded") throw new Error(`a run ended as ${status}`);
  return JSON.stringify(stages.map(({ name: stage, outputs }) => [stage, outputs]));
}

/** How many of the runs that came to their end, among the kills and after them, gave the digests of the undisturbed one. */
export async function run(): Promise<Comparison[]> {
  if (dataFolder() === null) throw new Error("crashes needs the data sets: set SEQLOOM_MIRROR");
  const random = new Random(hashSeed(rootSeed(1), name));
  const homes: string[] = [];
  const newHome = (): string => {
    homes.push(mkdtempSync(join(tmpdir(), "seqloom-crashes-")));
    return homes[homes.length - 1];
  };
  try {
    const undisturbed = start(newHome());
    const begun = performance.now();
    await once(undisturbed, "close");
    const whole = performance.now() - begun;
    const expected = digestsOf(undisturbed.text());
    let [home, kills, finished, right] = [newHome(), 0, 0, 0];
    while (kills < KILLS) {
      const child = start(home);
      const timer = setTimeout(() => child.kill("SIGKILL"), random.uniform() * whole);
      const [, signal] = await once(child, "close");
      clearTimeout(timer);
      if (signal === "SIGKILL") {
        kills++;
        if (kills < KILLS) continue;
        const last = start(home);
        await once(last, "close");
        finished++;
        if (digestsOf(last.text()) === expected) right++;
        continue;
      }
      finished++;
      if (digestsOf(child.text()) === expected) right++;
      home = newHome();
    }
    const note = `${kills} kills, ${finished} runs that came to their end, an undisturbed one took ${(whole / 1000).toFixed(1)} s`;
    return [compared(`${name}/same-digests`, "runs", right, finished, note)];
  } finally {
    for (const home of homes) rmSync(home, { recursive: true, force: true });
  }
}
