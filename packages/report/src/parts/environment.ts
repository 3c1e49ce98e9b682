import type { RunRecord } from "@seqloom/core";
import { type Html, html } from "../html.js";
import type { RunView } from "../view.js";

/** Where it ran, and with which parameters of the pipeline. */
export function environment({ record, pipeline }: RunView): Html {
  const params = Object.entries(pipeline.params);
  return html`<section id="environment"><h2>Environment</h2><div class="split">${
    params.length > 0 && html`<div><h3>Parameters of the pipeline</h3>${pairs(params)}</div>`
  }<div><h3>Machine and software</h3>${pairs(Object.entries(record.environment))}</div>${origin(record)}</div></section>`;
}

/** The call that started the run, and the commit that the pipeline was at. */
function origin({ command, git }: RunRecord): Html | null {
  const facts: readonly (readonly [string, string])[] = [
    ...(command === undefined ? [] : ([["command", command.join(" ")]] as const)),
    ...(git === undefined ? [] : ([["commit", git.commit]] as const)),
    ...(git?.branch ? ([["branch", git.branch]] as const) : []),
    ...(git?.dirty === undefined ? [] : ([["changes", git.dirty ? "not committed" : "none"]] as const)),
  ];
  return facts.length === 0 ? null : html`<div><h3>Origin</h3>${pairs(facts)}</div>`;
}

function pairs(entries: readonly (readonly [string, unknown])[]): Html {
  return html`<dl class="pairs">${entries.map(
    ([name, value]) =>
      html`<div><dt>${name}</dt><dd>${typeof value === "string" ? value : JSON.stringify(value)}</dd></div>`,
  )}</dl>`;
}
