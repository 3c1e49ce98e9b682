import {
  type PointResult,
  readRun,
  runSweep,
  type Selection,
  type Store,
  type Sweep,
  type SweepOptions,
  type SweepRecord,
  writeSweep,
} from "@seqloom/core/engine";
import type { PointCurves } from "@seqloom/report";
import { type Arguments, EXIT, type ExitCode, flagValue, type Io } from "../command.js";
import { listenForInterrupt } from "../interrupt.js";
import { wholeNumber } from "../parse.js";
import { shownPath } from "../paths.js";
import { showProblems } from "../problems.js";
import { storeOf } from "../store-of.js";
import { isLive, paintOf, takesColor } from "../terminal/paint.js";
import { liveSweep, plainSweep, type SweepReporter } from "../terminal/sweep.js";

import { sweepJson } from "./json.js";
import { sweepSummary } from "./summary.js";

/** Failures that are shown one by one. */
const SHOWN = 3;
const MOST_CURVES = 200;

/** `seqloom run` of a file with a matrix: every point, a line each, and one table and report for all. */
export async function runPoints(
  sweep: Sweep,
  options: Pick<SweepOptions, "device" | "threads" | "checkpoints" | "verify" | "remote" | "command"> & Selection,
  args: Arguments,
  io: Io,
): Promise<ExitCode> {
  const store = await storeOf(args.positionals[0]);
  const reporter = args.has.has("quiet") ? null : reporterFor(io);
  const interrupt = listenForInterrupt();
  let record: SweepRecord;
  try {
    record = await runSweep(sweep, {
      ...options,
      store,
      jobs: numberOf(args, "jobs"),
      maxFailures: numberOf(args, "max-failures"),
      signal: interrupt.signal,
      listeners: reporter === null ? [] : [reporter.listener],
    });
  } finally {
    reporter?.close();
    interrupt.release();
  }
  if (!args.has.has("no-report") && record.status !== "interrupted") record = await withReport(store, record, io);
  await showFailures(record.points, sweep, io);
  if (record.status === "interrupted")
    io.err.write("\nInterrupted. What was finished is kept: run it again to go on.\n");
  if (args.has.has("json")) {
    io.out.write(`${JSON.stringify(sweepJson(record))}\n`);
  } else {
    const paint = paintOf(takesColor(io.out));
    const report = record.report === null ? "" : `\n${paint.dim("Report")}  ${shownPath(record.report)}\n`;
    io.out.write(`${args.has.has("quiet") ? "" : "\n"}${sweepSummary(record, io.out.columns ?? 100, paint)}${report}`);
  }
  return record.status === "succeeded" ? EXIT.ok : record.status === "failed" ? EXIT.failed : interrupt.code;
}

function numberOf(args: Arguments, flag: string): number | undefined {
  const text = flagValue(args, flag);
  return text === undefined ? undefined : wholeNumber(flag, text, 1);
}

function reporterFor({ err }: Io): SweepReporter {
  const paint = paintOf(takesColor(err));
  return isLive(err) ? liveSweep(err, paint) : plainSweep((text) => void err.write(text), paint);
}

/** The results are safe, and a report can be made again: that one cannot be written is no failure. */
async function withReport(store: Store, record: SweepRecord, { err }: Io): Promise<SweepRecord> {
  try {
    const { writeSweepReport } = await import("@seqloom/report");
    const curves = curvesOf(store, record);
    const report = store.path("runs", record.sweep, "report.html");
    const linked = { ...record, report };
    await writeSweepReport(linked, curves, report);
    writeSweep(store, linked);
    return linked;
  } catch (error) {
    err.write(`warning: the report could not be written: ${(error as Error).message}\n`);
    return record;
  }
}

/** The epochs of every point's last training, as curves, for as many points as can be told apart. */
function curvesOf(store: Store, { points }: SweepRecord): PointCurves[] {
  const known = points.flatMap(({ id, run }) => (run === null ? [] : [{ id, run }])).slice(0, MOST_CURVES);
  return known.flatMap(({ id, run }) => {
    const trained = readRun(store, run).stages.findLast(({ epochs }) => epochs.length > 0);
    const names = Object.keys(trained?.epochs[0]?.metrics ?? {});
    if (trained === undefined) return [];
    const curve = (name: string): number[] => trained.epochs.map(({ metrics }) => metrics[name] ?? Number.NaN);
    return [{ point: id, curves: Object.fromEntries(names.map((name) => [name, curve(name)])) }];
  });
}

async function showFailures(points: readonly PointResult[], sweep: Sweep, { err }: Io): Promise<void> {
  const failed = points.filter(({ status }) => status === "failed");
  for (const { label, diagnostics } of failed.slice(0, SHOWN)) {
    err.write(`\n${label} failed:`);
    await showProblems(
      diagnostics.filter(({ severity }) => severity === "error"),
      sweep.pipeline,
      err,
    );
  }
  if (failed.length > SHOWN) {
    err.write(
      `\n${failed.length - SHOWN} more points failed: ${failed
        .slice(SHOWN)
        .map(({ label }) => label)
        .join("; ")}\n`,
    );
  }
}
