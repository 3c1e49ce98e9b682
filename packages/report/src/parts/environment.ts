import { type Html, html } from "../html.js";
import type { RunView } from "../view.js";

/** Where it ran, and with which parameters of the pipeline. */
export function environment({ record, pipeline }: RunView): Html {
  const params = Object.entries(pipeline.params);
  const pairs = (entries: readonly (readonly [string, unknown])[]) =>
    html`<dl class="pairs">${entries.map(
      ([name, value]) =>
        html`<div><dt>${name}</dt><dd>${typeof value === "string" ? value : JSON.stringify(value)}</dd></div>`,
    )}</dl>`;
  return html`<section id="environment"><h2>Environment</h2><div class="split">${
    params.length > 0 && html`<div><h3>Parameters of the pipeline</h3>${pairs(params)}</div>`
  }<div><h3>Machine and software</h3>${pairs(Object.entries(record.environment))}</div></div></section>`;
}
