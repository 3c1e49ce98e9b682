import type { PointMap } from "@seqloom/core";
import { measured } from "../format.js";
import { escapeHtml, type Html, html, trusted } from "../html.js";
import { linearScale } from "./scale.js";

const WIDTH = 560;
const HEIGHT = 420;
const LEFT = 56;
const BOTTOM = 42;
const EDGE = 14;
const RIGHT = 30;
/** Up to so many points have their names beside them; of more, a name shows when the point is pointed at. */
const NAMED = 120;
/** Classes that have a colour and a shape of their own. */
const COLOURS = 8;

/** Rows as points: a class by colour and shape, so that neither alone has to tell. */
export function pointMap(map: PointMap, label: string): Html | null {
  if (map.x.length === 0) return null;
  const { classes } = map;
  const shown = classes.slice(0, COLOURS);
  return html`<figure class="map"><figcaption>${label}</figcaption>${trusted(drawing(map, label))}${
    shown.length > 0 &&
    html`<ul class="legend">${shown.map((name, at) => html`<li>${trusted(`<svg class="points" viewBox="-6 -6 12 12" width="12" height="12" aria-hidden="true">${mark(at, 0, 0)}</svg>`)}${name}</li>`)}${
      classes.length > COLOURS && html`<li>${classes.length - COLOURS} more</li>`
    }</ul>`
  }</figure>`;
}

function drawing({ axes, x: across, y: up, class: classes, classes: words, names }: PointMap, label: string): string {
  const [xs, ys] = [linearScale(across, 5, measured), linearScale(up, 5, measured)];
  const x = (value: number) => round(LEFT + (xs.place(value) ?? 0) * (WIDTH - LEFT - RIGHT));
  const y = (value: number) => round(EDGE + (1 - (ys.place(value) ?? 0)) * (HEIGHT - EDGE - BOTTOM));
  const grid = [
    ...ys.ticks.map(({ text, at }) => {
      const height = round(EDGE + (1 - at) * (HEIGHT - EDGE - BOTTOM));
      return `<path class="grid" d="M${LEFT} ${height}H${WIDTH - RIGHT}"/><text x="${LEFT - 7}" y="${round(height + 3.5)}" text-anchor="end">${escapeHtml(text)}</text>`;
    }),
    ...xs.ticks.map(({ text, at }) => {
      const place = round(LEFT + at * (WIDTH - LEFT - RIGHT));
      return `<path class="grid" d="M${place} ${EDGE}V${HEIGHT - BOTTOM}"/><text x="${place}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${escapeHtml(text)}</text>`;
    }),
  ];
  const besides = new Names();
  const points = across.map((value, i) => {
    const [px, py] = [x(value), y(up[i])];
    const name = names?.[i];
    const title = [name, words[classes[i]]].filter((word) => word !== undefined && word !== "").join(", ");
    const beside = name === undefined || across.length > NAMED ? "" : besides.write(name, px, py);
    return `<g>${title === "" ? "" : `<title>${escapeHtml(title)}</title>`}${mark(classes[i], px, py)}${beside}</g>`;
  });
  return `<svg class="points" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(`${label}: ${across.length} points`)}">${grid.join("")}<text class="axis" x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${escapeHtml(axes[0])}</text><text class="axis" transform="translate(12 ${(HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(axes[1])}</text>${points.join("")}</svg>`;
}

/** Names beside points. Where one would lie on another it is left out, and shows when its point is pointed at. */
class Names {
  readonly #boxes: (readonly [left: number, right: number, y: number])[] = [];

  write(name: string, x: number, y: number): string {
    const width = 6 * [...name].length;
    const toLeft = x + width > WIDTH - 8;
    const left = toLeft ? x - 6 - width : x + 6;
    if (this.#boxes.some(([from, to, at]) => from < left + width && left < to && Math.abs(at - y) < 10)) return "";
    this.#boxes.push([left, left + width, y]);
    return `<text class="beside" x="${round(toLeft ? x - 6 : left)}" y="${round(y + 3.5)}"${toLeft ? ' text-anchor="end"' : ""}>${escapeHtml(name)}</text>`;
  }
}

/** A mark of a class: circle, square, triangle, diamond, in turn. */
function mark(place: number, x: number, y: number): string {
  const kind = place < 0 || place >= COLOURS ? "none" : `c${place}`;
  switch (place < 0 ? 0 : place % 4) {
    case 1:
      return `<rect class="mark ${kind}" x="${round(x - 3)}" y="${round(y - 3)}" width="6" height="6"/>`;
    case 2:
      return `<path class="mark ${kind}" d="M${x} ${round(y - 4)}l4 7h-8z"/>`;
    case 3:
      return `<path class="mark ${kind}" d="M${x} ${round(y - 4.4)}l4.4 4.4l-4.4 4.4l-4.4 -4.4z"/>`;
    default:
      return `<circle class="mark ${kind}" cx="${x}" cy="${y}" r="3.4"/>`;
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
