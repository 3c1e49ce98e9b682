import { duration } from "../format.js";
import { statusesOf } from "../graph/label.js";
import { drawGraph } from "../graph/svg.js";
import { type Html, html, trusted } from "../html.js";
import type { RunView, StageView } from "../view.js";
import { timeline } from "./timeline.js";

const STATES = [
  ["hit", "from cache"],
  ["run", "ran"],
  ["failed", "failed"],
  ["skipped", "not run"],
] as const;

/** Below this scale the names in a graph are hard to read. */
const SMALLEST = 0.72;
/** A point of Graphviz is drawn a little larger than a pixel. */
const PIXELS_PER_POINT = 1.12;

/** The graph of the run: from left to right where that fits without becoming too small, else from top to bottom. */
export async function graphPart(view: RunView): Promise<Html> {
  const statuses = statusesOf(view.record);
  const draw = async (direction: "LR" | "TB", prefix: string, name: string) =>
    sized(await drawGraph(view.pipeline, statuses, { direction, prefix, links: true }), name);
  const long = await draw("LR", "wide", "long");
  const tall = await draw("TB", "narrow", "tall");
  const used = STATES.filter(([status]) => view.stages.some(({ result }) => result.status === status));
  // Many branches side by side are wider from top to bottom: then there is nothing to gain.
  const turn =
    tall.width < long.width &&
    html`<style>@container graph (max-width:${Math.floor(long.width * SMALLEST)}px){.graph.long{display:none}.graph.tall{display:block}}</style>`;
  return html`<section id="graph"><h2>Pipeline</h2>${turn}<div class="graph-box"><div class="graph-scroll" tabindex="0" role="region" aria-label="Graph of the pipeline">${trusted(long.svg)}${trusted(tall.svg)}</div></div>
<ul class="legend">${used.map(([status, words]) => html`<li><span class="key ${status}"></span>${words}</li>`)}</ul></section>`;
}

/** The drawing as wide as it is good to look at, no wider than the page, and no smaller than it can be read. */
function sized(svg: string, name: string): { readonly svg: string; readonly width: number } {
  const match = /<svg class="graph"([^>]*?) width="(\d+)pt" height="\d+pt"/.exec(svg);
  if (match === null) return { svg, width: 0 };
  const width = Math.round(Number(match[2]) * PIXELS_PER_POINT);
  const style = `width:${width}px;max-width:100%;min-width:${Math.floor(width * SMALLEST)}px`;
  return { svg: svg.replace(match[0], `<svg class="graph ${name}"${match[1]} style="${style}"`), width };
}

/** When each stage ran, where the record knows and anything did; and what each hit saved, as bars on one scale. */
export function timesPart(view: RunView): Html {
  const line = timeline(view);
  const hits = view.stages.filter(({ result }) => result.status === "hit");
  if (line === null) return html`<section id="times"><h2>Time</h2>${bars(view.stages)}</section>`;
  return html`<section id="times"><h2>Time</h2>${line}${hits.length > 0 && html`<h3>Saved by the cache</h3>${bars(hits)}`}</section>`;
}

function bars(stages: readonly StageView[]): Html {
  const longest = Math.max(1, ...stages.map(({ result }) => shown(result)));
  const hits = stages.some(({ result }) => result.status === "hit");
  const others = stages.some(({ result }) => result.status !== "hit");
  return html`<div class="times">${stages.map((stage) => bar(stage, longest))}</div>
<ul class="legend">${others && html`<li><span class="key bar-run"></span>took in this run</li>`}${
    hits && html`<li><span class="key bar-saved"></span>saved: what computing took when it was first done</li>`
  }</ul>`;
}

function shown({ status, ms, computeMs }: StageView["result"]): number {
  return status === "hit" ? computeMs : status === "skipped" ? 0 : ms;
}

function bar({ name, anchor, result }: StageView, longest: number): Html {
  const width = ((shown(result) / longest) * 100).toFixed(2);
  const words =
    result.status === "hit"
      ? `saved ${duration(result.computeMs)}`
      : result.status === "skipped"
        ? "–"
        : duration(result.ms);
  return html`<a href="#${anchor}">${name}</a><div class="track" aria-hidden="true">${
    result.status !== "skipped" && html`<i class="${result.status}" style="width:${width}%"></i>`
  }</div><span class="t ${result.status === "hit" ? "muted" : ""}">${words}</span>`;
}
