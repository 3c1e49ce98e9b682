import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Comparison, compared, median, peersFolder } from "./support/measure.js";

export const name = "no-op";
export const description = "a run with nothing to do, 20 chained stages, whole process; peer: Snakemake";

const STAGES = 20;
const REPEATS = 21;
const bin = fileURLToPath(new URL("../../packages/cli/bin/seqloom.mjs", import.meta.url));

/** Milliseconds of whole processes: ours with nothing to do, a bare Node, and Snakemake with nothing to do. */
export async function run(): Promise<Comparison[]> {
  const folder = mkdtempSync(join(tmpdir(), "seqloom-no-op-"));
  try {
    const file = join(folder, "chain.yaml");
    writeFileSync(file, chain());
    const env = { ...process.env, SEQLOOM_HOME: join(folder, "home"), NO_COLOR: "1" };
    const once = (args: readonly string[]): number => {
      const start = performance.now();
      execFileSync(process.execPath, args, { env, stdio: "ignore" });
      return performance.now() - start;
    };
    once([bin, "run", file, "--no-report"]);
    const ours: number[] = [];
    const bare: number[] = [];
    for (let i = 0; i < REPEATS; i++) {
      ours.push(once([bin, "run", file]));
      bare.push(once(["-e", "0"]));
    }
    const peer = snakemake();
    const ms = median(ours);
    return [
      compared("no-op/snakemake", "ms", ms, peer, peer === null ? "snakemake is not installed" : undefined),
      compared("no-op/node", "ms", ms, median(bare), "peer: node -e 0"),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function chain(): string {
  const lines = ["seqloom: 1", "stages:", "  s0: { use: data/generate-reviews, with: { rows: 40 } }"];
  for (let i = 1; i < STAGES; i++) lines.push(`  s${i}: { use: text/normalise, in: s${i - 1} }`);
  return `${lines.join("\n")}\n`;
}

function snakemake(): number | null {
  const folder = peersFolder();
  if (folder === null) return null;
  const script = join(folder, "snakemake_noop.sh");
  const { status, stdout } = spawnSync("bash", [script], { encoding: "utf8" });
  return status === 0 ? (JSON.parse(stdout) as { noop_s: number }).noop_s * 1000 : null;
}
