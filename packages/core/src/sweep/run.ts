import { availableParallelism, totalmem } from "node:os";
import type { RunId } from "../brands.js";
import type { Pipeline, StageNode } from "../pipeline/pipeline.js";
import { Budget } from "../run/budget.js";
import { environmentOf } from "../run/environment.js";
import { createRunId } from "../run/id.js";
import type { RunRecord } from "../run/record.js";
import { summaryOf } from "../run/records.js";
import { type RunOptions, runPipeline } from "../run/run.js";
import type { SharedWork } from "../run/shared.js";
import type { SweepListener } from "./events.js";
import type { Point } from "./matrix.js";
import type { PointResult, SweepRecord } from "./record.js";
import { writeSweep } from "./records.js";
import type { Sweep, SweepPoint } from "./sweep.js";

/** Memory that a model stage is assumed to take, where nothing else limits how many run at once. */
const BYTES_PER_JOB = 1e9;

/** How to run a sweep. */
export interface SweepOptions extends Omit<RunOptions, "listeners" | "shared" | "point"> {
  /**
   * How many points train at the same time, each with its part of the cores. Results do not depend on it. Default: as
   * many as there are cores, and memory for them.
   */
  readonly jobs?: number | undefined;
  /** After so many points have failed, no more are started. Default: all are. */
  readonly maxFailures?: number | undefined;
  readonly listeners?: readonly SweepListener[] | undefined;
}

/**
 * Runs the points of a sweep side by side. What points have in common is computed once. A point that fails stops no other.
 * @throws DiagnosticError `unknown-target`; `store-…` when the store cannot be read.
 */
export async function runSweep(sweep: Sweep, options: SweepOptions): Promise<SweepRecord> {
  const startedAt = new Date();
  const started = performance.now();
  const id = createRunId(startedAt.getTime());
  const cores = options.concurrency ?? availableParallelism();
  const jobs = options.jobs ?? jobsFor(sweep.points.length, cores);
  const points = await runPoints(sweep.points, id, cores, jobs, options);
  const record: SweepRecord = {
    schema: 1,
    sweep: id,
    status: statusOf(points, options.signal),
    pipeline: sweep.pipeline.name,
    file: sweep.pipeline.file,
    matrix: sweep.pipeline.matrix ?? { axes: {}, include: [], exclude: [], sample: { strategy: "grid", seed: 0 } },
    evaluations: evaluationsOf(sweep.pipeline),
    points,
    startedAt: startedAt.toISOString(),
    seconds: (performance.now() - started) / 1000,
    environment: { ...environmentOf(options), jobs },
    report: null,
  };
  writeSweep(options.store, record);
  for (const listener of options.listeners ?? []) listener({ type: "sweep-finished", record });
  return record;
}

async function runPoints(
  points: readonly SweepPoint[],
  sweep: RunId,
  cores: number,
  jobs: number,
  options: SweepOptions,
): Promise<PointResult[]> {
  const { listeners = [], maxFailures = Number.POSITIVE_INFINITY, signal } = options;
  const emit: SweepListener = (event) => {
    for (const listener of listeners) listener(event);
  };
  emit({ type: "sweep-started", sweep, points: points.map(plainPoint), jobs });
  const shared = { budget: new Budget(cores, jobs), flights: new Map(), sound: new Set<string>(), dirty: new Map() };
  const threads = options.threads ?? Math.max(1, Math.floor(cores / jobs));
  const results = new Array<PointResult>(points.length);
  let next = 0;
  let failures = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < points.length; at = next++) {
      const { pipeline, ...rest } = points[at];
      const point = plainPoint(rest);
      if (signal?.aborted === true || failures >= maxFailures) {
        results[at] = skippedPoint(point);
        emit({ type: "point-finished", result: results[at], record: null });
        continue;
      }
      emit({ type: "point-started", point });
      const record = await runPipeline(pipeline, {
        ...options,
        threads,
        concurrency: cores,
        point: { ...point, sweep },
        shared: { ...shared, order: at * pipeline.nodes.length } satisfies SharedWork,
        listeners: [(event) => emit({ type: "point-event", point, event })],
      });
      if (record.status === "failed") failures++;
      results[at] = resultOfPoint(point, record);
      emit({ type: "point-finished", result: results[at], record });
    }
  };
  // One more than train at once: while they do, its data is made ready.
  await Promise.all(Array.from({ length: Math.min(points.length, jobs + 1) }, work));
  return results;
}

function evaluationsOf({ nodes }: Pipeline): string[] {
  const measures = ({ stage, outputs }: StageNode): boolean =>
    stage.kind === "stage" && Object.values(outputs).some(({ artifact }) => artifact === "metrics");
  return nodes.filter(measures).map(({ name }) => name);
}

function jobsFor(points: number, cores: number): number {
  return Math.max(1, Math.min(points, cores, Math.floor(totalmem() / BYTES_PER_JOB)));
}

function plainPoint({ id, label, values }: Point): Point {
  return { id, label, values };
}

function resultOfPoint(point: Point, record: RunRecord): PointResult {
  const { stages, metrics } = summaryOf(record);
  return {
    ...point,
    status: record.status,
    run: record.run,
    seconds: record.seconds,
    stages,
    metrics,
    computeMs: record.stages.reduce((sum, { computeMs }) => sum + computeMs, 0),
    diagnostics: record.stages.flatMap(({ diagnostics }) => diagnostics),
  };
}

function skippedPoint(point: Point): PointResult {
  return {
    ...point,
    status: "skipped",
    run: null,
    seconds: 0,
    stages: { hit: 0, run: 0, failed: 0, skipped: 0 },
    metrics: {},
    computeMs: 0,
    diagnostics: [],
  };
}

function statusOf(points: readonly PointResult[], signal: AbortSignal | undefined): SweepRecord["status"] {
  if (points.every(({ status }) => status === "succeeded")) return "succeeded";
  return signal?.aborted === true ? "interrupted" : "failed";
}
