import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Pipeline } from "@seqloom/core";
import { openStore, reasonText } from "@seqloom/core/engine";
import type { DivergedOutput, RecordedRun, Replayed, ReplayedStage } from "@seqloom/core/replay";
import { type Command, EXIT, flagValue } from "../command.js";
import { listenForInterrupt } from "../interrupt.js";
import { manifests } from "../manifests.js";
import { DEVICE_FLAG, deviceOf, THREADS_FLAG, threadsOf } from "../open.js";
import { showProblems } from "../problems.js";
import { differenceText } from "../terminal/difference.js";
import { type Paint, paintOf, takesColor } from "../terminal/paint.js";
import { harmless } from "../terminal/width.js";

/** Runs a run again, and says where it comes out otherwise. */
export const replay: Command = {
  name: "replay",
  summary: "Run a run from a bundle again, and name the first stage that comes out otherwise",
  positionals: [{ name: "BUNDLE", description: "a file that `seqloom runs export` wrote" }],
  flags: {
    store: {
      type: "string",
      value: "DIR",
      description: "Keep what is computed in this new folder (default: a temporary one, removed at the end)",
    },
    directory: {
      type: "string",
      value: "DIR",
      description: "The folder that the pipeline's files and own stages are in (default: this one)",
    },
    device: { ...DEVICE_FLAG, description: `${DEVICE_FLAG.description}. Default: that of the run` },
    threads: THREADS_FLAG,
    quiet: { type: "boolean", short: "q", description: "Say nothing on the way, only the comparison" },
    json: { type: "boolean", description: "Print one JSON object on standard output" },
  },
  notes: [
    [
      "Exit codes",
      [
        ["0", "every stage has the same key and gave the same bytes"],
        ["1", "one did not, or it could not be run here"],
        ["130, 143", "stopped by Ctrl-C, by SIGTERM; with --store the same call goes on"],
      ],
    ],
  ],
  examples: [
    ["seqloom replay run-01JD.tar", "Does it come out the same here?"],
    ["seqloom replay run-01JD.tar --directory paper --store /tmp/again", "With the files of that folder"],
    ["seqloom replay run-01JD.tar --json", "For a script: exit code 1 says that something differs"],
  ],

  async run(args, { out, err }) {
    const [path] = args.positionals;
    const [device, threads] = [await deviceOf(args), threadsOf(args)];
    const directory = resolve(flagValue(args, "directory") ?? ".");
    const kept = flagValue(args, "store");
    const { openReplayStore, replayBundle } = await import("@seqloom/core/replay");
    const [{ openRegistry }, { trustFor }] = await Promise.all([
      import("@seqloom/core"),
      import("@seqloom/core/remote"),
    ]);
    const temporary = mkdtempSync(join(tmpdir(), "seqloom-replay-"));
    const interrupt = listenForInterrupt();
    try {
      const replayed = await replayBundle(path, {
        store: openReplayStore(kept ?? join(temporary, "store")),
        recorded: openStore(join(temporary, "recorded")),
        registry: openRegistry(manifests()),
        trust: trustFor(directory),
        directory,
        device,
        threads,
        signal: interrupt.signal,
        onPipeline: async (pipeline, run) => (args.has.has("quiet") ? [] : listenersFor(pipeline, run, err)),
      });
      if (interrupt.signal.aborted) {
        err.write(kept === undefined ? "\nStopped.\n" : "\nStopped. The same call goes on from here.\n");
        return interrupt.code;
      }
      const problems = replayed.stages.flatMap(({ diagnostics }) => diagnostics);
      if (problems.length > 0) await showProblems(problems, replayed.record.pipeline, err);
      out.write(
        args.has.has("json") ? `${JSON.stringify(json(replayed))}\n` : text(replayed, paintOf(takesColor(out))),
      );
      return replayed.divergence === null ? EXIT.ok : EXIT.failed;
    } catch (error) {
      if (interrupt.signal.aborted) return interrupt.code;
      throw error;
    } finally {
      interrupt.release();
      rmSync(temporary, { recursive: true, force: true });
    }
  },
};

async function listenersFor(pipeline: Pipeline, run: RecordedRun, err: NodeJS.WriteStream) {
  const { plainReporter } = await import("../terminal/plain.js");
  err.write(
    `${harmless(run.pipeline)}  ${run.run}  of ${run.startedAt}, ${harmless(environmentText(run.environment))}\n`,
  );
  return [plainReporter(pipeline, (line) => void err.write(line), paintOf(takesColor(err))).listener];
}

function environmentText(environment: RecordedRun["environment"]): string {
  const { seqloom, node, platform, arch, device } = environment;
  return `Seqloom ${seqloom}, Node ${node}, ${platform} ${arch}, device ${device}`;
}

function text({ run, record, stages, divergence }: Replayed, paint: Paint): string {
  const lines = stages.map((stage) => {
    const sign = stage.status === "same" ? paint.green("✓") : paint.red("✗");
    return `${sign} ${paint.bold(harmless(stage.stage))}  ${statusText(stage)}`;
  });
  if (divergence === null) return `${lines.join("\n")}\n\nThe same, stage by stage.\n`;
  const { stage, reasons, outputs } = divergence;
  const detail = [
    ...reasons.map((reason) => `  ${harmless(reasonText(reason))}`),
    ...outputs.map(outputText),
    `  recorded  ${harmless(environmentText(run.environment))}`,
    `  here      ${environmentText(record.environment)}`,
  ];
  return `${lines.join("\n")}\n\n${paint.bold("First divergence")}  ${harmless(stage)}: ${statusText(divergence)}\n${detail.join("\n")}\n`;
}

function statusText({ status, outputs }: ReplayedStage): string {
  switch (status) {
    case "same":
      return "the same";
    case "key":
      return outputs.length === 0 ? "another key, the same result" : "another key";
    case "output":
      return "the same key, another result";
    case "failed":
      return "no result here";
  }
}

function outputText({ port, expected, received, difference }: DivergedOutput): string {
  const digests = `  ${harmless(port)}: expected ${expected.slice(0, 12)}, received ${received.slice(0, 12)}`;
  return difference === undefined ? digests : `${digests}\n${differenceText({ port, difference })}`;
}

function json({ run, record, stages, divergence }: Replayed): object {
  const told = stages.map(({ expectedKey, receivedKey, reasons, diagnostics, ...stage }) => ({
    ...stage,
    keys: { expected: expectedKey, received: receivedKey },
    reasons: reasons.map(reasonText),
    ...(diagnostics.length > 0 && { error: { diagnostics } }),
  }));
  return {
    run: run.run,
    pipeline: run.pipeline,
    same: divergence === null,
    divergence: told.find(({ stage }) => stage === divergence?.stage) ?? null,
    stages: told.map(({ stage, status }) => ({ stage, status })),
    environment: { recorded: run.environment, here: record.environment },
  };
}
