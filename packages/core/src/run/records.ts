/** @file Records of runs: `runs/<id>/run.json`, and `events.ndjson` beside it for runs in which something happened. */
import { readdirSync } from "node:fs";
import type { Key, RunId } from "../brands.js";
import { didYouMean } from "../diagnostics/closest.js";
import { fail } from "../diagnostics/diagnostic.js";
import { parseEntry, parseJson } from "../store/entry.js";
import { isDead } from "../store/owner.js";
import { readText, type Store } from "../store/store.js";
import { findSweep } from "../sweep/records.js";
import type { RunRecord, StageResult, StoredOutput } from "./record.js";
import { eachOutput, runPath } from "./write-record.js";

/** A run in a list. `crashed`: its process is gone and it left no record; `running`: it left none yet. */
export interface RunSummary {
  readonly run: RunId;
  readonly pipeline: string;
  readonly status: RunRecord["status"] | "running" | "crashed";
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly seconds: number | null;
  /** How many stages were hits, ran, failed or were skipped. */
  readonly stages: Readonly<Record<StageResult["status"], number>>;
  /** Stage → numbers of its metrics. */
  readonly metrics: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** The label of its point, where its pipeline has a matrix; of a sweep how many points it has. */
  readonly point?: string;
}

/** What a run leaves at its start, until its record takes its place. */
export interface StartedRun {
  readonly pipeline: string;
  readonly startedAt: string;
  /** {@link ownerToken} of its process. */
  readonly owner: string;
}

/**
 * The record of a run; previews come from the results, where the store still has them.
 * @throws DiagnosticError `unknown-run`.
 */
export function readRun(store: Store, run: string): RunRecord {
  const record = readRecord(store, run);
  if (record === null) {
    throw fail("unknown-run", `the store has no record of a run "${run}"`, {
      hint: didYouMean(run, runIds(store), "run"),
    });
  }
  const stages = record.stages.map((stage) => {
    if (stage.key === null) return stage;
    const entry = parseEntry(readText(store.entryPath(stage.key)) ?? "", stage.key as Key);
    const same = (port: string, output: StoredOutput) => entry?.outputs[port]?.digest === output.digest;
    return {
      ...stage,
      outputs: eachOutput(stage, (port, output) =>
        same(port, output) ? (entry?.outputs[port].preview ?? null) : null,
      ),
    };
  });
  return { ...record, stages };
}

/** The runs in the store, the newest first; at most `limit`. The points of a sweep are one. */
export function listRuns(store: Store, limit = Number.POSITIVE_INFINITY): RunSummary[] {
  const summaries: RunSummary[] = [];
  const sweeps = new Set<string>();
  for (const run of runIds(store)) {
    if (summaries.length >= limit) break;
    const record = readRecord(store, run);
    const sweep = record?.point?.sweep;
    if (sweep !== undefined && sweeps.has(sweep)) continue;
    if (sweep !== undefined) sweeps.add(sweep);
    const whole = sweep === undefined ? null : sweepSummary(store, sweep);
    const summary = whole ?? (record === null ? unfinished(store, run) : summaryOf(record));
    if (summary !== null) summaries.push(summary);
  }
  return summaries;
}

/** The records of all runs that ended, the newest first. */
export function* listRunRecords(store: Store): Generator<RunRecord> {
  for (const run of runIds(store)) {
    const record = readRecord(store, run);
    if (record !== null) yield record;
  }
}

/** Runs that are going on, or that may be: their process is of another machine. One that began a week ago is over. */
export function liveRuns(store: Store, now = Date.now()): StartedRun[] {
  return runIds(store).flatMap((run) => {
    const started = parseJson(readText(startedPath(store, run)) ?? "") as StartedRun | null;
    if (started === null || typeof started.owner !== "string") return [];
    const dead = isDead(started.owner);
    return dead === true || (dead === "unknown" && now - Date.parse(started.startedAt) > WEEK) ? [] : [started];
  });
}

const WEEK = 7 * 24 * 3_600_000;

/** A run as it stands in a list. */
export function summaryOf(record: RunRecord): RunSummary {
  const stages = { hit: 0, run: 0, failed: 0, skipped: 0 };
  for (const { status } of record.stages) stages[status]++;
  const measured = record.stages.filter(({ metrics }) => Object.keys(metrics).length > 0);
  return {
    run: record.run,
    pipeline: record.pipeline.name,
    status: record.status,
    startedAt: record.startedAt,
    seconds: record.seconds,
    stages,
    metrics: Object.fromEntries(measured.map(({ name, metrics }) => [name, metrics])),
    ...(record.point !== undefined && { point: record.point.label }),
  };
}

/** A sweep as it stands in a list; null while it goes on, and after a crash: then its points stand for themselves. */
function sweepSummary(store: Store, id: string): RunSummary | null {
  const record = findSweep(store, id);
  if (record === null) return null;
  const stages = { hit: 0, run: 0, failed: 0, skipped: 0 };
  for (const point of record.points) {
    for (const status of Object.keys(stages) as (keyof typeof stages)[]) stages[status] += point.stages[status];
  }
  const { sweep: run, pipeline, status, startedAt, seconds, points } = record;
  return { run, pipeline, status, startedAt, seconds, stages, metrics: {}, point: `${points.length} points` };
}

/** The path of what a run leaves at its start. */
export function startedPath(store: Store, run: string): string {
  return store.path("runs", run, "started.json");
}

/** The ids of all runs and sweeps, the newest first. */
export function runIds(store: Store): RunId[] {
  try {
    return readdirSync(store.path("runs"))
      .filter((name) => /^[0-9A-Z]{26}$/.test(name))
      .sort()
      .reverse() as RunId[];
  } catch {
    return [];
  }
}

/** Ids come from users, and become paths. */
function readRecord(store: Store, run: string): RunRecord | null {
  if (!/^[0-9A-Z]{26}$/.test(run)) return null;
  const record = parseJson(readText(runPath(store, run)) ?? "") as Partial<RunRecord> | null;
  return record?.schema === 1 && Array.isArray(record.stages) ? (record as RunRecord) : null;
}

function unfinished(store: Store, run: RunId): RunSummary | null {
  const started = parseJson(readText(startedPath(store, run)) ?? "") as StartedRun | null;
  if (started === null) return null;
  return {
    run,
    pipeline: started.pipeline,
    status: isDead(started.owner) === true ? "crashed" : "running",
    startedAt: started.startedAt,
    seconds: null,
    stages: { hit: 0, run: 0, failed: 0, skipped: 0 },
    metrics: {},
  };
}
