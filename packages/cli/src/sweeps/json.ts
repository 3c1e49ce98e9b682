import type { SweepRecord } from "@seqloom/core/engine";
import { rounded } from "../json.js";

/** A sweep as `run --json` and `runs show --json` print it. */
export function sweepJson({ sweep, pipeline, status, seconds, points, report }: SweepRecord): object {
  return {
    sweep,
    pipeline,
    status,
    seconds: rounded(seconds),
    points: points.map((point) => ({
      id: point.id,
      label: point.label,
      values: point.values,
      status: point.status,
      ...(point.rung !== undefined && { rung: point.rung, epochs: point.epochs }),
      run: point.run,
      seconds: rounded(point.seconds),
      compute_seconds: rounded(point.computeMs / 1000),
      stages: point.stages,
      metrics: point.metrics,
      ...(point.status === "failed" && { error: { diagnostics: point.diagnostics } }),
    })),
    report,
  };
}
