import { execFileSync, type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Comparison, compared, median, peersFolder } from "./support/measure.js";

export const name = "no-op";
export const description = "a run with nothing to do, 20 and 1,000 stages, whole process; peers: Snakemake, Turborepo";

const FEW = 20;
const MANY = 1000;
const REPEATS = 15;
const TURBO = "turbo@2.11.11";
const bin = fileURLToPath(new URL("../../packages/cli/bin/seqloom.mjs", import.meta.url));

/** Milliseconds of whole processes with nothing to do: ours, a bare Node, Snakemake, Turborepo. */
export async function run(): Promise<Comparison[]> {
  const folder = mkdtempSync(join(tmpdir(), "seqloom-no-op-"));
  try {
    const few = ours(folder, FEW);
    const own = ours(folder, FEW, true);
    const many = ours(folder, MANY);
    const bare = repeated(() => execFileSync(process.execPath, ["-e", "0"]));
    const snake = snakemake();
    const turbo = turborepo(join(folder, "turbo"));
    const overhead = (many - few) / (MANY - FEW);
    return [
      compared("no-op/snakemake", "ms", few, snake, snake === null ? "snakemake is not installed" : undefined),
      typeof turbo === "string"
        ? compared("no-op/turbo", "ms", few, null, turbo)
        : compared("no-op/turbo", "ms", few, turbo, `${TURBO}, a native binary`),
      compared("no-op/node", "ms", few, bare, "peer: node -e 0"),
      compared("no-op/own-stage", "ms", own, few, "with a TypeScript stage of the project; peer: without"),
      compared("no-op/1000-stages", "ms", many, 500, "peer: the budget"),
      compared("no-op/hit", "ms", overhead, 0.5, "per stage; peer: the budget"),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A chain of stages that ran once: milliseconds of the next run. */
function ours(folder: string, stages: number, own = false): number {
  const file = join(folder, `chain-${stages}${own ? "-own" : ""}.yaml`);
  writeFileSync(file, chain(stages, own));
  if (own) {
    mkdirSync(join(folder, "stages"), { recursive: true });
    writeFileSync(join(folder, "stages", "trim.ts"), OWN);
  }
  const env = { ...process.env, SEQLOOM_HOME: join(folder, `home-${stages}-${own}`), NO_COLOR: "1" };
  const once = (): Buffer =>
    execFileSync(process.execPath, [bin, "run", file, "--no-report"], { env, stdio: ["ignore", "pipe", "ignore"] });
  once();
  once();
  const ms = repeated(once);
  if (!once().toString().includes("FULL CACHE")) throw new Error("the run had something to do");
  return ms;
}

function chain(stages: number, own: boolean): string {
  const lines = ["seqloom: 1", "stages:", "  s0: { use: data/generate-reviews, with: { rows: 20 } }"];
  for (let i = 1; i < stages; i++) lines.push(`  s${i}: { use: text/normalise, in: s${i - 1} }`);
  if (own) lines[3] = "  s1: { use: ./stages/trim.ts, in: s0 }";
  return `${lines.join("\n")}\n`;
}

const OWN = `import { dataset, defineMap, utf8 } from "seqloom";
import { z } from "zod";
export const trim = defineMap({
  id: "own/trim", version: 1, description: "Trims.",
  input: dataset({ text: "utf8" }), output: dataset({ text: "utf8" }), params: z.strictObject({}),
  apply: (batch) => batch.with({ text: utf8([...batch.column("text").values].map((text) => text.trim())) }),
});
`;

function repeated(once: () => unknown): number {
  const times: number[] = [];
  for (let i = 0; i < REPEATS; i++) {
    const start = performance.now();
    once();
    times.push(performance.now() - start);
  }
  return median(times);
}

function snakemake(): number | null {
  const folder = peersFolder();
  if (folder === null) return null;
  const { status, stdout } = spawnSync("bash", [join(folder, "snakemake_noop.sh")], { encoding: "utf8" });
  return status === 0 ? (JSON.parse(stdout) as { noop_s: number }).noop_s * 1000 : null;
}

/**
 * Twenty packages whose builds follow one another: milliseconds, or why there are none. Turborepo is fetched by npx, and
 * called as the binary that it is.
 */
function turborepo(folder: string): number | string {
  const found = spawnSync("npx", ["--yes", "--package", TURBO, "--call", "command -v turbo"], { encoding: "utf8" });
  const turbo = found.stdout?.trim().split("\n").at(-1);
  if (found.status !== 0 || !turbo) return `${TURBO} could not be fetched: ${lastLine(found)}`;
  const write = (path: string, content: object): void => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), JSON.stringify(content));
  };
  write("package.json", { name: "root", private: true, packageManager: "npm@10.8.2", workspaces: ["packages/*"] });
  write("package-lock.json", { name: "root", lockfileVersion: 3, requires: true, packages: {} });
  write("turbo.json", { tasks: { build: { dependsOn: ["^build"], inputs: ["package.json"], outputs: ["out.txt"] } } });
  for (let i = 0; i < FEW; i++) {
    const dependencies = i === 0 ? {} : { [`s${i - 1}`]: "*" };
    write(`packages/s${i}/package.json`, {
      name: `s${i}`,
      version: "1.0.0",
      scripts: { build: "echo x > out.txt" },
      dependencies,
    });
  }
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1", NO_COLOR: "1" };
  const once = () => spawnSync(turbo, ["run", "build"], { cwd: folder, env, encoding: "utf8" });
  once();
  const second = once();
  if (!second.stdout?.includes("FULL TURBO")) return `${TURBO} did not take all from its cache: ${lastLine(second)}`;
  return repeated(once);
}

function lastLine({ error, stderr, stdout }: SpawnSyncReturns<string>): string {
  const said = `${stdout ?? ""}\n${stderr ?? ""}`.trim().split("\n").at(-1);
  return error?.message ?? (said || "it said nothing");
}
