import type { MetricsTable } from "@seqloom/core";
import { fractional, measure, title } from "../format.js";
import { breakable, type Html, html } from "../html.js";

/**
 * A table as HTML: numbers to the right with the same number of decimals, text to the left.
 * @param measures Whether the columns are named by what they measure; in a matrix a column `loss` may be a word.
 */
export function table({ columns, rows }: MetricsTable, label: string, measures = true): Html {
  const numeric = columns.map(
    (_, at) =>
      rows.some((row) => typeof row[at] === "number") &&
      rows.every((row) => typeof row[at] !== "string" || row[at] === ""),
  );
  const decimals = columns.map((_, at) => fractional(rows.map((row) => row[at])));
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table>
<thead><tr>${columns.map((name, at) => html`<th scope="col" class="${numeric[at] ? "n" : ""}">${breakable(measures ? title(name) : name)}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr>${columns.map((_, at) => html`<td class="${numeric[at] ? "n" : ""}">${cellText(row[at], measures ? columns[at] : "", decimals[at])}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}

/** A cell of a metrics table. */
export function cellText(value: string | number | null | undefined, column: string, decimals = false): string {
  if (value === null || value === undefined) return "";
  return typeof value === "number" ? measure(column, value, decimals) : value;
}
