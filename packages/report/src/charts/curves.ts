import type { TopLevelSpec } from "vega-lite";
import { measure as formatted, title } from "../format.js";
import { AXES, SIZE, svgOf } from "./svg.js";

/** The values of one measure over the epochs of a training, for the rows trained on and for the validation rows. */
export interface Curve {
  /** `loss`, `accuracy`, … */
  readonly measure: string;
  readonly train: readonly number[];
  readonly validation: readonly number[];
}

/** Curves by measure: `val_loss` joins `loss`. Loss comes first, accuracy second, the rest in the order given. */
export function curvesOf(curves: Readonly<Record<string, readonly number[]>>): Curve[] {
  const measures = new Set(Object.keys(curves).map((name) => name.replace(/^val_/, "")));
  const rank = (measure: string) => ["loss", "accuracy"].indexOf(measure) + 1 || 3;
  return [...measures]
    .sort((a, b) => rank(a) - rank(b))
    .map((measure) => ({ measure, train: curves[measure] ?? [], validation: curves[`val_${measure}`] ?? [] }))
    .filter(({ train, validation }) => train.length + validation.length > 0);
}

interface Point {
  readonly epoch: number;
  readonly value: number;
  readonly rows: string;
}

/**
 * A curve drawn as SVG, without a document: colours are custom properties of the page, so that it follows light and dark.
 * @param best The epoch whose weights were kept, counted from 1, or null.
 */
export function curveSvg(curve: Curve, best: number | null, label: string): Promise<string> {
  return svgOf(specification(curve, best), label);
}

/** A sentence that says what the drawing shows, for those who cannot see it. */
export function curveLabel({ measure, train, validation }: Curve, stage: string): string {
  const parts = [
    ["training", train],
    ["validation", validation],
  ] as const;
  const of = (value: number) => formatted(measure, value);
  const ends = parts
    .filter(([, values]) => values.length > 0)
    .map(([rows, values]) => `${rows} from ${of(values[0])} to ${of(values[values.length - 1])}`);
  return `${title(measure)} of ${stage} by epoch: ${ends.join("; ")}`;
}

type Layer = Extract<TopLevelSpec, { layer: unknown }>["layer"][number];

function specification(curve: Curve, best: number | null): TopLevelSpec {
  const epochs = Math.max(curve.train.length, curve.validation.length);
  const at = best === null ? undefined : (curve.validation[best - 1] ?? curve.train[best - 1]);
  const rows = ["training", "validation"];
  const color = {
    field: "rows",
    type: "nominal" as const,
    scale: { domain: rows, range: ["var(--train)", "var(--validation)"] },
    legend: null,
  };
  // Dashes tell the two apart where colours do not: in print, and for some eyes.
  const dash = {
    field: "rows",
    type: "nominal" as const,
    scale: {
      domain: rows,
      range: [
        [6, 3],
        [1, 0],
      ],
    },
    legend: null,
  };
  const x = {
    field: "epoch",
    type: "quantitative" as const,
    title: "epoch",
    scale: { domain: [1, Math.max(epochs, 2)], nice: false, padding: 10 },
    axis: { grid: false, labelFlush: false, tickMinStep: 1, tickCount: Math.min(epochs, 8), format: "d" },
  };
  const y = {
    field: "value",
    type: "quantitative" as const,
    title: null,
    scale: { zero: false, nice: true },
    axis: { tickCount: 5, domain: false, ticks: false, labelPadding: 8 },
  };
  const lines: Layer = {
    mark: { type: "line", strokeWidth: 2, strokeJoin: "round" },
    encoding: { x, y, color, strokeDash: dash },
  };
  const dots: Layer = { mark: { type: "circle", size: 26, opacity: 1 }, encoding: { x, y, color } };
  const rule: Layer = {
    data: { values: [{ epoch: best }] },
    mark: { type: "rule", strokeWidth: 1, strokeDash: [2, 3], color: "var(--muted)" },
    encoding: { x },
  };
  const ring: Layer = {
    data: { values: [{ epoch: best, value: at }] },
    mark: { type: "point", size: 110, strokeWidth: 1.5, opacity: 1, color: "var(--ink)", filled: false },
    encoding: { x, y },
  };
  return {
    ...SIZE,
    data: { values: [...pointsOf(curve.train, "training"), ...pointsOf(curve.validation, "validation")] },
    layer: [lines, ...(epochs <= 30 ? [dots] : []), ...(best === null || at === undefined ? [] : [rule, ring])],
    config: AXES,
  };
}

function pointsOf(values: readonly number[], rows: string): Point[] {
  return values
    .map((value, index) => ({ epoch: index + 1, value, rows }))
    .filter(({ value }) => Number.isFinite(value));
}
