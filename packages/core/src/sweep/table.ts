import { leadingMeasure } from "../run/measures.js";
import { objectiveOf } from "./pareto.js";
import type { PointResult, SweepRecord } from "./record.js";

/** A row of values by name of the column. */
export type Row = Readonly<Record<string, unknown>>;

/** The points of a sweep as a table. One that halves has columns `rung` and `epochs` at its end. */
export interface SweepTable {
  /** Parameters, then measures, then `seconds`: the computing that the point's results took. */
  readonly columns: readonly string[];
  readonly parameters: readonly string[];
  readonly measures: readonly string[];
  readonly rows: readonly Row[];
  /** What points are judged by; null where nothing was measured. */
  readonly leading: string | null;
}

/** The measures of a point by name: `accuracy`, or `scores.accuracy` where several stages measure. */
export function measuresOf({ metrics }: PointResult, evaluations: readonly string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const stage of evaluations) {
    for (const [name, value] of Object.entries(metrics[stage] ?? {})) {
      found[evaluations.length === 1 ? name : `${stage}.${name}`] = value;
    }
  }
  return found;
}

/** The table of a sweep. */
export function sweepTable({ points, evaluations }: SweepRecord): SweepTable {
  const parameters = [...new Set(points.flatMap(({ values }) => Object.keys(values)))];
  const all = points.map((point) => measuresOf(point, evaluations));
  const measures = [...new Set(all.flatMap((values) => Object.keys(values)))];
  const first = all.find((values) => Object.keys(values).length > 0) ?? {};
  const bare = Object.fromEntries(Object.entries(first).map(([name, value]) => [name.replace(/^.*\./, ""), value]));
  const leading = leadingMeasure(bare);
  const halved = points.some(({ rung }) => rung !== undefined);
  return {
    columns: [...parameters, ...measures, "seconds", ...(halved ? ["rung", "epochs"] : [])],
    parameters,
    measures,
    rows: points.map((point, at) => ({
      ...point.values,
      ...all[at],
      seconds: point.computeMs / 1000,
      ...(halved && { rung: point.rung ?? null, epochs: point.epochs ?? null }),
    })),
    leading: leading === undefined ? null : (measures.find((name) => name.replace(/^.*\./, "") === leading) ?? null),
  };
}

/** Rows by a column, the best first; those without a value last. */
export function sortedBy<R extends Row>(rows: readonly R[], column: string, lower = objectiveOf(column).lower): R[] {
  const rank = (row: R): number => {
    const value = row[column];
    return typeof value === "number" && !Number.isNaN(value) ? (lower ? value : -value) : Number.POSITIVE_INFINITY;
  };
  return [...rows].sort((a, b) => rank(a) - rank(b) || 0);
}
