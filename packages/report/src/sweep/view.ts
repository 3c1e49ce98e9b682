import {
  type Objective,
  objectiveOf,
  type PointResult,
  paretoFront,
  type Row,
  type SweepRecord,
  sortedBy,
  sweepTable,
} from "@seqloom/core";

/** The curves of a point's training: measure → a value per epoch. */
export interface PointCurves {
  /** The id of the point. */
  readonly point: string;
  readonly curves: Readonly<Record<string, readonly number[]>>;
}

/** A point with its row of the table. */
export interface PointView {
  readonly point: PointResult;
  readonly row: Row;
  /** On the Pareto front of the leading measure and time. */
  readonly front: boolean;
  /** 1 is the best; null where it has no measure. */
  readonly rank: number | null;
}

/** A sweep arranged for reading. */
export interface SweepView {
  readonly record: SweepRecord;
  readonly parameters: readonly string[];
  readonly measures: readonly string[];
  /** What points are judged by; null where nothing was measured. */
  readonly leading: Objective | null;
  /** The best first. */
  readonly points: readonly PointView[];
  readonly curves: readonly PointCurves[];
}

/** Arranges a record. */
export function sweepView(record: SweepRecord, curves: readonly PointCurves[]): SweepView {
  const { parameters, measures, rows, leading } = sweepTable(record);
  const objective = leading === null ? null : objectiveOf(leading);
  const front = objective === null ? [] : paretoFront(rows, [objective, objectiveOf("seconds")]);
  const views = record.points.map((point, at) => ({ point, row: rows[at], front: front[at] ?? false }));
  const byId = new Map(views.map((view) => [view.point.id, view]));
  const indexed = rows.map((row, at) => ({ ...row, "": record.points[at].id }) as Row);
  const order = leading === null ? indexed : sortedBy(indexed, leading);
  const points = order.map((row, at): PointView => {
    const view = byId.get(row[""] as string) as (typeof views)[number];
    return { ...view, rank: leading !== null && typeof view.row[leading] === "number" ? at + 1 : null };
  });
  return { record, parameters, measures, leading: objective, points, curves };
}

/** The label of a point for reading: with room to break lines after commas. */
export function spaced(label: string): string {
  return label.replaceAll(",", ", ");
}

/** How good a point is among all, from 0 (the worst) to 1: what colours say. */
export function goodness({ rank }: PointView, { points }: SweepView): number {
  const ranked = points.filter((point) => point.rank !== null).length;
  return rank === null ? 0 : ranked === 1 ? 1 : 1 - (rank - 1) / (ranked - 1);
}
