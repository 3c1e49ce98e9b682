import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** The command as it is installed. */
export const BIN = fileURLToPath(new URL("../../packages/cli/bin/seqloom.mjs", import.meta.url));

/** What a call gave. */
export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** How to call. */
export interface Call {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Nothing of the caller's environment that changes what is printed. */
function environment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { SEQLOOM_HOME, NO_COLOR, FORCE_COLOR, CI, ...rest } = process.env;
  return { ...rest, ...more };
}

/** Runs the command to its end. */
export function seqloom(args: readonly string[], { cwd, env, input = "" }: Call = {}): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    cwd,
    env: environment(env),
    input,
    encoding: "utf8",
  });
  return { code: status, out: stdout, err: stderr };
}

/** Starts the command, in a process group of its own if asked for, and gives its process and what it has printed so far. */
export function startSeqloom(args: readonly string[], { cwd, env, group = false }: Call & { group?: boolean } = {}) {
  const child = spawn(process.execPath, [BIN, ...args], { cwd, env: environment(env), detached: group });
  const said = { out: "", err: "" };
  child.stdout.on("data", (chunk) => {
    said.out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    said.err += chunk;
  });
  const ended = new Promise<Outcome>((resolve) => child.on("close", (code) => resolve({ code, ...said })));
  const until = async (text: string | RegExp): Promise<void> => {
    while (!(typeof text === "string" ? said.err.includes(text) : text.test(said.err))) {
      if (child.exitCode !== null) throw new Error(`it ended before it said "${text}":\n${said.err}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { child, ended, until };
}

/** A folder with these files, removed when the test is over. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>>, keep = false): string {
  const folder = mkdtempSync(join(tmpdir(), "seqloom-cli-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  if (!keep) onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Three stages that take no time. */
export const SMALL = `seqloom: 1
name: small
seed: 1
params:
  rows: 40
stages:
  reviews: { use: data/generate-reviews, with: { rows: "\${params.rows}" } }
  clean: { use: text/normalise, in: reviews }
  tokens: { use: text/tokenize, in: clean }
`;

/** A pipeline that trains and evaluates in a second or two. */
export const TRAINING = `seqloom: 1
name: training
seed: 1
params:
  units: 4
  epochs: 2
stages:
  reviews: { use: data/generate-reviews, with: { rows: 120 } }
  clean: { use: text/normalise, in: reviews }
  tokens: { use: text/tokenize, in: clean }
  ids: { use: text/encode, in: tokens }
  padded: { use: text/pad, in: ids, with: { length: 12 } }
  model:
    use: models/train
    in: padded
    with:
      layers:
        - embedding: { units: 4 }
        - lstm: { units: "\${params.units}" }
        - dense: { units: 2, activation: softmax }
      epochs: "\${params.epochs}"
  scores: { use: models/evaluate, in: model }
predict:
  model: model
`;
