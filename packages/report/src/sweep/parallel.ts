import { linearScale, logScale, ordinalScale, type Scale } from "../charts/scale.js";
import { duration, measure, title } from "../format.js";
import { escapeHtml } from "../html.js";
import { goodness, type PointView, type SweepView } from "./view.js";

const HEIGHT = 300;
const TOP = 34;
const GAP = 120;
const SIDE = 64;
/** More values than this are a range, not a list. */
const LISTED = 8;

/** Parallel coordinates: a line per point through its parameters, the leading measure and the time; the best are darkest. */
export function parallelSvg(view: SweepView, label: string): string {
  const names = [...view.parameters, ...(view.leading === null ? [] : [view.leading.name]), "seconds"];
  const axes = names.map((name) => ({ name, scale: scaleOf(name, view) }));
  const width = SIDE * 2 + GAP * (axes.length - 1);
  const x = (at: number) => SIDE + GAP * at;
  const y = (place: number) => TOP + (1 - place) * HEIGHT;
  // The best are drawn last: they lie on top.
  const lines = [...view.points].reverse().map((point) => line(point, view, axes, x, y));
  const drawn = axes.map(({ name, scale }, at) => {
    const ticks = scale.ticks.map(
      ({ text, at: place }) =>
        `<g><path class="tick" d="M${x(at) - 3} ${round(y(place))}h6"/><text class="halo" x="${x(at) + 7}" y="${round(y(place) + 3.5)}">${escapeHtml(text)}</text></g>`,
    );
    return `<g class="axis"><path d="M${x(at)} ${TOP}v${HEIGHT}"/><text class="name" x="${x(at)}" y="16" text-anchor="middle">${escapeHtml(short(name === "seconds" ? "time" : title(name)))}</text>${ticks.join("")}</g>`;
  });
  return `<svg class="parallel" viewBox="0 0 ${width} ${TOP + HEIGHT + 14}" style="min-width:${Math.round(width * 0.8)}px;max-width:${Math.round(width * 1.35)}px" role="img" aria-label="${escapeHtml(label)}">${lines.join("")}${drawn.join("")}</svg>`;
}

function line(
  view: PointView,
  sweep: SweepView,
  axes: readonly { readonly name: string; readonly scale: Scale }[],
  x: (at: number) => number,
  y: (place: number) => number,
): string {
  const places = axes.map(({ name, scale }) => scale.place(view.row[name]));
  const points = places.flatMap((place, at) => (place === null ? [] : [`${x(at)},${round(y(place))}`]));
  const best = view.rank === 1 ? " best" : "";
  const good = Math.round(goodness(view, sweep) * 100);
  const value = sweep.leading === null ? "" : describe(sweep.leading.name, view.row[sweep.leading.name]);
  return `<polyline class="point${best}" style="--p:${good}%" points="${points.join(" ")}"><title>${escapeHtml(`${view.point.label} ${value}`.trim())}</title></polyline>`;
}

function describe(name: string, value: unknown): string {
  return typeof value === "number" ? `${title(name)} ${measure(name, value)}` : "";
}

function scaleOf(name: string, view: SweepView): Scale {
  const values = view.points.map(({ row }) => row[name]).filter((value) => value !== undefined);
  const numbers = values.filter((value): value is number => typeof value === "number" && Number.isFinite(value));
  const isParameter = view.parameters.includes(name);
  const format = (value: unknown): string =>
    name === "seconds"
      ? value === 0
        ? "0"
        : duration((value as number) * 1000)
      : typeof value === "number"
        ? isParameter
          ? String(value)
          : measure(name, value)
        : short(typeof value === "string" ? value : JSON.stringify(value));
  if (numbers.length < values.length || (isParameter && new Set(numbers).size <= LISTED)) {
    return ordinalScale(values, format);
  }
  if (numbers.length === 0) return ordinalScale([], format);
  const axis = view.record.matrix.axes[name];
  const isLog = isParameter && axis !== undefined && "scale" in axis && axis.scale === "log";
  return isLog ? logScale(numbers, format) : linearScale(numbers, 4, format);
}

function short(text: string): string {
  return text.length > 16 ? `${text.slice(0, 15)}…` : text;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
