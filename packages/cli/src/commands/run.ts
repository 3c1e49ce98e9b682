import type { Diagnostic, Pipeline } from "@seqloom/core";
import type { RunRecord, Store } from "@seqloom/core/engine";
import { runPipeline } from "@seqloom/core/start";
import { type Arguments, type Command, EXIT, type ExitCode, type Io, UsageError } from "../command.js";
import { type Interrupt, listenForInterrupt } from "../interrupt.js";
import {
  CHECKPOINTS_FLAG,
  checkpointsOf,
  DEVICE_FLAG,
  deviceOf,
  openPipelineOrPoints,
  POINT_FLAG,
  REMOTE_FLAGS,
  remoteOf,
  SETTING_FLAGS,
  THREADS_FLAG,
  threadsOf,
  VERIFY_FLAG,
  verifyOf,
} from "../open.js";
import { shownPath } from "../paths.js";
import { knownReport, linkReport, makeReport } from "../reports.js";
import { PART_FLAGS, PART_POSITIONALS, selectionOf } from "../selection.js";
import { isLive, paintOf, takesColor } from "../terminal/paint.js";
import type { Reporter } from "../terminal/reporter.js";

/** Runs what changed, takes the rest from the cache, shows what was measured. */
export const run: Command = {
  name: "run",
  summary: "Run a pipeline: what changed is computed, the rest comes from the cache",
  positionals: PART_POSITIONALS,
  flags: {
    ...SETTING_FLAGS,
    ...PART_FLAGS,
    device: DEVICE_FLAG,
    threads: THREADS_FLAG,
    checkpoints: CHECKPOINTS_FLAG,
    verify: VERIFY_FLAG,
    point: POINT_FLAG,
    jobs: {
      type: "string",
      value: "N",
      description: "Points of a matrix that train at the same time (default: one per core)",
    },
    "max-failures": { type: "string", value: "N", description: "Start no more points after N have failed" },
    ...REMOTE_FLAGS,
    watch: { type: "boolean", description: "Run again after each edit, as seqloom watch does" },
    dry: { type: "boolean", description: "Say what would run, and why, and run nothing" },
    profile: {
      type: "boolean",
      description: "Show where the time of models goes, in training and prediction: kernels, calls, milliseconds",
    },
    "trace-inputs": {
      type: "boolean",
      description:
        "Name the files and environment variables that stages read without declaring them, with the line to add",
    },
    "no-report": { type: "boolean", description: "Draw no report" },
    quiet: { type: "boolean", short: "q", description: "Say nothing on the way, only the results" },
    json: { type: "boolean", description: "Print one JSON object on standard output" },
  },
  notes: [
    [
      "Status of a stage",
      [
        ["hit", "taken from the cache"],
        ["run", "computed now, and kept"],
        ["failed", "stopped by an error; its diagnostics say why"],
        [
          "skipped",
          "has no result: not started, because a stage before it failed or the run was stopped (ms 0), or stopped while " +
            "it ran (ms tells how long)",
        ],
      ],
    ],
    [
      "Exit codes",
      [
        ["0", "every stage has its result"],
        ["1", "the pipeline is wrong, or a stage failed"],
        ["2", "the call is wrong"],
        [
          "130, 143",
          "stopped by Ctrl-C, by SIGTERM; what was finished is kept, and a training goes on where it was. A second Ctrl-C " +
            "ends it at once",
        ],
      ],
    ],
  ],
  examples: [
    ["seqloom run pipelines/quickstart.yaml", "Train, evaluate, and write a report"],
    ["seqloom run pipelines/quickstart.yaml --set params.units=64", "Change a parameter: only what depends on it runs"],
    ["seqloom run pipelines/quickstart.yaml --seed 2 --json", "Another seed, and the result as JSON"],
    ["seqloom run pipelines/quickstart.yaml --force=model", "Run one stage again although it has a result"],
    [
      "seqloom run pipelines/quickstart.yaml --verify full",
      "Take nothing from the cache that was not read and compared",
    ],
    ["seqloom run pipelines/quickstart.yaml model", "Only the model and what it needs"],
    ["seqloom run pipelines/quickstart.yaml --frozen", "In CI: fail when anything would have to run"],
    ["seqloom run p.yaml --trace-inputs --force", "Find out what the stages read without saying so"],
    ["seqloom run sweep.yaml", "A file with a matrix: every point, and one table and report for all"],
    ["seqloom run sweep.yaml --point units=64,lr=0.001", "One point of it, or all that have these values"],
  ],

  async run(args, io) {
    if (args.has.has("watch")) return (await import("./watch.js")).watchRun(args, io);
    const [device, threads, checkpoints] = [await deviceOf(args), threadsOf(args), await checkpointsOf(args)];
    const verify = await verifyOf(args);
    const opened = await openPipelineOrPoints(args);
    const remote = remoteOf(args);
    if ("points" in opened) {
      if (args.has.has("dry")) return (await import("../sweeps/plan.js")).planPoints(opened, args, io);
      if (args.has.has("trace-inputs"))
        throw new UsageError("--trace-inputs is for one point of a matrix", "Choose it: --point NAME=VALUE.");
      const { runPoints } = await import("../sweeps/run.js");
      return runPoints(
        opened,
        { ...selectionOf(args, opened.pipeline), device, threads, checkpoints, verify, remote, command: calledWith() },
        args,
        io,
      );
    }
    for (const flag of ["jobs", "max-failures"]) {
      if (args.has.has(flag)) throw new UsageError(`--${flag} is for several points`, "Leave it out.");
    }
    const { pipeline, point, store } = opened;
    const selection = selectionOf(args, pipeline);
    if (args.has.has("dry")) {
      const [{ planPipeline }, { tellPlan }] = await Promise.all([import("@seqloom/core/engine"), import("./plan.js")]);
      return tellPlan(pipeline, store, await planPipeline(pipeline, store, { ...selection, device }), args, io);
    }
    const reporter = args.has.has("quiet") ? null : await reporterFor(pipeline, io);
    const interrupt = listenForInterrupt();
    const warnings: Diagnostic[] = [];
    let record: RunRecord;
    try {
      record = await runPipeline(pipeline, {
        ...selection,
        store,
        device,
        threads,
        checkpoints,
        verify,
        profile: args.has.has("profile"),
        traceInputs: args.has.has("trace-inputs"),
        point,
        remote,
        command: calledWith(),
        signal: interrupt.signal,
        listeners: [
          ...(reporter === null ? [] : [reporter.listener]),
          (event) => {
            if (event.type === "stage-warning") warnings.push(event.diagnostic);
          },
        ],
      });
    } finally {
      reporter?.close();
      interrupt.release();
    }
    const { record: reported, problems } = await withReport(record, store, args);
    if (args.has.has("profile")) {
      const { profileText } = await import("../terminal/profile.js");
      io.err.write(`\n${profileText(reported, paintOf(takesColor(io.err)))}`);
    }
    if (args.has.has("trace-inputs")) io.err.write(untraced(reported));
    const code = codeOf(reported, interrupt);
    await tell(reported, [...warnings, ...problems], code, args, io);
    return code;
  },
};

/** The call, as a shell has it. */
function calledWith(): string[] {
  return ["seqloom", ...process.argv.slice(2)];
}

/** What comes from the cache reads nothing: so nothing was found there. */
function untraced({ stages }: RunRecord): string {
  const hits = stages.filter(({ status }) => status === "hit").length;
  const names = hits === 1 ? "1 stage came" : `${hits} stages came`;
  return hits === 0 ? "" : `${names} from the cache, where nothing is read: --force traces all.\n`;
}

function codeOf({ status }: RunRecord, interrupt: Interrupt): ExitCode {
  return status === "succeeded" ? EXIT.ok : status === "failed" ? EXIT.failed : interrupt.code;
}

async function reporterFor(pipeline: Pipeline, { err }: Io): Promise<Reporter> {
  const paint = paintOf(takesColor(err));
  if (isLive(err)) return (await import("../terminal/live.js")).liveReporter(pipeline, err, paint);
  return (await import("../terminal/plain.js")).plainReporter(pipeline, (text) => void err.write(text), paint);
}

/** A report costs half a second: a run that only took results from the cache is shown by the report that there is. */
async function withReport(
  record: RunRecord,
  store: Store,
  args: Arguments,
): Promise<{ readonly record: RunRecord; readonly problems: readonly Diagnostic[] }> {
  if (args.has.has("no-report") || record.status === "interrupted") return { record, problems: [] };
  try {
    const cached = record.stages.every(({ status }) => status === "hit");
    const known = cached ? knownReport(store, record) : null;
    return { record: linkReport(store, record, known ?? (await makeReport(store, record))), problems: [] };
  } catch (error) {
    // The results are safe, and a report can be made again: that is no failure of the run.
    const message = `the report could not be written: ${(error as Error).message}`;
    return { record, problems: [{ code: "report-not-written", severity: "warning", message }] };
  }
}

async function tell(
  record: RunRecord,
  warnings: readonly Diagnostic[],
  code: ExitCode,
  args: Arguments,
  { out, err }: Io,
): Promise<void> {
  const failures = record.stages.flatMap(({ status, diagnostics }) => (status === "failed" ? diagnostics : []));
  const problems = [...warnings, ...(record.diagnostics ?? []), ...failures];
  if (problems.length > 0) await (await import("../problems.js")).showProblems(problems, record.pipeline, err);
  if (record.status === "interrupted") {
    const word = code === EXIT.terminated ? "Terminated" : "Interrupted";
    err.write(`\n${word}. What was finished is kept: run it again to go on.\n`);
  }
  if (args.has.has("json")) {
    const { runJson } = await import("../json.js");
    out.write(`${JSON.stringify(runJson(record))}\n`);
    return;
  }
  const { summary } = await import("../terminal/summary.js");
  const paint = paintOf(takesColor(out));
  const report = record.report === null ? "" : `\n\n${paint.dim("Report")}  ${shownPath(record.report)}`;
  const gap = args.has.has("quiet") ? "" : "\n";
  out.write(`${gap}${summary(record, out.columns ?? 100, paint)}${report}\n`);
}
