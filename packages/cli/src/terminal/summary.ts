import type { RemoteSummary, RunRecord, StageResult } from "@seqloom/core/engine";
import { bytes, count, duration, fractional, measure, title } from "@seqloom/report/format";
import type { Paint } from "./paint.js";
import { fill, harmless, widthOf } from "./width.js";

/** The end of a run in a few lines: what the cache gave, what it saved, what was measured. */
export function summary(record: RunRecord, columns: number, paint: Paint): string {
  const number = (status: StageResult["status"]) => record.stages.filter((stage) => stage.status === status).length;
  const hits = number("hit");
  const total = record.stages.length;
  const counts = [
    ...(hits > 0 ? [paint.green(`${hits} from cache`)] : []),
    ...(number("run") > 0 ? [paint.blue(`${number("run")} ran`)] : []),
    ...(number("failed") > 0 ? [paint.red(`${number("failed")} failed`)] : []),
    ...(number("skipped") > 0 ? [paint.dim(`${number("skipped")} not run`)] : []),
  ];
  const saved = savedMs(record);
  const times = [
    duration(record.seconds * 1000),
    ...(saved >= 1 ? [`saved ${duration(saved)}`] : []),
    ...(hits === total && total > 0 ? [paint.bold(paint.green("FULL CACHE"))] : []),
  ];
  const shared = record.remote === undefined ? "" : remoteWords(record.remote);
  const table = metricsTable(record, columns);
  return [
    `${paint.dim("Stages")}  ${counts.join(paint.dim(" · "))}${paint.dim(`, ${total} in all`)}`,
    `${paint.dim("  Time")}  ${times.join(paint.dim(" · "))}`,
    ...(shared === "" ? [] : [`${paint.dim("Remote")}  ${shared}`]),
    ...(table.length > 0 ? ["", ...table.map((line, at) => (at === 0 ? paint.bold(line) : line))] : []),
  ].join("\n");
}

/** What the remote cache gave and took: `5 hits, 12 MB; 3 published, 2.1 MB`. */
function remoteWords({ hits, downloadedBytes, published, uploadedBytes, ...other }: RemoteSummary): string {
  const parts = [
    `${count(hits, "hit")}${hits > 0 ? `, ${bytes(downloadedBytes)}` : ""}`,
    ...(published > 0 ? [`${published} published, ${bytes(uploadedBytes)}`] : []),
    ...(other.alreadyThere > 0 ? [`${other.alreadyThere} there already`] : []),
    ...(other.refused > 0 ? [`${other.refused} refused`] : []),
    ...(other.notPublished > 0 ? [`${other.notPublished} not published`] : []),
  ];
  return parts.join("; ");
}

/** Milliseconds of computing that hits made unnecessary. */
export function savedMs({ stages }: RunRecord): number {
  return stages.reduce(
    (sum, { status, computeMs, ms }) => sum + (status === "hit" ? Math.max(0, computeMs - ms) : 0),
    0,
  );
}

/** What evaluations measured: a line per evaluation, or a line per measure where that would be too wide. */
function metricsTable(record: RunRecord, columns: number): string[] {
  const results = new Set(record.pipeline.nodes.filter(({ stage }) => stage.kind === "stage").map(({ name }) => name));
  const measuredStages = record.stages.filter(
    ({ name, metrics }) => results.has(name) && Object.keys(metrics).length > 0,
  );
  if (measuredStages.length === 0) return [];
  const names = [...new Set(measuredStages.flatMap(({ metrics }) => Object.keys(metrics)))];
  const decimals = new Map(names.map((name) => [name, fractional(measuredStages.map(({ metrics }) => metrics[name]))]));
  const number = (stage: StageResult, name: string) =>
    name in stage.metrics ? measure(name, stage.metrics[name], decimals.get(name)) : "–";
  const wide = [
    ["", ...names.map(title)],
    ...measuredStages.map((stage) => [harmless(stage.name), ...names.map((name) => number(stage, name))]),
  ];
  const lines = aligned(wide);
  if (lines.every((line) => widthOf(line) < columns)) return lines;
  return aligned([
    ["", ...measuredStages.map(({ name }) => harmless(name))],
    ...names.map((name) => [title(name), ...measuredStages.map((stage) => number(stage, name))]),
  ]);
}

/** Rows as lines: the first column to the left, the rest to the right. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, at) => Math.max(...rows.map((row) => widthOf(row[at]))));
  return rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? fill(cell, widths[at]) : " ".repeat(widths[at] - widthOf(cell)) + cell))
      .join("  ")
      .trimEnd(),
  );
}
