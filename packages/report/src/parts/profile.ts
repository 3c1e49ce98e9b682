import type { ProfileRow } from "@seqloom/core";
import { duration, grouped, partsOf, percent } from "../format.js";
import { type Html, html } from "../html.js";
import type { RunView, StageView } from "../view.js";

/** Where the time of training and of prediction went: a table for each part of the stages that this run profiled. */
export function profile({ stages }: RunView): Html | null {
  const profiled = stages.flatMap((stage) =>
    partsOf(stage.result.profile ?? []).map(([part, rows]) => block(stage, part, rows)),
  );
  if (profiled.length === 0) return null;
  return html`<section id="profile"><h2>Profile</h2>${profiled}</section>`;
}

function block({ name, anchor }: StageView, part: string, rows: readonly ProfileRow[]): Html {
  const total = rows.reduce((sum, { ms }) => sum + ms, 0);
  const calls = rows.reduce((sum, row) => sum + row.calls, 0);
  const longest = Math.max(...rows.map(({ ms }) => ms), 0);
  return html`<div class="block"><h3><a href="#${anchor}">${name}</a>${part === "" ? "" : ` ${part}`}</h3><p class="muted small">${duration(total)} · ${grouped(calls)} calls of kernels</p>
<div class="scroll" tabindex="0" role="region" aria-label="Profile of ${name} ${part}"><table class="profile">
<thead><tr><th scope="col">kernel</th><th scope="col" class="n">calls</th><th scope="col" class="n">ms</th><th scope="col" class="n">share</th><th scope="col"></th></tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr><td>${row.name}</td><td class="n">${row.calls === 0 ? "" : grouped(row.calls)}</td><td class="n">${row.ms.toFixed(2)}</td><td class="n">${percent(share(row.ms, total))}</td><td><div class="track" aria-hidden="true"><i style="width:${(share(row.ms, longest) * 100).toFixed(2)}%"></i></div></td></tr>`,
  )}</tbody></table></div></div>`;
}

function share(ms: number, of: number): number {
  return of === 0 ? 0 : ms / of;
}
