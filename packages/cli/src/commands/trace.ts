import { existsSync, statSync } from "node:fs";
import { fail } from "@seqloom/core";
import {
  type FileUse,
  findRun,
  type Lineage,
  type RunRecord,
  readRun,
  type Store,
  type Traced,
  traceArtifact,
  traceFile,
} from "@seqloom/core/engine";
import { type Command, EXIT, flagValue } from "../command.js";
import { STORE_FILE, storeOf } from "../store-of.js";
import { type Paint, paintOf, takesColor } from "../terminal/paint.js";
import { harmless } from "../terminal/width.js";

/** Digits of a digest that are shown. */
const DIGITS = 12;

/** Says where a result comes from. */
export const trace: Command = {
  name: "trace",
  summary: "Say where a result comes from: the stages and files behind it, from the records of runs",
  positionals: [
    { name: "WHAT", description: "a stage, a file, or the SHA-256 of an artifact or file (its beginning will do)" },
    STORE_FILE,
  ],
  flags: {
    run: { type: "string", value: "ID", description: "In this run (default: the newest that has it)" },
    json: { type: "boolean", description: "Print JSON on standard output" },
  },
  examples: [
    ["seqloom trace scores pipelines/quickstart.yaml", "Everything behind the newest scores"],
    ["seqloom trace model.safetensors pipelines/quickstart.yaml", "Which run made this file, from what?"],
    ["seqloom trace 3f2a91c0 pipelines/quickstart.yaml --json", "By digest, for a script"],
  ],

  async run(args, { out }) {
    const [what, file] = args.positionals;
    const store = await storeOf(file);
    const id = flagValue(args, "run");
    const found = await find(store, what, id === undefined ? undefined : readRun(store, findRun(store, id)));
    if (args.has.has("json")) {
      const traced = found.traced.map(({ run, lineage }) => ({ run: run.run, ...lineage }));
      const used = found.used.map(({ run, stage, name }) => ({ run: run.run, stage, name }));
      out.write(`${JSON.stringify({ artifacts: traced, read_by: used })}\n`);
      return EXIT.ok;
    }
    const paint = paintOf(takesColor(out));
    for (const { run, lineage } of found.traced) {
      out.write(`${paint.dim(`run ${run.run} of ${harmless(run.pipeline.name)}`)}\n${tree(lineage, "", "", paint)}`);
    }
    for (const { run, stage, name } of found.used) {
      out.write(`${harmless(name)} was read by stage ${paint.bold(harmless(stage))}, run ${run.run}\n`);
    }
    return EXIT.ok;
  },
};

interface Found {
  readonly traced: readonly Traced[];
  readonly used: readonly FileUse[];
}

/** @throws DiagnosticError `nothing-to-trace`. */
async function find(store: Store, what: string, run: RunRecord | undefined): Promise<Found> {
  const direct = traceArtifact(store, what, run);
  if (direct.length > 0) return { traced: direct, used: [] };
  if (existsSync(what) && statSync(what).isFile()) {
    const { hashFile } = await import("@seqloom/core");
    const digest = await hashFile(what);
    const traced = traceArtifact(store, digest, run);
    const used = traceFile(store, digest);
    if (traced.length + used.length > 0) return { traced, used };
    throw fail("nothing-to-trace", `no run in the store made or read ${what}`, {
      hint: `Its SHA-256 is ${digest}. It may have changed since, or belong to another store.`,
    });
  }
  throw fail("nothing-to-trace", `no run in the store has a stage, file or result "${what}"`, {
    hint: "Name a stage of the pipeline, a file, or at least 6 digits of a digest.",
  });
}

/** A line for an artifact, and its inputs and files below it. */
function tree(lineage: Lineage, indent: string, branch: string, paint: Paint): string {
  const { stage, port, use, digest, inputs, files } = lineage;
  const name = `${paint.bold(`${harmless(stage)}.${port}`)}  ${paint.dim(`${use}  ${digest.slice(0, DIGITS)}`)}`;
  const below = [
    ...inputs.map((input) => (next: string, last: boolean) => tree(input, next, last ? "└─ " : "├─ ", paint)),
    ...files.map((file) => (next: string, last: boolean) => {
      const text = `${harmless(file.name)}  ${paint.dim(file.digest.slice(0, DIGITS))}`;
      return `${next}${last ? "└─ " : "├─ "}${text}\n`;
    }),
  ];
  const inner = indent + (branch === "" ? "" : branch === "└─ " ? "   " : "│  ");
  return `${indent}${branch}${name}\n${below.map((one, at) => one(inner, at === below.length - 1)).join("")}`;
}
