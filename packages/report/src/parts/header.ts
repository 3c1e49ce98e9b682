import { count, duration, moment } from "../format.js";
import { type Html, html } from "../html.js";
import type { RunView } from "../view.js";

const STATUS = { succeeded: "✓ succeeded", failed: "✗ failed", interrupted: "◼ interrupted" } as const;

/** The top of the page: which pipeline, which run, how it ended, what the cache saved. */
export function header({ record, pipeline, stages }: RunView): Html {
  const number = (status: string) => stages.filter(({ result }) => result.status === status).length;
  const saved = stages.reduce(
    (sum, { result }) => sum + (result.status === "hit" ? result.computeMs - result.ms : 0),
    0,
  );
  const counts = [
    ...(number("hit") > 0 ? [`${number("hit")} from cache`] : []),
    ...(number("run") > 0 ? [`${number("run")} ran`] : []),
    ...(number("failed") > 0 ? [`${number("failed")} failed`] : []),
    ...(number("skipped") > 0 ? [`${number("skipped")} not run`] : []),
  ].join(" · ");
  const facts: readonly (readonly [string, Html | string])[] = [
    ["Run", html`<span class="mono">${record.run}</span>`],
    ["Started", html`<time datetime="${record.startedAt}">${moment(record.startedAt)}</time>`],
    ["Took", duration(record.seconds * 1000)],
    [count(stages.length, "stage"), counts],
    ...(saved >= 1 ? ([["Time saved by the cache", duration(saved)]] as const) : []),
    ...(pipeline.file === null
      ? []
      : ([["File", html`<span class="mono">${baseName(pipeline.file)}</span>`]] as const)),
    ["Seed", String(pipeline.seed)],
  ];
  return html`<header class="top"><div class="title"><h1>${pipeline.name}</h1><span class="badge ${record.status}">${STATUS[record.status]}</span></div>
<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></header>`;
}

function baseName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}

/** Errors and warnings, errors first; nothing when there are none. */
export function problems({ record, stages }: RunView): Html | null {
  const ofStages = stages.flatMap((stage) => stage.result.diagnostics.map((diagnostic) => ({ stage, diagnostic })));
  const all = [...(record.diagnostics ?? []).map((diagnostic) => ({ stage: null, diagnostic })), ...ofStages];
  if (all.length === 0) return null;
  const sorted = [
    ...all.filter(({ diagnostic }) => diagnostic.severity === "error"),
    ...all.filter(({ diagnostic }) => diagnostic.severity !== "error"),
  ];
  return html`<section id="problems"><h2>Problems</h2>${sorted.map(
    ({
      stage,
      diagnostic: { severity, code, message, hint, at },
    }) => html`<div class="problem ${severity}" role="group" aria-label="${severity}">
<p><strong>${severity === "error" ? "✗" : "!"} ${message}</strong></p>${hint !== undefined && html`<p>${hint}</p>`}
<p class="where">${at && `${at.file}:${at.line}:${at.column} · `}${stage && html`<a href="#${stage.anchor}">${stage.name}</a> · `}${code}</p></div>`,
  )}</section>`;
}
