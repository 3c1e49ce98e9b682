import type { PlanOptions } from "../plan/plan.js";
import type { Store } from "../store/store.js";
import type { SweepPlan } from "./plan.js";
import type { SweepRecord } from "./record.js";
import type { SweepOptions } from "./run.js";
import type { Sweep } from "./sweep.js";

export type { SweepEvent, SweepListener } from "./events.js";
export type { Rung } from "./halving.js";
export type { Assignment, Axis, Halving, Point, RangeAxis, Sample, SweepMatrix } from "./matrix.js";
export { type Objective, objectiveOf, paretoFront } from "./pareto.js";
export type { SweepExecution, SweepPlan } from "./plan.js";
export { valueText } from "./point.js";
export type { PointResult, SweepRecord } from "./record.js";
export { findSweep, sweepPath, writeSweep } from "./records.js";
export type { SweepOptions } from "./run.js";
export type { Sweep, SweepPoint } from "./sweep.js";
export { type Row, type SweepTable, sortedBy, sweepTable } from "./table.js";

// Sweeps are loaded only when there is one.

/** See `planSweep` in plan.ts. What a sweep would do now. */
export async function planSweep(sweep: Sweep, store: Store, options?: PlanOptions): Promise<SweepPlan> {
  return (await import("./plan.js")).planSweep(sweep, store, options);
}

/** See `runSweep` in run.ts. Runs every point. */
export async function runSweep(sweep: Sweep, options: SweepOptions): Promise<SweepRecord> {
  return (await import("./run.js")).runSweep(sweep, options);
}
