import { type Html, html } from "../html.js";

const WIDTH = 180;
const HEIGHT = 34;
const CHANNELS = 4;

/** Sequences of numbers as a small line, one per channel (at most four): `steps[t]` is a number or a list of channels. */
export function sparkline(steps: readonly (number | readonly number[])[]): Html {
  const channels = channelsOf(steps);
  const finite = channels.flat().filter(Number.isFinite);
  const low = Math.min(...finite);
  const high = Math.max(...finite);
  const label = `${steps.length} steps${finite.length > 0 ? `, from ${low} to ${high}` : ""}`;
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">${channels.map(
    (values, channel) => html`<polyline class="c${channel}" points="${points(values, low, high)}"/>`,
  )}</svg>`;
}

/** A vector as small bars from zero. */
export function bars(values: readonly number[]): Html {
  const finite = values.filter(Number.isFinite);
  const low = Math.min(0, ...finite);
  const high = Math.max(0, ...finite);
  const step = WIDTH / Math.max(values.length, 1);
  const y = (value: number) => scaled(value, low, high);
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${values.length} values">${values.map(
    (value, index) =>
      Number.isFinite(value) &&
      html`<rect x="${fixed(index * step)}" y="${fixed(Math.min(y(value), y(0)))}" width="${fixed(Math.max(step - 0.6, 0.6))}" height="${fixed(Math.max(Math.abs(y(value) - y(0)), 0.6))}"/>`,
  )}</svg>`;
}

function channelsOf(steps: readonly (number | readonly number[])[]): number[][] {
  const width = Math.min(CHANNELS, ...steps.map((step) => (typeof step === "number" ? 1 : step.length)));
  if (!Number.isFinite(width)) return [];
  return Array.from({ length: width }, (_, channel) =>
    steps.map((step) => Number(typeof step === "number" ? step : step[channel])),
  );
}

function points(values: readonly number[], low: number, high: number): string {
  const step = WIDTH / Math.max(values.length - 1, 1);
  return values
    .map((value, index) => (Number.isFinite(value) ? `${fixed(index * step)},${fixed(scaled(value, low, high))}` : ""))
    .filter((point) => point !== "")
    .join(" ");
}

function scaled(value: number, low: number, high: number): number {
  return high === low ? HEIGHT / 2 : HEIGHT - 3 - ((value - low) / (high - low)) * (HEIGHT - 6);
}

function fixed(value: number): string {
  return String(Number(value.toFixed(1)));
}
