import type { MetricsTable } from "@seqloom/core";
import { fractional, measured, title } from "../format.js";
import { type Html, html } from "../html.js";

/** A table of metrics as HTML: numbers to the right with the same number of decimals, text to the left. */
export function table({ columns, rows }: MetricsTable, label: string): Html {
  const numeric = columns.map(
    (_, at) =>
      rows.some((row) => typeof row[at] === "number") &&
      rows.every((row) => typeof row[at] !== "string" || row[at] === ""),
  );
  const decimals = columns.map((_, at) => fractional(rows.map((row) => row[at])));
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table>
<thead><tr>${columns.map((name, at) => html`<th scope="col" class="${numeric[at] ? "n" : ""}">${title(name)}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr>${columns.map((_, at) => html`<td class="${numeric[at] ? "n" : ""}">${cellText(row[at], decimals[at])}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}

/** A cell of a metrics table. */
export function cellText(value: string | number | null | undefined, decimals = false): string {
  if (value === null || value === undefined) return "";
  return typeof value === "number" ? measured(value, decimals) : value;
}
