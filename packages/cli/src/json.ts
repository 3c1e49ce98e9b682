import type { Diagnostic } from "@seqloom/core";
import type { RunRecord } from "@seqloom/core/engine";
import { reasonText } from "@seqloom/core/start";

/** A run as `run --json` and `runs show --json` print it. */
export function runJson(record: RunRecord): object {
  const errors = record.stages.flatMap(({ diagnostics }) => diagnostics.filter(({ severity }) => severity === "error"));
  return {
    run: record.run,
    pipeline: record.pipeline.name,
    status: record.status,
    seconds: rounded(record.seconds),
    stages: record.stages.map(
      ({ name, use, status, from, reasons, ms, outputs, profile, resumed, undeclared, checkpoint, ...one }) => ({
        name,
        use,
        status,
        ...(from !== undefined && { from }),
        reasons: reasons.map(reasonText),
        ms: rounded(ms),
        ...(one.startMs !== undefined && { start_ms: one.startMs }),
        ...(one.waitMs !== undefined && { wait_ms: one.waitMs }),
        ...(one.peakRss !== undefined && { peak_rss: one.peakRss }),
        outputs: Object.fromEntries(Object.entries(outputs).map(([port, { digest }]) => [port, digest])),
        ...(resumed !== undefined && { resumed }),
        ...(undeclared !== undefined && { undeclared }),
        ...(checkpoint !== undefined && { checkpoint }),
        ...(profile !== undefined && {
          profile: profile.map(({ name: kernel, calls, ms, part }) => ({ name: kernel, calls, ms: rounded(ms), part })),
        }),
      }),
    ),
    metrics: Object.fromEntries(
      record.stages
        .filter(({ metrics }) => Object.keys(metrics).length > 0)
        .map(({ name, metrics }) => [name, metrics]),
    ),
    ...(record.command !== undefined && { command: record.command }),
    ...(record.git !== undefined && { git: record.git }),
    environment: record.environment,
    ...(record.remote !== undefined && { remote: record.remote }),
    report: record.report,
    ...(errors.length > 0 && { error: { diagnostics: errors } }),
  };
}

/** What `--json` prints when a command fails. */
export function errorJson(diagnostics: readonly Diagnostic[]): object {
  return { error: { diagnostics } };
}

/** Times to a microsecond: more digits say nothing. */
export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
