import type { MetricsAxis, MetricsChart } from "@seqloom/core";
import type { TopLevelSpec } from "vega-lite";
import { AXES, SIZE, svgOf } from "./svg.js";

const COLORS = ["var(--validation)", "var(--train)", "var(--ink)", "var(--muted)"];

/** Lines over a common axis, drawn as SVG, with the points that are marked. */
export function linesSvg(chart: MetricsChart, label: string): Promise<string> {
  return svgOf(specification(chart), label);
}

/** A sentence that says what the drawing shows, for those who cannot see it. */
export function linesLabel({ x, y, lines, marks }: MetricsChart, stage: string): string {
  const ends = lines
    .filter(({ points }) => points.length > 0)
    .map(({ name, points }) => `${name} from ${pair(points[0])} to ${pair(points[points.length - 1])}`);
  const marked = (marks ?? []).map(({ name, at }) => `${name} at ${pair(at)}`);
  return `${y.title} over ${x.title} of ${stage}: ${[...ends, ...marked].join("; ")}`;
}

function pair([x, y]: readonly [number, number]): string {
  return `${round(x)}, ${round(y)}`;
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function specification({ x, y, lines, marks }: MetricsChart): TopLevelSpec {
  const points = lines.flatMap(({ name, points: own }) =>
    own.map(([px, py], order) => ({ name, order, x: px, y: py })),
  );
  const marked = (marks ?? []).map(({ name, at }) => ({ name, x: at[0], y: at[1] }));
  const place = {
    x: encoding(
      "x",
      x,
      points.map((point) => point.x),
    ),
    y: encoding(
      "y",
      y,
      points.map((point) => point.y),
    ),
  };
  const names = lines.map(({ name }) => name);
  return {
    ...SIZE,
    data: { values: points },
    layer: [
      {
        mark: { type: "line", strokeWidth: 2, strokeJoin: "round" },
        encoding: {
          ...place,
          order: { field: "order", type: "quantitative" },
          color: {
            field: "name",
            type: "nominal",
            scale: { domain: names, range: names.map((_, i) => COLORS[i % COLORS.length]) },
            legend: null,
          },
        },
      },
      {
        data: { values: marked },
        mark: { type: "point", size: 110, strokeWidth: 1.5, opacity: 1, color: "var(--ink)", filled: false },
        encoding: place,
      },
    ],
    config: AXES,
  };
}

function encoding(field: "x" | "y", { title, scale }: MetricsAxis, values: readonly number[]) {
  const most = Math.max(0, ...values);
  // Left to itself, Vega writes even steps along an axis that is logarithmic far from zero.
  const ticks =
    scale === "symlog" ? { values: [0, ...[1, 10, 100, 1000, 10_000].filter((one) => one <= most)] } : { tickCount: 5 };
  return {
    field,
    type: "quantitative" as const,
    title,
    scale: { type: scale ?? ("linear" as const), zero: scale !== "log", nice: scale !== "symlog" },
    axis: { ...ticks, domain: field === "x", grid: field === "y", labelFlush: false },
  };
}
