import type { JsonObject } from "@seqloom/core";
import { count, grouped } from "../format.js";
import { type Html, html } from "../html.js";
import { type ColumnPreview, type DatasetPreview, datasetPreview } from "../preview.js";
import { inputData, type RunView, type StageView } from "../view.js";
import { cell, probabilities } from "./cell.js";

const ROWS = 3;
const CONTENT = new Set(["utf8", "tokens", "tags", "ids", "padded", "series", "vector", "sparse"]);

/** What a stage did to the rows: which columns it changed, and whether rows can be compared one by one. */
export interface Change {
  readonly changed: readonly ColumnPreview[];
  readonly kept: readonly string[];
  readonly dropped: readonly string[];
  /** Whether row i after is row i before: the same number of rows, and equal cells in the columns that are in both. */
  readonly aligned: boolean;
}

/** Compares a dataset before and after a stage by its preview. */
export function changeOf(before: DatasetPreview, after: DatasetPreview): Change {
  const old = new Map(before.columns.map((column) => [column.name, column]));
  const changed = after.columns.filter((column) => {
    const was = old.get(column.name);
    return was === undefined || was.type !== column.type || !sameCells(column.name, before.sample, after.sample);
  });
  const kept = after.columns.filter((column) => !changed.includes(column)).map(({ name }) => name);
  const names = new Set(after.columns.map(({ name }) => name));
  const dropped = before.columns.filter(({ name }) => !names.has(name)).map(({ name }) => name);
  // When rows are filtered or put in another order, most columns "change": then there is nothing to compare row by row.
  const aligned = before.rows === after.rows && (kept.length > 0 || after.columns.length <= 1);
  return { changed, kept, dropped, aligned };
}

function sameCells(name: string, before: readonly JsonObject[], after: readonly JsonObject[]): boolean {
  return before.every((row, at) => JSON.stringify(row[name]) === JSON.stringify(after[at]?.[name]));
}

/** Sample rows of a stage: what went in, what came out, with the columns that it changed marked. */
export function samples(view: RunView, stage: StageView): Html | null {
  const output = withClasses(mainDataset(stage), stage);
  if (output === null || output.sample.length === 0)
    return output && html`<p class="muted small">${count(output.rows, "row")}.</p>`;
  const input = inputData(view, stage);
  if (input === null) return rowsTable(output, output.columns, "First rows", stage.name);
  const change = changeOf(input.data, output);
  const size = input.data.rows === output.rows ? "" : `${grouped(input.data.rows)} → ${count(output.rows, "row")}. `;
  if (!change.aligned) {
    return html`${rowsTable(output, output.columns, "First rows after", stage.name)}<p class="muted small">${size}Rows are others, or in another order, than before.</p>`;
  }
  if (change.changed.length === 0) return html`<p class="muted small">${size}No column changed.</p>`;
  const before = sourcesOf(view, stage, input.data, change);
  return html`${pairTable(input.data, before, output, change.changed, stage.name)}${notes(change)}`;
}

/** The dataset with the classes of its predictions as the names of its probabilities, where there are as many. */
function withClasses(data: DatasetPreview | null, { node }: StageView): DatasetPreview | null {
  const names = node?.columns ?? {};
  const called = (name: string) => (Object.hasOwn(names, name) ? names[name] : name);
  const prediction = data?.columns.find(({ name, type }) => name === called("prediction") && type === "label");
  const classes = prediction?.details.classes;
  if (data === null || !Array.isArray(classes)) return data;
  const columns = data.columns.map((column) =>
    column.name === called("probabilities") && column.details.width === classes.length
      ? { ...column, details: { ...column.details, classes } }
      : column,
  );
  return { ...data, columns };
}

/** The dataset that a stage gives: its port `data`, or else its first. */
export function mainDataset(stage: StageView): DatasetPreview | null {
  const { outputs } = stage.result;
  for (const port of ["data", ...Object.keys(outputs)]) {
    const data = datasetPreview(outputs[port]);
    if (data !== null) return data;
  }
  return null;
}

/** The columns to show as "before": changed ones as they were; for new ones, the content that the stages before worked on. */
function sourcesOf(view: RunView, stage: StageView, before: DatasetPreview, change: Change): readonly ColumnPreview[] {
  const names = new Set(change.changed.map(({ name }) => name));
  const wasThere = before.columns.filter(({ name }) => names.has(name));
  const isNew = change.changed.some(({ name }) => !before.columns.some((column) => column.name === name));
  if (!isNew || wasThere.some(({ type }) => CONTENT.has(type))) return wasThere;
  const content = latestContent(view, stage);
  return [...before.columns.filter(({ name, type }) => content.has(name) && CONTENT.has(type)), ...wasThere];
}

/** The content columns that the nearest stage above changed. */
function latestContent(view: RunView, stage: StageView): Set<string> {
  const input = inputData(view, stage);
  if (input === null) return new Set();
  const above = inputData(view, input.stage);
  const columns = above === null ? input.data.columns : changeOf(above.data, input.data).changed;
  const names = columns.filter(({ type }) => CONTENT.has(type)).map(({ name }) => name);
  return names.length > 0 ? new Set(names) : latestContent(view, input.stage);
}

function rowsTable(data: DatasetPreview, columns: readonly ColumnPreview[], caption: string, stage: string): Html {
  return html`<h4>${caption}</h4><table class="sample" aria-label="${caption} of ${stage}"><thead><tr>${columns.map((column) => heading(column, false))}</tr></thead>
<tbody>${data.sample.slice(0, ROWS).map((row) => html`<tr>${columns.map((column) => dataCell(row, column, false, ""))}</tr>`)}</tbody></table>`;
}

function pairTable(
  before: DatasetPreview,
  old: readonly ColumnPreview[],
  after: DatasetPreview,
  changed: readonly ColumnPreview[],
  stage: string,
): Html {
  const rows = after.sample
    .slice(0, ROWS)
    .map(
      (row, at) =>
        html`<tr>${old.map((column) => dataCell(before.sample[at] ?? {}, column, false, "before: "))}${changed.map((column) => dataCell(row, column, true, "after: "))}</tr>`,
    );
  return html`<h4>Sample rows, before → after</h4><table class="sample" aria-label="Sample rows before and after ${stage}"><thead><tr>${old.map((column) => heading(column, false))}${changed.map((column) => heading(column, true))}</tr></thead><tbody>${rows}</tbody></table>`;
}

function heading({ name, type, details }: ColumnPreview, changed: boolean): Html {
  const width = typeof details.width === "number" ? ` × ${details.width}` : "";
  return html`<th scope="col" class="${CONTENT.has(type) ? "" : "short"}${changed && " new"}">${changed && "→ "}${name}<span class="type">${type}${width}</span></th>`;
}

function dataCell(row: JsonObject, { name, type, details }: ColumnPreview, changed: boolean, prefix: string): Html {
  const classes = Array.isArray(details.classes) ? (details.classes as readonly string[]) : [];
  const content = type === "vector" && classes.length > 0 ? probabilities(row[name], classes) : cell(row[name], type);
  return html`<td class="${CONTENT.has(type) ? "" : "short"}${changed && " new"}" data-label="${prefix}${name}">${content}</td>`;
}

function notes({ kept, dropped }: Change): Html | null {
  const parts = [
    ...(kept.length > 0 ? [`Kept as they were: ${kept.join(", ")}.`] : []),
    ...(dropped.length > 0 ? [`Dropped: ${dropped.join(", ")}.`] : []),
  ];
  return parts.length === 0 ? null : html`<p class="muted small" style="margin-top:.5rem">${parts.join(" ")}</p>`;
}
