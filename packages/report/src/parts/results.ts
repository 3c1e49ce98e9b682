import { hasDirection, leadingMeasure, lowerIsBetter } from "@seqloom/core";
import { fractional, measure, title } from "../format.js";
import { breakable, type Html, html, trusted } from "../html.js";
import type { MetricsView, RunView } from "../view.js";

const IN_A_CARD = 4;
/** More columns than this do not fit on a phone: there each measure becomes a list. */
const SIDE_BY_SIDE = 3;

/** Which of these numbers is best by the measure's own direction, as an index; null where there is no single best. */
export function bestOf(name: string, values: readonly (number | undefined)[]): number | null {
  if (!hasDirection(name)) return null;
  const known = values.filter((value): value is number => value !== undefined && Number.isFinite(value));
  const best = lowerIsBetter(name) ? Math.min(...known) : Math.max(...known);
  const at = values.indexOf(best);
  return known.length < 2 || values.lastIndexOf(best) !== at ? null : at;
}

/** The headline numbers of every evaluation, and a table that puts several side by side. */
export function results({ evaluations }: RunView): Html | null {
  if (evaluations.length === 0) return null;
  const leading = leadingMeasure(evaluations[0].metrics.values);
  const best =
    leading === undefined
      ? null
      : bestOf(
          leading,
          evaluations.map(({ metrics }) => metrics.values[leading]),
        );
  return html`<section id="results"><h2>Results</h2>
<div class="heroes">${evaluations.map((evaluation, index) => hero(evaluation, index === best))}</div>
${evaluations.length > 1 && comparison(evaluations)}</section>`;
}

function hero({ stage, metrics }: MetricsView, best: boolean): Html {
  const leading = leadingMeasure(metrics.values);
  const others = Object.entries(metrics.values).filter(([name]) => name !== leading);
  return html`<article class="hero${best ? " best" : ""}"><div class="name"><a href="#${stage.anchor}">${breakable(stage.name)}</a>${best && html`<span class="badge hit">best</span>`}</div>
${leading !== undefined && html`<p class="number">${measure(leading, metrics.values[leading])}</p><p class="muted small">${title(leading)}</p>`}
<dl>${others.slice(0, IN_A_CARD).map(([name, value]) => html`<div><dt>${title(name)}</dt><dd>${measure(name, value)}</dd></div>`)}</dl></article>`;
}

function comparison(evaluations: readonly MetricsView[]): Html {
  const names = [...new Set(evaluations.flatMap(({ metrics }) => Object.keys(metrics.values)))];
  const rows = names.map((name) => {
    const values = evaluations.map(({ metrics }) => metrics.values[name] as number | undefined);
    const best = bestOf(name, values);
    return html`<tr><th scope="row">${title(name)}</th>${values.map(
      (value, index) =>
        html`<td class="n${index === best ? " best" : ""}" data-label="${evaluations[index].stage.name}">${value === undefined ? "–" : measure(name, value, fractional(values))}</td>`,
    )}</tr>`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Comparison"><table id="comparison"${evaluations.length > SIDE_BY_SIDE && trusted(' class="many"')}><caption class="skip-link">Every measure of every evaluation; the best is bold</caption>
<thead><tr><th scope="col">Measure</th>${evaluations.map(({ stage }) => html`<th scope="col" class="n name">${breakable(stage.name)}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`;
}
