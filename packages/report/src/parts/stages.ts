import { reasonText } from "@seqloom/core";
import { bytes, duration } from "../format.js";
import { type Html, html } from "../html.js";
import type { RunView, StageView } from "../view.js";
import { outputFigures, outputList } from "./outputs.js";
import { isTall, parameter, tree } from "./parameter.js";
import { samples } from "./samples.js";

const BADGES = { hit: "✓ from cache", run: "ran", failed: "✗ failed", skipped: "not run" } as const;

/** A section per stage: why it ran, what it was told, what it made, and its rows before and after; files that it made are given drawn. */
export function stages(view: RunView, files: ReadonlyMap<string, Html>): Html {
  return html`<section id="stages"><h2>Stages</h2>${view.stages.map((stage) => section(view, stage, files.get(stage.name) ?? null))}</section>`;
}

function section(view: RunView, stage: StageView, files: Html | null): Html {
  const { result, node } = stage;
  const right = [samples(view, stage), ...outputFigures(stage), files].filter((part) => part !== null);
  const left = [reasons(stage), parameters(stage), outputList(result.outputs), identity(stage)].filter(
    (part) => part !== null,
  );
  return html`<article class="stage" id="${stage.anchor}" aria-labelledby="${stage.anchor}-name"><header><h3 id="${stage.anchor}-name">${stage.name}</h3>
<code class="muted">${result.use}</code><span class="badge ${result.status}">${BADGES[result.status]}</span><span class="t muted small">${time(stage)}</span></header>
${node && html`<p class="muted small">${node.stage.description}</p>`}<div class="stage-body${right.length === 0 ? " plain" : ""}"><div>${left}</div>${
    right.length > 0 && html`<div>${right}</div>`
  }</div></article>`;
}

function time({ result: { status, ms, computeMs, resumed, peakRss } }: StageView): string {
  if (status === "skipped") return "";
  if (status === "hit") return `${duration(ms)}, saved ${duration(computeMs)}`;
  return `${took(ms, resumed)}${peakRss === undefined ? "" : `, ${bytes(peakRss)} of memory`}`;
}

function took(ms: number, resumed: string | undefined): string {
  return resumed === undefined ? duration(ms) : `${duration(ms)}, resumed from ${resumed}`;
}

function reasons({ result }: StageView): Html | null {
  if (result.reasons.length === 0) return null;
  return html`<h4>${result.status === "skipped" ? "Why it would run" : "Why it ran"}</h4><ul class="reasons">${result.reasons.map((reason) => html`<li>${reasonText(reason)}</li>`)}</ul>`;
}

function parameters({ node }: StageView): Html | null {
  const entries = Object.entries(node?.params ?? {});
  if (entries.length === 0) return null;
  return html`<h4>Parameters</h4><dl class="pairs">${entries.map(([name, value]) => {
    const tall = isTall(value);
    return html`<div class="${tall ? "tall" : ""}"><dt>${name}</dt><dd>${tall ? tree(value) : parameter(value)}</dd></div>`;
  })}</dl>`;
}

function identity({ result, node }: StageView): Html | null {
  if (result.key === null && node === null) return null;
  const pairs: readonly (readonly [string, string, string])[] = [
    ...(result.key === null ? [] : ([["key", result.key.slice(0, 12), result.key]] as const)),
    ...(node === null ? [] : ([["code", node.stage.code.hash.slice(0, 12), node.stage.code.hash]] as const)),
    ...(node?.stage.seeded ? ([["seed", node.seed, node.seed]] as const) : []),
  ];
  return html`<h4>Identity</h4><dl class="pairs">${pairs.map(
    ([name, short, full]) => html`<div><dt>${name}</dt><dd class="mono muted" title="${full}">${short}</dd></div>`,
  )}</dl>`;
}
