import type { PointResult, SweepRecord } from "@seqloom/core";
import { renderSweepReport } from "@seqloom/report";
import { describe, expect, it } from "vitest";

const HOSTILE = `"'><script>window.hacked=1</script>`;

function point(units: number, kind: string, accuracy: number, seconds: number, status = "succeeded"): PointResult {
  return {
    id: `${units}${kind}`,
    label: `units=${units},kind=${kind}`,
    values: { units, kind },
    status: status as PointResult["status"],
    run: null,
    seconds,
    stages: { hit: 2, run: 2, failed: 0, skipped: 0 },
    metrics: status === "succeeded" ? { scores: { accuracy, loss: 1 - accuracy } } : {},
    computeMs: seconds * 1000,
    diagnostics: status === "failed" ? [{ code: "x", severity: "error", message: HOSTILE }] : [],
  };
}

function record(points: readonly PointResult[]): SweepRecord {
  return {
    schema: 1,
    sweep: "01J00000000000000000000000" as SweepRecord["sweep"],
    status: "succeeded",
    pipeline: "shapes",
    file: null,
    matrix: {
      axes: { units: [8, 16, 32], kind: ["a", HOSTILE] },
      include: [],
      exclude: [],
      sample: { strategy: "grid", seed: 0 },
    },
    evaluations: ["scores"],
    points,
    startedAt: "2026-01-01T00:00:00.000Z",
    seconds: 12,
    environment: { node: "20" },
    report: null,
  };
}

const FIVE = [
  point(8, "a", 0.8, 1),
  point(16, "a", 0.9, 3),
  point(32, "a", 0.95, 9),
  point(8, "b", 0.7, 2),
  point(16, "b", 0.9, 4),
];

/** The numbers of the points in the order of the list beside the front. */
const frontOf = (page: string) =>
  [...(/<ol class="front">(.*?)<\/ol>/s.exec(page)?.[1] ?? "").matchAll(/<b>(.*?)<\/b>/g)].map(([, label]) => label);

describe("the report of a sweep", () => {
  it("has the points that no other beats, the fastest first", () => {
    expect(frontOf(renderSweepReport(record(FIVE), []))).toEqual([
      "units=8, kind=a",
      "units=16, kind=a",
      "units=32, kind=a",
    ]);
  });

  it("draws a line for every point through every parameter, the measure and the time", () => {
    const page = renderSweepReport(record(FIVE), []);
    const lines = [...page.matchAll(/<polyline class="point[^>]*points="([^"]*)"/g)];
    expect(lines).toHaveLength(5);
    for (const [, points] of lines) expect(points.split(" ")).toHaveLength(4);
    expect(page.match(/class="point best"/g)).toHaveLength(1);
  });

  it("gives the same bytes for the same record, and lists every point, the best first", () => {
    const page = renderSweepReport(record(FIVE), [{ point: "32a", curves: { val_loss: [1, 0.5, 0.2] } }]);
    expect(renderSweepReport(record(FIVE), [{ point: "32a", curves: { val_loss: [1, 0.5, 0.2] } }])).toBe(page);
    const body = /<table>.*?<tbody>(.*?)<\/tbody>/s.exec(page)?.[1] ?? "";
    const accuracies = [...body.matchAll(/<tr.*?<\/tr>/gs)].map(([row]) => /0\.\d{4}/.exec(row)?.[0]);
    expect(accuracies).toEqual(["0.9500", "0.9000", "0.9000", "0.8000", "0.7000"]);
    expect(page).toContain("val loss");
  });

  it("shows what failed, and lets no data become markup", () => {
    const page = renderSweepReport(record([...FIVE, point(64, HOSTILE, 0, 1, "failed")]), []);
    expect(page).toContain('id="problems"');
    expect(page).not.toContain("<script");
  });

  it("does without measures", () => {
    const page = renderSweepReport(record([point(1, "a", 0, 1, "failed"), point(2, "a", 0, 1, "interrupted")]), []);
    expect(page).toContain('id="points"');
    expect(page).not.toContain('id="front"');
  });
});
