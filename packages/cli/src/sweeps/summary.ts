import { objectiveOf, paretoFront, type SweepRecord, sortedBy, sweepTable } from "@seqloom/core/engine";
import { duration, measure, title } from "@seqloom/report/format";
import type { Paint } from "../terminal/paint.js";
import { aligned } from "../terminal/summary.js";
import { cut, widthOf } from "../terminal/width.js";

/** Points in the table of a summary; the report has all. */
const SHOWN = 12;

/** The end of a sweep: what was shared, the best points with their measures, those that are on the Pareto front marked. */
export function sweepSummary(record: SweepRecord, columns: number, paint: Paint): string {
  const { points } = record;
  const total = (of: "hit" | "run" | "failed" | "skipped") => points.reduce((sum, { stages }) => sum + stages[of], 0);
  const number = (status: string) => points.filter((point) => point.status === status).length;
  const counts = [
    paint.green(`${number("succeeded")} done`),
    ...(number("failed") > 0 ? [paint.red(`${number("failed")} failed`)] : []),
    ...(number("stopped") > 0 ? [paint.dim(`${number("stopped")} stopped by halving`)] : []),
    ...(number("interrupted") + number("skipped") > 0
      ? [paint.dim(`${number("interrupted") + number("skipped")} not done`)]
      : []),
  ];
  const stages = `${total("run")} stages ran, ${total("hit")} from cache or shared`;
  const head = [
    `${paint.dim("Points")}  ${counts.join(paint.dim(" · "))}${paint.dim(`, ${points.length} in all`)}`,
    `${paint.dim("Stages")}  ${stages}`,
    `${paint.dim("  Time")}  ${duration(record.seconds * 1000)}`,
  ];
  const table = bestPoints(record, columns);
  return `${[...head, ...(table.length > 0 ? ["", ...table.map((line, at) => (at === 0 ? paint.bold(line) : line))] : [])].join("\n")}\n`;
}

function bestPoints(record: SweepRecord, columns: number): string[] {
  const { parameters, measures, rows, leading } = sweepTable(record);
  if (leading === null) return [];
  const objectives = [objectiveOf(leading), { name: "seconds", lower: true }];
  const front = paretoFront(rows, objectives);
  const marked = rows.map((row, at) => ({ ...row, front: front[at] }) as Readonly<Record<string, unknown>>);
  const best = sortedBy(marked, leading).slice(0, SHOWN);
  const others = measures.filter((name) => name !== leading);
  const text = (name: string, value: unknown): string =>
    typeof value === "number" ? measure(name, value, name !== "rows") : value === undefined ? "–" : String(value);
  const lines = (shown: readonly string[]): string[] =>
    aligned([
      ["", ...parameters, ...[leading, ...shown].map(title), "time"],
      ...best.map((row) => [
        row.front === true ? "◆" : " ",
        ...parameters.map((name) => (typeof row[name] === "string" ? row[name] : JSON.stringify(row[name] ?? null))),
        ...[leading, ...shown].map((name) => text(name, row[name])),
        duration((row.seconds as number) * 1000),
      ]),
    ]);
  // As many measures as the terminal has room for, the leading one first.
  let count = Math.min(4, others.length);
  while (count > 0 && lines(others.slice(0, count)).some((line) => widthOf(line) >= columns)) count--;
  const table = lines(others.slice(0, count)).map((line) => cut(line, columns - 1));
  const more = rows.length > best.length ? [`… and ${rows.length - best.length} more: seqloom runs table`] : [];
  return [...table, ...more, cut(`◆ on the Pareto front of ${title(leading)} and time`, columns - 1)];
}
