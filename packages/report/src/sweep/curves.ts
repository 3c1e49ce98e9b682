import { linearScale } from "../charts/scale.js";
import { measure, title } from "../format.js";
import { escapeHtml, type Html, html, trusted } from "../html.js";
import { goodness, type PointView, type SweepView, spaced } from "./view.js";

const WIDTH = 460;
const HEIGHT = 250;
const LEFT = 56;
const BOTTOM = 34;
const TOP = 10;
const RIGHT = 10;
/** Named in the legend; the others are there by their tooltip. */
const NAMED = 4;
const DASHES = ["", "6 3", "2 3", "8 3 2 3"];

/** The trainings of all points over their epochs: validation where there is one, the best points in colour. */
export function curvesPart(view: SweepView): Html | null {
  const names = [...new Set(view.curves.flatMap(({ curves }) => Object.keys(curves)))];
  const shown = names.filter((name) => name.startsWith("val_") || !names.includes(`val_${name}`));
  if (shown.length === 0 || Math.max(...view.curves.flatMap(({ curves }) => lengths(curves))) < 2) return null;
  const named = view.points.filter(({ point }) => view.curves.some((one) => one.point === point.id)).slice(0, NAMED);
  return html`<section id="curves"><h2>Training</h2><div class="charts">${shown.map(
    (name) => html`<figure><figcaption>${title(name)}</figcaption>${trusted(chart(name, view, named))}</figure>`,
  )}</div><ul class="legend">${named.map(
    ({ point }, at) =>
      html`<li><svg width="26" height="8" aria-hidden="true"><path class="curve c${at}" d="M0 4h26" stroke-dasharray="${DASHES[at]}"/></svg>${spaced(point.label)}</li>`,
  )}${view.curves.length > named.length && html`<li><svg width="26" height="8" aria-hidden="true"><path class="curve" d="M0 4h26" style="--p:40%"/></svg>other points</li>`}</ul></section>`;
}

function lengths(curves: Readonly<Record<string, readonly number[]>>): number[] {
  return Object.values(curves).map(({ length }) => length);
}

function chart(name: string, view: SweepView, named: readonly PointView[]): string {
  const rows = view.points
    .map((point) => ({ point, values: view.curves.find((one) => one.point === point.point.id)?.curves[name] ?? [] }))
    .filter(({ values }) => values.length > 0);
  const epochs = Math.max(...rows.map(({ values }) => values.length));
  const up = linearScale(
    rows.flatMap(({ values }) => values),
    4,
    (value) => measure(name, value),
  );
  const x = (epoch: number) => round(LEFT + ((epoch - 1) / Math.max(1, epochs - 1)) * (WIDTH - LEFT - RIGHT));
  const y = (place: number) => round(TOP + (1 - place) * (HEIGHT - TOP - BOTTOM));
  const grid = up.ticks.map(
    ({ text, at }) =>
      `<path class="grid" d="M${LEFT} ${y(at)}H${WIDTH - RIGHT}"/><text x="${LEFT - 7}" y="${y(at) + 3.5}" text-anchor="end">${escapeHtml(text)}</text>`,
  );
  const marks = [1, ...(epochs > 2 ? [Math.round((1 + epochs) / 2)] : []), epochs].map(
    (epoch) => `<text x="${x(epoch)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${epoch}</text>`,
  );
  const lines = rows.reverse().map(({ point, values }) => {
    const place = named.indexOf(point);
    const path = values.flatMap((value, i) => {
      const at = up.place(value);
      return at === null ? [] : [`${x(i + 1)},${y(at)}`];
    });
    const look =
      place < 0
        ? `class="curve" style="--p:${Math.round(goodness(point, view) * 60)}%"`
        : `class="curve c${place}" stroke-dasharray="${DASHES[place]}"`;
    return `<polyline ${look} points="${path.join(" ")}"><title>${escapeHtml(point.point.label)}</title></polyline>`;
  });
  return `<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(`${title(name)} over ${epochs} epochs, ${rows.length} points`)}">${grid.join("")}${marks.join("")}<text class="name" x="${(LEFT + WIDTH) / 2}" y="${HEIGHT - 2}" text-anchor="middle">epoch</text>${lines.join("")}</svg>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
