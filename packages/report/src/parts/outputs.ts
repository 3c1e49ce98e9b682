import type { Json, StoredOutput } from "@seqloom/core";
import { bytes, count, grouped, measure, title } from "../format.js";
import { type Html, html } from "../html.js";
import { datasetPreview, isObject } from "../preview.js";
import { metricsOf, type StageView } from "../view.js";
import { table } from "./table.js";

/** What an output is, in a few words: `1,000 rows`, `4,823 tokens`, `162,722 weights`. */
export function outputWords(output: StoredOutput): string {
  const preview = isObject(output.preview) ? output.preview : {};
  switch (output.artifact) {
    case "dataset": {
      const data = datasetPreview(output);
      if (data === null) return "dataset";
      const splits = Object.entries(data.splits ?? {}).filter(([, rows]) => rows > 0);
      const parts =
        splits.length > 1 ? ` (${splits.map(([name, rows]) => `${grouped(rows)} ${name}`).join(", ")})` : "";
      return `dataset, ${count(data.rows, "row")}${parts}`;
    }
    case "vocabulary":
      return `vocabulary, ${count(Number(preview.size ?? 0), "token")}`;
    case "model":
      return `model, ${count(weightsOf(preview.weights), "weight")}`;
    case "matrix":
      return `matrix, ${grouped(Number(preview.rows ?? 0))} × ${grouped(Number(preview.columns ?? 0))}`;
    case "files":
      return `${count(Number(preview.count ?? 0), "file")}`;
    default:
      return output.artifact;
  }
}

function weightsOf(weights: Json | undefined): number {
  if (!Array.isArray(weights)) return 0;
  return (weights as readonly Json[]).reduce<number>((sum, weight) => {
    const shape = isObject(weight) && Array.isArray(weight.shape) ? (weight.shape as readonly number[]) : [0];
    return sum + shape.reduce((product, size) => product * size, 1);
  }, 0);
}

/** The outputs with their digests, so that two runs can be compared by eye. */
export function outputList(outputs: Readonly<Record<string, StoredOutput>>): Html | null {
  const entries = Object.entries(outputs);
  if (entries.length === 0) return null;
  return html`<h4>Outputs</h4><dl class="pairs">${entries.map(
    ([port, output]) =>
      html`<div><dt>${port}</dt><dd>${outputWords(output)}<br><span class="mono muted" title="SHA-256 ${output.digest}">${output.digest.slice(0, 12)}</span> <span class="muted">${bytes(
        output.files.reduce((sum, { size }) => sum + size, 0),
      )}</span></dd></div>`,
  )}</dl>`;
}

/** Outputs that are not datasets, shown: words of a vocabulary, numbers, a corner of a matrix, text. */
export function outputFigures(stage: StageView): Html[] {
  const shown = Object.entries(stage.result.outputs).map(([port, output]) => figure(port, output));
  const numbers = metricsOf(stage)
    .filter(({ metrics }) => Object.keys(metrics.values).length > 0)
    .map(
      ({ port, metrics }) =>
        html`<h4>${title(port)}</h4><dl class="pairs">${Object.entries(metrics.values).map(
          ([name, value]) => html`<div><dt>${title(name)}</dt><dd>${measure(name, value)}</dd></div>`,
        )}</dl>`,
    );
  return [...shown.filter((item) => item !== null), ...numbers];
}

function figure(port: string, output: StoredOutput): Html | null {
  const { preview } = output;
  if (output.artifact === "text" && typeof preview === "string")
    return html`<h4>${port}</h4><p class="mono">${preview}</p>`;
  if (!isObject(preview)) return null;
  if (output.artifact === "vocabulary" && Array.isArray(preview.first)) {
    const words = (preview.first as readonly (readonly [string, number])[]).slice(0, 20);
    const rest = Number(preview.size ?? 0) - words.length;
    return html`<h4>${port}: first tokens, with how often they occur</h4><div class="chips">${words.map(
      ([token, times]) => html`<span>${token}<span class="muted"> ${grouped(times)}</span></span>`,
    )}${rest > 0 && html`<span class="rest">+ ${grouped(rest)}</span>`}</div>`;
  }
  if (output.artifact === "matrix" && Array.isArray(preview.corner)) {
    const corner = preview.corner as readonly (readonly number[])[];
    const names = (list: Json | undefined, at: number) => (Array.isArray(list) ? String(list[at] ?? at) : String(at));
    const columns = ["", ...(corner[0] ?? []).map((_, at) => names(preview.columnNames, at))];
    const rows = corner.map((row, at) => [names(preview.rowNames, at), ...row]);
    return html`<h4>${port}: first rows and columns</h4>${table({ columns, rows }, port, false)}`;
  }
  return null;
}
