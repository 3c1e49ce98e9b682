import { spawn } from "node:child_process";
import { listRuns, openStore, readRun } from "@seqloom/core/engine";
import { type Arguments, type Command, EXIT, type ExitCode, type Flag, type Io, UsageError } from "../command.js";
import { homeOf } from "../manifests.js";
import { overridesOf } from "../parse.js";
import { shownPath } from "../paths.js";
import { openFingerprint } from "../watch/fingerprint.js";
import { listenForKeys } from "../watch/keys.js";
import { watchFor } from "../watch/watch.js";
import { run } from "./run.js";

const { force, "force-downstream": _, json, watch: __, ...RUN_FLAGS } = run.flags;

/** Runs a pipeline, and runs it again after each change of what it is made of. */
export const watch: Command = {
  name: "watch",
  summary: "Run a pipeline, and again after each edit of it, of its data or of its own stages",
  positionals: run.positionals,
  flags: RUN_FLAGS,
  notes: [
    [
      "Keys",
      [
        ["r", "run again now"],
        ["q", "stop watching"],
      ],
    ],
  ],
  examples: [
    ["seqloom watch pipelines/quickstart.yaml", "Edit the file in another window: what an edit affects runs again"],
    ["seqloom watch pipelines/quickstart.yaml scores", "Only what the scores need"],
  ],

  async run(args, io) {
    const [file] = args.positionals;
    const call = [...args.positionals, ...flagsOf(args, RUN_FLAGS)];
    const store = openStore(homeOf(file));
    const fingerprint = openFingerprint(file, overridesOf(args));
    const keys = listenForKeys(process.stdin);
    let report: string | null = null;
    try {
      return await watchFor({
        fingerprint,
        keys,
        start: () => start(call),
        say: (text) => void io.err.write(`${text}\n`),
        ended(code) {
          if (code === EXIT.ok) report = newestReport(store) ?? report;
          else if (report !== null) io.err.write(`The last good report  ${shownPath(report)}\n`);
        },
      });
    } finally {
      keys.close();
    }
  },
};

/** `seqloom run --watch`. @throws UsageError for a flag of `run` that makes no sense again and again. */
export function watchRun(args: Arguments, io: Io): Promise<ExitCode> {
  const once = ["json", "force", "force-downstream"].find((name) => args.has.has(name));
  if (once !== undefined) throw new UsageError(`--watch and --${once} do not go together`, "Leave one of them out.");
  return watch.run({ ...args, has: new Set([...args.has].filter((name) => name !== "watch")) }, io);
}

/** A run in a process of its own: it loads edited stages anew, and what it does to memory and terminal ends with it. */
function start(call: readonly string[]) {
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1], "run", ...call], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const ended = new Promise<ExitCode>((resolve) => {
    child.on("error", () => resolve(EXIT.failed));
    child.on("close", (code) => resolve((code ?? EXIT.failed) as ExitCode));
  });
  return { ended, stop: (signal: NodeJS.Signals) => void child.kill(signal) };
}

function newestReport(store: ReturnType<typeof openStore>): string | null {
  const [newest] = listRuns(store, 1);
  return newest === undefined || newest.status !== "succeeded" ? null : readRun(store, newest.run).report;
}

/** Flags as they were given, for another process. */
function flagsOf({ has, values }: Arguments, flags: Readonly<Record<string, Flag>>): string[] {
  return [...has].flatMap((name) => {
    if (flags[name].type === "boolean") return [`--${name}`];
    return values[name].map((value) =>
      flags[name].type === "optional" && value === "" ? `--${name}` : `--${name}=${value}`,
    );
  });
}
