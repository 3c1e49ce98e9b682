import { linearScale } from "../charts/scale.js";
import { duration, measure, title } from "../format.js";
import { escapeHtml, type Html, html, trusted } from "../html.js";
import { goodness, type PointView, type SweepView, spaced } from "./view.js";

const WIDTH = 440;
const HEIGHT = 280;
const LEFT = 62;
const BOTTOM = 40;
const TOP = 12;
const RIGHT = 22;

/** Every point by its leading measure and by the time that it took; those that no other beats in both are joined. */
export function frontPart(view: SweepView): Html | null {
  const { leading } = view;
  if (leading === null) return null;
  const front = view.points.filter(({ front: on }) => on).sort((a, b) => secondsOf(a) - secondsOf(b));
  if (front.length === 0) return null;
  return html`<section id="front"><h2>Pareto front</h2>
<p class="muted small">No other point is ${leading.lower ? "lower" : "higher"} in ${title(leading.name)} and faster than one of these.</p>
<div class="split"><figure>${trusted(scatter(view, front, leading.name))}</figure>
<ol class="front">${front.map(
    ({ point, row }) =>
      html`<li><b>${spaced(point.label)}</b><br><span class="muted">${title(leading.name)} ${measure(leading.name, row[leading.name] as number)} · ${duration(secondsOf({ row }) * 1000)}</span></li>`,
  )}</ol></div></section>`;
}

function secondsOf({ row }: Pick<PointView, "row">): number {
  return row.seconds as number;
}

function scatter(view: SweepView, front: readonly PointView[], name: string): string {
  const shown = view.points.filter(({ row }) => Number.isFinite(row[name]));
  const across = linearScale(shown.map(secondsOf), 4, (value) => (value === 0 ? "0" : duration(value * 1000)));
  const up = linearScale(
    shown.map(({ row }) => row[name] as number),
    5,
    (value) => measure(name, value),
  );
  const x = (value: unknown) => round(LEFT + (across.place(value) ?? 0) * (WIDTH - LEFT - RIGHT));
  const y = (value: unknown) => round(TOP + (1 - (up.place(value) ?? 0)) * (HEIGHT - TOP - BOTTOM));
  const grid = [
    ...up.ticks.map(({ text, at }) => {
      const height = round(TOP + (1 - at) * (HEIGHT - TOP - BOTTOM));
      return `<path class="grid" d="M${LEFT} ${height}H${WIDTH - RIGHT}"/><text x="${LEFT - 7}" y="${height + 3.5}" text-anchor="end">${escapeHtml(text)}</text>`;
    }),
    ...across.ticks.map(({ text, at }) => {
      const place = round(LEFT + at * (WIDTH - LEFT - RIGHT));
      return `<path class="grid" d="M${place} ${TOP}V${HEIGHT - BOTTOM}"/><text x="${place}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${escapeHtml(text)}</text>`;
    }),
  ];
  const steps = front.map(({ row }, at) => {
    const [px, py] = [x(row.seconds), y(row[name])];
    return at === 0 ? `M${px} ${py}` : `H${px}V${py}`;
  });
  const dots = [...shown].reverse().map((one) => {
    const words = `${one.point.label}: ${title(name)} ${measure(name, one.row[name] as number)}, ${duration(secondsOf(one) * 1000)}`;
    const place = front.indexOf(one);
    const [px, py] = [x(one.row.seconds), y(one.row[name])];
    const mark =
      place < 0
        ? `<circle cx="${px}" cy="${py}" r="4.5" style="--p:${Math.round(goodness(one, view) * 100)}%"/>`
        : `<circle class="on" cx="${px}" cy="${py}" r="8"/><text class="number" x="${px}" y="${py + 3.6}" text-anchor="middle">${place + 1}</text>`;
    return `<g><title>${escapeHtml(words)}</title>${mark}</g>`;
  });
  return `<svg class="scatter" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(`${title(name)} against time, ${shown.length} points`)}">${grid.join("")}<text class="name" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 4}" text-anchor="middle">time to compute</text><text class="name" transform="translate(12 ${(HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(title(name))}</text><path class="steps" d="${steps.join("")}"/>${dots.join("")}</svg>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
