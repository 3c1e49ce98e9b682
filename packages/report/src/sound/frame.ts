/** @file The frame of a picture over time: axes, their numbers, a scale of colours. All pictures of a clip have the same width, so that they stand one above the other. */
import { niceStep } from "../charts/scale.js";
import { type Html, html } from "../html.js";
import { COLORS, PALETTE } from "./colors.js";
import { indexedPng } from "./png.js";

/** Width of what is drawn, and of the picture with its axes, in its own units. */
export const PLOT = 640;
const [LEFT, RIGHT, TOP, BOTTOM] = [58, 62, 6, 20];
const WIDTH = LEFT + PLOT + RIGHT;
/** Width of the scale of colours. */
const BAR = 9;

/** A number at an axis; `at` is 0 at the bottom and 1 at the top. */
export interface Tick {
  readonly text: string;
  readonly at: number;
}

/** What the colours stand for, from the darkest to the brightest. */
export interface ColorScale {
  readonly low: string;
  readonly high: string;
  readonly unit: string;
}

/** A picture over time. */
export interface Picture {
  readonly caption: string;
  /** The picture in words, for who cannot see it. */
  readonly label: string;
  readonly seconds: number;
  readonly height: number;
  readonly ticks: readonly Tick[];
  /** What is drawn: `PLOT` wide and `height` high, from the top left. */
  readonly content: Html;
  readonly colors?: ColorScale;
}

/** A picture with its caption. */
export function framed({ caption, label, seconds, height, ticks, content, colors }: Picture): Html {
  const total = TOP + height + BOTTOM;
  return html`<figure><figcaption>${caption}</figcaption><svg class="plot" viewBox="0 0 ${WIDTH} ${total}" role="img" aria-label="${label}">
<g transform="translate(${LEFT} ${TOP})"><svg width="${PLOT}" height="${height}">${content}</svg><rect class="edge" width="${PLOT}" height="${height}"/>
${ticks.map(({ text, at }) => html`<line class="tick" x1="-4" x2="0" y1="${fixed((1 - at) * height)}" y2="${fixed((1 - at) * height)}"/><text x="-7" y="${fixed((1 - at) * height + 3.5)}" text-anchor="end">${text}</text>`)}
${timeTicks(seconds).map(({ text, at }) => html`<line class="tick" x1="${fixed(at * PLOT)}" x2="${fixed(at * PLOT)}" y1="${height}" y2="${height + 4}"/><text x="${fixed(at * PLOT)}" y="${height + 15}" text-anchor="middle">${text}</text>`)}
<text x="${PLOT + 8}" y="${height + 15}">s</text>${colors && colorBar(colors, height)}</g></svg></figure>`;
}

/** Round times, at most eight or so. */
function timeTicks(seconds: number): Tick[] {
  if (!(seconds > 0)) return [];
  const step = niceStep(seconds / 8);
  const decimals = Math.max(
    0,
    -Math.floor(Math.log10(step) + 1e-9),
    String(Number(step.toPrecision(3))).split(".")[1]?.length ?? 0,
  );
  return Array.from({ length: Math.floor(seconds / step + 1e-9) + 1 }, (_, i) => ({
    text: i === 0 ? "0" : (i * step).toFixed(decimals),
    at: (i * step) / seconds,
  }));
}

function colorBar({ low, high, unit }: ColorScale, height: number): Html {
  const pixels = Uint8Array.from({ length: COLORS }, (_, y) => COLORS - 1 - y);
  return html`<image x="${PLOT + 8}" y="0" width="${BAR}" height="${height}" preserveAspectRatio="none" href="${pngUri(1, COLORS, pixels)}"/>
<text x="${PLOT + BAR + 12}" y="9">${high}</text><text x="${PLOT + BAR + 12}" y="21">${unit}</text><text x="${PLOT + BAR + 12}" y="${height - 1}">${low}</text>`;
}

/** A picture in colours of the palette as an address of its own content. */
export function pngUri(width: number, height: number, pixels: Uint8Array): string {
  return `data:image/png;base64,${Buffer.from(indexedPng(width, height, pixels, PALETTE)).toString("base64")}`;
}

/** A place with at most two decimals, written the same everywhere. */
export function fixed(value: number): string {
  return String(Number(value.toFixed(2)));
}

/** Frequencies at an axis: round ones, as many as there is room for. */
export function hertzTicks(top: number, at: (hz: number) => number): Tick[] {
  const step = niceStep(top / 4.5);
  return Array.from({ length: Math.floor(top / step + 1e-9) + 1 }, (_, i) => ({
    text: hertz(i * step),
    at: at(i * step),
  }));
}

/** `0`, `250 Hz`, `2 kHz`. */
export function hertz(hz: number): string {
  if (hz === 0) return "0";
  return hz < 1000 ? `${Number(hz.toPrecision(3))} Hz` : `${Number((hz / 1000).toPrecision(3))} kHz`;
}
