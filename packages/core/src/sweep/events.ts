import type { RunEvent } from "../run/events.js";
import type { RunRecord } from "../run/record.js";
import type { Point } from "./matrix.js";
import type { PointResult, SweepRecord } from "./record.js";

/** What happens during a sweep, as it happens. */
export type SweepEvent =
  | { readonly type: "sweep-started"; readonly sweep: string; readonly points: readonly Point[]; readonly jobs: number }
  | { readonly type: "point-started"; readonly point: Point }
  | { readonly type: "point-event"; readonly point: Point; readonly event: RunEvent }
  | { readonly type: "point-finished"; readonly result: PointResult; readonly record: RunRecord | null }
  /** Of a sweep that halves: it is as far as its rung, and waits to be compared with the others. */
  | { readonly type: "point-waiting"; readonly point: Point }
  | {
      readonly type: "rung-finished";
      /** From 1. */
      readonly rung: number;
      readonly points: number;
      readonly epochs: number;
      /** How many points go on. */
      readonly on: number;
    }
  | { readonly type: "sweep-finished"; readonly record: SweepRecord };

/** Hears every event of a sweep. It must not throw. */
export type SweepListener = (event: SweepEvent) => void;
