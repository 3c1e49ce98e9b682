import { niceStep } from "../charts/scale.js";
import { bytes, duration } from "../format.js";
import { type Html, html } from "../html.js";
import type { RunView, StageView } from "../view.js";

/** A stage of which the record knows when it began. */
interface Timed {
  readonly stage: StageView;
  readonly kind: "hit" | "run" | "resumed" | "failed" | "stopped";
  /** Milliseconds after the run began: when it was ready, when it began, when it was over. */
  readonly ready: number;
  readonly start: number;
  readonly end: number;
}

const WORDS = {
  hit: "from cache",
  run: "ran",
  resumed: "resumed from a checkpoint",
  failed: "failed",
  stopped: "stopped",
} as const;

/** A bar of no width is not drawn: the shortest is so small a part of the line, and its outline is seen. */
const LEAST = 10_000;

/** Shorter waits are not worth a word, milliseconds. */
const WAIT = 50;

/**
 * When each stage ran, on one line of time: a row for each, bars in places of a hundredth of the width, so that it fits any
 * page. Null where the record does not know, and where nothing ran.
 */
export function timeline({ record, stages }: RunView): Html | null {
  const timed = stages.flatMap(timedOf);
  if (timed.every(({ kind }) => kind === "hit")) return null;
  const span = Math.max(record.seconds * 1000, ...timed.map(({ end }) => end));
  const ticks = ticksOf(span);
  const kinds = (Object.keys(WORDS) as (keyof typeof WORDS)[]).filter((kind) => timed.some((one) => one.kind === kind));
  const rows = new Map(timed.map((one) => [one.stage.name, one]));
  return html`<div class="times lanes">${stages.map((stage) => lane(stage, rows.get(stage.name), span, ticks))}
<span class="zero"></span><svg class="lane axis" aria-hidden="true">${ticks.map(
    (at) =>
      html`<text x="${share(at, span)}" y="13" text-anchor="${at === 0 ? "start" : at > span * 0.94 ? "end" : "middle"}">${at === 0 ? "0" : duration(at)}</text>`,
  )}</svg><span class="zero"></span></div>
<ul class="legend">${kinds.map((kind) => html`<li><span class="key ${KEYS[kind]}"></span>${WORDS[kind]}</li>`)}${
    timed.some(waited) &&
    html`<li><span class="key line wait"></span>waited: for cores, for another run, for the remote cache</li>`
  }</ul>`;
}

const KEYS = { hit: "hit", run: "bar-run", resumed: "run", failed: "bar-failed", stopped: "skipped" } as const;

function timedOf(stage: StageView): Timed[] {
  const { status, startMs: start, waitMs = 0, ms, resumed } = stage.result;
  if (start === undefined) return [];
  const kind = status === "skipped" ? "stopped" : status === "run" && resumed !== undefined ? "resumed" : status;
  return [{ stage, kind, ready: start - waitMs, start, end: start + ms }];
}

function waited({ ready, start }: Timed): boolean {
  return start - ready >= WAIT;
}

function lane(stage: StageView, timed: Timed | undefined, span: number, ticks: readonly number[]): Html {
  return html`<a href="#${stage.anchor}">${stage.name}</a><svg class="lane" aria-hidden="true">${ticks.map(
    (at) => html`<line x1="${share(at, span)}" x2="${share(at, span)}" y1="0" y2="100%"/>`,
  )}${
    timed !== undefined &&
    html`${waited(timed) && html`<rect class="wait" x="${share(timed.ready, span)}" y="11" width="${share(timed.start - timed.ready, span)}" height="2"/>`}<rect class="${timed.kind}" x="${share(timed.start, span)}" y="5.5" width="${share(Math.max(timed.end - timed.start, span / LEAST), span)}" height="13" rx="2"/>`
  }</svg><span class="t ${stage.result.status === "hit" ? "muted" : ""}">${words(stage, timed)}</span>`;
}

function words({ result }: StageView, timed: Timed | undefined): string {
  if (timed === undefined) return "–";
  const { kind, ready, start } = timed;
  return [
    kind === "hit" ? "from cache" : duration(result.ms),
    ...(waited(timed) ? [`waited ${duration(start - ready)}`] : []),
    ...(kind !== "hit" && result.peakRss !== undefined ? [bytes(result.peakRss)] : []),
  ].join(" · ");
}

function ticksOf(span: number): number[] {
  const step = niceStep(span / 4);
  return Array.from({ length: Math.floor(span / step) + 1 }, (_, at) => at * step);
}

function share(part: number, of: number): string {
  return `${((part / of) * 100).toFixed(2)}%`;
}
