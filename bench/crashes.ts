import { type ChildProcess, execFileSync, spawn } from "node:child_process";
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
  "50 × kill -9 (SEQLOOM_BENCH_KILLS) at random moments of pipelines/movie-reviews.yaml: the same digests as undisturbed";

const FILE = fileURLToPath(new URL("../../pipelines/movie-reviews.yaml", import.meta.url));
const BIN = join(dirname(createRequire(import.meta.url).resolve("seqloom/package.json")), "bin", "seqloom.mjs");
const KILLS = Number(process.env.SEQLOOM_BENCH_KILLS ?? 50);

/** A run that takes so many times as long as the undisturbed one hangs. */
const PATIENCE = 10;

/** So long may the undisturbed run take, milliseconds. */
const FIRST = 10 * 60_000;

/** One call of `seqloom run`, in a process group of its own. */
class Run {
  readonly begun = performance.now();
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #out = "";
  #err = "";

  constructor(home: string) {
    this.#child = spawn(process.execPath, [BIN, "run", FILE, "--json", "--no-report"], {
      env: { ...environment(home), CI: "1", NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.#closed = once(this.#child, "close");
    this.#child.stdout?.on("data", (chunk) => {
      this.#out += chunk;
    });
    this.#child.stderr?.on("data", (chunk) => {
      this.#err += chunk;
    });
  }

  get ms(): number {
    return performance.now() - this.begun;
  }

  /** Whether it came to its end within this time. */
  async within(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), ms);
    });
    const ended = await Promise.race([this.#closed.then(() => true), late]);
    clearTimeout(timer);
    return ended;
  }

  /** kill -9: of the command alone, whose model process is left to find that out, or of both. */
  async kill(both: boolean): Promise<void> {
    const id = this.#child.pid ?? 0;
    process.kill(both ? -id : id, "SIGKILL");
    await this.#closed;
  }

  /** Whether a process of it is still there. */
  get leftOver(): boolean {
    try {
      process.kill(-(this.#child.pid ?? 0), 0);
      return true;
    } catch {
      return false;
    }
  }

  /** What it was doing when it said its last word. */
  get where(): string {
    const lines = this.#err.split("\n");
    const named = (sign: string) => lines.flatMap((line) => (line.startsWith(sign) ? [line.split(" ")[1]] : []));
    const ended = named("●");
    const running = named("▶").filter((stage) => !ended.includes(stage));
    const epoch = lines.findLast((line) => /^ {2}\S+ (epoch|resumed)/.test(line))?.trim();
    if (running.length > 0) {
      return epoch?.startsWith(running[0]) ? `${epoch.split("  ")[0]} and on` : `in ${running.join(", ")}`;
    }
    return ended.length > 0 ? `after ${ended.at(-1)}` : "before the first stage that ran";
  }

  /** Digests of all outputs by stage, as JSON. */
  digests(): string {
    let told: { readonly status?: string; readonly stages?: readonly { name: string; outputs: object }[] } = {};
    try {
      told = JSON.parse(this.#out);
    } catch {
      // Told below, with what it said.
    }
    if (told.status !== "succeeded" || told.stages === undefined) {
      throw new Error(`a run ended as ${told.status ?? "nothing that can be read"}:\n${this.#err}`);
    }
    return JSON.stringify(told.stages.map(({ name: stage, outputs }) => [stage, outputs]));
  }
}

/** Kills one run after another; how many of those that came to their end gave the digests of the undisturbed one. */
export async function run(): Promise<Comparison[]> {
  if (dataFolder() === null) throw new Error("crashes needs the data sets: set SEQLOOM_MIRROR");
  const random = new Random(hashSeed(rootSeed(1), name));
  const homes: string[] = [];
  const runs: Run[] = [];
  const start = (): Run => {
    runs.push(new Run(homes[homes.length - 1]));
    return runs[runs.length - 1];
  };
  const renew = (): unknown => homes.push(mkdtempSync(join(tmpdir(), "seqloom-crashes-")));
  let [kills, finished, right] = [0, 0, 0];
  try {
    renew();
    const undisturbed = start();
    if (!(await undisturbed.within(FIRST))) throw new Error(`the undisturbed run hangs: ${undisturbed.where}`);
    const whole = undisturbed.ms;
    const expected = undisturbed.digests();
    tell(`undisturbed: ${seconds(whole)}`);
    const finish = (one: Run): void => {
      finished++;
      const same = one.digests() === expected;
      if (same) right++;
      const damaged = damagedIn(homes[homes.length - 1]);
      if (damaged > 0) throw new Error(`${damaged} files of the store are damaged`);
      tell(`      came to its end in ${seconds(one.ms)}: ${same ? "the same digests" : "OTHER DIGESTS"}, store sound`);
    };
    renew();
    while (kills < KILLS) {
      const one = start();
      if (await one.within(random.uniform() * whole)) {
        finish(one);
        renew();
        continue;
      }
      const both = random.uniform() < 0.5;
      const at = one.ms;
      await one.kill(both);
      kills++;
      tell(`${String(kills).padStart(4)}  ${both ? "both processes" : "the command"} at ${seconds(at)}: ${one.where}`);
    }
    const last = start();
    if (!(await last.within(PATIENCE * whole))) throw new Error(`a run after ${kills} kills hangs: ${last.where}`);
    finish(last);
    await Promise.all(runs.map(gone));
    const note = `${kills} kills; ${right} of ${finished} runs that came to their end; an undisturbed one took ${seconds(whole)}`;
    return [compared(`${name}/same-digests`, "runs", right, finished, note)];
  } finally {
    for (const one of runs) if (one.leftOver) await one.kill(true);
    for (const home of homes) rmSync(home, { recursive: true, force: true });
  }
}

/** A model process whose command was killed ends by itself. */
async function gone(one: Run): Promise<void> {
  for (let tries = 0; one.leftOver; tries++) {
    if (tries === 300) throw new Error("a process of a run that was killed goes on");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function damagedIn(home: string): number {
  const out = execFileSync(process.execPath, [BIN, "cache", "verify", "--json"], { env: environment(home) });
  return (JSON.parse(out.toString()) as { readonly damaged: readonly object[] }).damaged.length;
}

function environment(home: string): NodeJS.ProcessEnv {
  return { ...process.env, SEQLOOM_HOME: home, SEQLOOM_MIRROR: dataFolder() ?? "" };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
