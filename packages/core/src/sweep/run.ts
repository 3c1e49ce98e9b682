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
import { checkPart, epochsOf, halve, Pause, type RungOutcome, trainerOf } from "./halving.js";
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
 * @throws DiagnosticError `unknown-target`, `selection-conflict`; `halving-monitor`; `store-…` when the store cannot be read.
 */
export async function runSweep(sweep: Sweep, options: SweepOptions): Promise<SweepRecord> {
  const halving = sweep.pipeline.matrix?.halving;
  if (halving !== undefined) checkPart(sweep.pipeline, halving, options);
  const startedAt = new Date();
  const started = performance.now();
  const id = createRunId(startedAt.getTime());
  const cores = options.concurrency ?? availableParallelism();
  const jobs = options.jobs ?? jobsFor(sweep.points.length, cores);
  const points = await runPoints(sweep, id, cores, jobs, options);
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
  { pipeline: { matrix }, points }: Sweep,
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
  const aborted = (): boolean => signal?.aborted === true;
  let failures = 0;
  const places = new Map(points.map((point, at) => [point, at]));
  const halving = matrix?.halving;
  const runOne = async (whole: SweepPoint, pauseAfter: number): Promise<RungOutcome> => {
    const { pipeline, ...rest } = whole;
    const point = plainPoint(rest);
    if (aborted() || failures >= maxFailures) {
      return { point: whole, result: skippedPoint(point), record: null, epochs: [], paused: false };
    }
    emit({ type: "point-started", point });
    const trainer = trainerOf(pipeline, halving?.stage);
    const ends = pauseAfter >= (epochsOf(trainer) ?? 0);
    const pause = trainer === undefined || ends ? null : new Pause(trainer.name, pauseAfter);
    const record = await runPipeline(pipeline, {
      ...options,
      pause: pause?.asked,
      signal: pause === null ? signal : AbortSignal.any([pause.signal, ...(signal === undefined ? [] : [signal])]),
      threads,
      concurrency: cores,
      point: { ...point, sweep },
      shared: { ...shared, order: (places.get(whole) ?? 0) * pipeline.nodes.length } satisfies SharedWork,
      listeners: [
        (event) => {
          pause?.hear(event);
          emit({ type: "point-event", point, event });
        },
      ],
    });
    if (record.status === "failed") failures++;
    const known = record.stages.find(({ name }) => name === trainer?.name)?.epochs ?? [];
    const epochs = known.length > 0 || pause === null ? known : pause.epochs;
    const paused = record.status === "interrupted" && pause?.signal.aborted === true && !aborted();
    return { point: whole, result: resultOfPoint(point, record), record, epochs, paused };
  };
  const runAll = async (
    some: readonly SweepPoint[],
    pauseAfter: number,
    over?: (outcome: RungOutcome) => void,
  ): Promise<RungOutcome[]> => {
    const outcomes = new Array<RungOutcome>(some.length);
    let next = 0;
    const work = async (): Promise<void> => {
      for (let at = next++; at < some.length; at = next++) {
        outcomes[at] = await runOne(some[at], pauseAfter);
        over?.(outcomes[at]);
      }
    };
    // One more than train at once: while they do, its data is made ready.
    await Promise.all(Array.from({ length: Math.min(some.length, jobs + 1) }, work));
    return outcomes;
  };
  const over = (result: PointResult, record: RunRecord | null) => emit({ type: "point-finished", result, record });
  if (halving === undefined) {
    const outcomes = await runAll(points, Number.POSITIVE_INFINITY, ({ result, record }) => over(result, record));
    return outcomes.map(({ result }) => result);
  }
  return halve(points, halving, {
    run: (some, epochs) =>
      runAll(some, epochs, ({ point }) => emit({ type: "point-waiting", point: plainPoint(point) })),
    aborted,
    over,
    rung: (rung, { points: all, epochs }, on) => emit({ type: "rung-finished", rung, points: all, epochs, on }),
  });
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
  if (points.every(({ status }) => status === "succeeded" || status === "stopped")) return "succeeded";
  return signal?.aborted === true ? "interrupted" : "failed";
}
