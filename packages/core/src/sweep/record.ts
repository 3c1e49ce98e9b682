import type { RunId } from "../brands.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { RunRecord } from "../run/record.js";
import type { RunSummary } from "../run/records.js";
import type { Point, SweepMatrix } from "./matrix.js";

/**
 * What became of a point. `skipped`: not started, because the sweep was stopped or too many others failed. `stopped`: other
 * points were better when successive halving compared them; its checkpoint is kept.
 */
export interface PointResult extends Point {
  readonly status: RunRecord["status"] | "skipped" | "stopped";
  /** Of a sweep that halves: how many rungs it reached, and how many epochs it has. */
  readonly rung?: number;
  readonly epochs?: number;
  /** Its run in the store; null when it was skipped. */
  readonly run: RunId | null;
  readonly seconds: number;
  /** How many stages were hits, ran, failed or were skipped. */
  readonly stages: RunSummary["stages"];
  /** Stage → numbers of its metrics. */
  readonly metrics: RunSummary["metrics"];
  /** Milliseconds that computing its results took, whenever that was: what the point costs. */
  readonly computeMs: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** The record of a sweep: `runs/<id>/sweep.json` in the store. Each of its points is a run with a record of its own. */
export interface SweepRecord {
  readonly schema: 1;
  readonly sweep: RunId;
  /** `failed`: at least one point did. */
  readonly status: RunRecord["status"];
  readonly pipeline: string;
  readonly file: string | null;
  readonly matrix: SweepMatrix;
  /** The stages whose metrics are results: those that are no part of the model. */
  readonly evaluations: readonly string[];
  /** In the order of the matrix. */
  readonly points: readonly PointResult[];
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly seconds: number;
  readonly environment: RunRecord["environment"];
  /** Path of the HTML report, when one was written. */
  readonly report: string | null;
}
