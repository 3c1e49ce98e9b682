import type { Axis, PointResult, SweepRecord } from "@seqloom/core";
import { count, duration, fractional, measure, moment, title } from "../format.js";
import { breakable, type Html, html, trusted } from "../html.js";
import { POLICY } from "../page.js";
import { STYLE } from "../style.js";
import { curvesPart } from "./curves.js";
import { frontPart } from "./front.js";
import { parallelSvg } from "./parallel.js";
import { SWEEP_STYLE } from "./style.js";
import { type PointCurves, type PointView, type SweepView, spaced, sweepView } from "./view.js";

/**
 * The report of a sweep as one HTML file that needs no network and no script: the best points, the Pareto front, parallel
 * coordinates, every point with its measures, and their trainings. The same record gives the same bytes.
 */
export function renderSweepReport(record: SweepRecord, curves: readonly PointCurves[]): string {
  const view = sweepView(record, curves);
  const parts: readonly (readonly [string, string, Html | null])[] = [
    ["problems", "Problems", problems(record)],
    ["best", "Best points", best(view)],
    ["front", "Pareto front", frontPart(view)],
    ["parallel", "Parameters", parallel(view)],
    ["points", "Points", points(view)],
    ["curves", "Training", curvesPart(view)],
    ["environment", "Environment", environment(record)],
  ];
  const shown = parts.filter(([, , part]) => part !== null);
  return html`${trusted("<!doctype html>")}
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}"><meta name="generator" content="Seqloom">
<title>${record.pipeline} · ${count(record.points.length, "point")}</title><style>${trusted(STYLE + SWEEP_STYLE)}</style></head>
<body><a class="skip-link" href="#main">To the content</a><div class="page">${header(record)}
<nav class="toc" aria-label="Contents"><ul>${shown.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
<main id="main">${shown.map(([, , part]) => part)}</main>
<footer>Made by Seqloom from the record of sweep <span class="mono">${record.sweep}</span>.</footer></div></body></html>
`.markup;
}

function header(record: SweepRecord): Html {
  const { points, status } = record;
  const ran = points.reduce((sum, { stages }) => sum + stages.run, 0);
  const all = points.reduce((sum, { stages }) => sum + stages.run + stages.hit, 0);
  const facts = [
    count(points.length, "point"),
    `${count(ran, "stage")} ran for ${count(all, "result")}`,
    moment(record.startedAt),
    `took ${duration(record.seconds * 1000)}`,
  ];
  return html`<header class="top"><div class="title"><h1>${record.pipeline}</h1><span class="badge ${status}">${status}</span></div>
<div class="facts">${facts.map((fact) => html`<span>${fact}</span>`)}</div></header>`;
}

function problems({ points }: SweepRecord): Html | null {
  const failed = points.filter(({ status }) => status === "failed");
  if (failed.length === 0) return null;
  const first = ({ diagnostics }: PointResult) => diagnostics.find(({ severity }) => severity === "error");
  return html`<section id="problems"><h2>Problems</h2>${failed.map((point) => {
    const problem = first(point);
    return html`<div class="problem"><p><b>${spaced(point.label)}</b></p><p>${problem?.message ?? "failed"}</p>${problem?.hint !== undefined && html`<p class="muted">${problem.hint}</p>`}</div>`;
  })}</section>`;
}

function best(view: SweepView): Html | null {
  const { leading } = view;
  if (leading === null) return null;
  const ranked = view.points.filter(({ rank }) => rank !== null).slice(0, 3);
  return html`<section id="best"><h2>Best points</h2><div class="heroes">${ranked.map(
    ({ point, row }, at) =>
      html`<article class="hero${at === 0 ? " best" : ""}"><div class="name"><span>${breakable(spaced(point.label))}</span>${at === 0 && html`<span class="badge hit">best</span>`}</div>
<p class="number">${measure(leading.name, row[leading.name] as number)}</p><p class="muted small">${title(leading.name)}</p>
<dl>${view.measures
        .filter((name) => name !== leading.name && typeof row[name] === "number")
        .slice(0, 3)
        .map(
          (name) => html`<div><dt>${title(name)}</dt><dd>${measure(name, row[name] as number)}</dd></div>`,
        )}<div><dt>time</dt><dd>${duration((row.seconds as number) * 1000)}</dd></div></dl></article>`,
  )}</div></section>`;
}

function parallel(view: SweepView): Html {
  const words = `Parameters and results of ${count(view.points.length, "point")} as lines`;
  return html`<section id="parallel"><h2>Parameters</h2><p class="muted small">A line is a point${view.leading !== null && html`; the better its ${title(view.leading.name)}, the darker. The best is green`}.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Parallel coordinates">${trusted(parallelSvg(view, words))}</div></section>`;
}

function points(view: SweepView): Html {
  const decimals = new Map(view.measures.map((name) => [name, fractional(view.points.map(({ row }) => row[name]))]));
  const cell = (name: string, value: unknown) =>
    html`<td class="n">${typeof value === "number" ? measure(name, value, decimals.get(name)) : "–"}</td>`;
  return html`<section id="points"><h2>Points</h2><div class="scroll" tabindex="0" role="region" aria-label="Points"><table><caption class="skip-link">Every point, the best first</caption>
<thead><tr><th scope="col" class="n">#</th>${view.parameters.map((name) => html`<th scope="col" class="n">${breakable(name)}</th>`)}${head(view)}<th scope="col">status</th></tr></thead>
<tbody>${view.points.map((one) => row(one, view, cell))}</tbody></table></div>
<p class="muted small">◆ on the Pareto front. The time is what computing the point's results took, whenever that was.</p></section>`;
}

/** The measure that counts, the time, then all others: a narrow page shows the first. */
function measuresOf({ leading, measures }: SweepView): string[] {
  const first = leading === null ? [] : [leading.name];
  return [...first, "seconds", ...measures.filter((name) => name !== leading?.name)];
}

function head(view: SweepView): Html[] {
  return measuresOf(view).map(
    (name) => html`<th scope="col" class="n">${name === "seconds" ? "time" : title(name)}</th>`,
  );
}

function row(one: PointView, view: SweepView, cell: (name: string, value: unknown) => Html): Html {
  const { point, row: values } = one;
  const badge = point.status === "succeeded" ? (point.stages.run > 0 ? "run" : "hit") : point.status;
  const words = {
    stopped: "stopped",
    run: "ran",
    hit: "from cache",
    failed: "✗ failed",
    interrupted: "interrupted",
    skipped: "not run",
  };
  const { rung, epochs } = point;
  const reached = rung === undefined ? "" : ` · rung ${rung}, epoch ${epochs}`;
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  return html`<tr class="${one.rank === 1 ? "best" : ""}"><th scope="row" class="n">${one.front && "◆ "}${one.rank ?? "–"}</th>${view.parameters.map(
    (name) => html`<td class="n">${text(values[name])}</td>`,
  )}${measuresOf(view).map((name) => (name === "seconds" ? html`<td class="n">${duration((values.seconds as number) * 1000)}</td>` : cell(name, values[name])))}<td><span class="badge ${badge}">${words[badge]}</span>${reached}</td></tr>`;
}

function axisText(axis: Axis): string {
  if (!("from" in axis))
    return axis.map((value) => (typeof value === "string" ? value : JSON.stringify(value))).join(", ");
  const { from, to, scale, steps, integer } = axis;
  const more = [...(scale === "log" ? ["logarithmic"] : []), ...(integer ? ["whole"] : [])];
  return [`${from} … ${to}`, ...(steps === undefined ? [] : [`${steps} steps`]), ...more].join(", ");
}

function environment({ environment: facts, matrix }: SweepRecord): Html {
  const pairs = (entries: readonly (readonly [string, unknown])[]) =>
    html`<dl class="pairs">${entries.map(([name, value]) => html`<div><dt>${name}</dt><dd>${typeof value === "string" ? value : JSON.stringify(value)}</dd></div>`)}</dl>`;
  const { strategy, n, seed } = matrix.sample;
  const drawn = strategy === "grid" ? "every combination" : `${strategy}, ${n} of them, seed ${seed}`;
  return html`<section id="environment"><h2>Environment</h2><div class="split"><div><h3>Axes</h3>${pairs([...Object.entries(matrix.axes).map(([name, axis]) => [name, axisText(axis)] as const), ["points", drawn]])}</div><div><h3>Machine and software</h3>${pairs(Object.entries(facts))}</div></div></section>`;
}
