import type { Json } from "@seqloom/core";
import { type Html, html } from "../html.js";

/** Text longer than this is shown by its beginning and its end, with the whole of it in the tooltip. */
const LONGEST = 44;
/** Values that are longer on one line are shown as a tree. */
const FLOW = 60;

/** Whether a value is too much for a line: then {@link tree} shows it. */
export function isTall(value: Json): boolean {
  return value !== null && typeof value === "object" && flow(value).length > FLOW;
}

/** A value on one line, as YAML would write it. */
export function parameter(value: Json): Html {
  if (value === null) return html`<span class="muted">none</span>`;
  if (typeof value === "string") return value.trim() === "" ? html`<code>${JSON.stringify(value)}</code>` : text(value);
  return typeof value === "object" ? html`<code>${flow(value)}</code>` : html`${String(value)}`;
}

/** A value over several lines, what is inside indented; lists of small things stay on a line. */
export function tree(value: Json): Html {
  if (value === null || typeof value !== "object") return parameter(value);
  if (flow(value).length <= LONGEST) return html`<code>${flow(value)}</code>`;
  const entries = Array.isArray(value) ? value.map((item: Json) => ["–", item] as const) : Object.entries(value);
  return html`<ul class="tree">${entries.map(([name, item]) => html`<li><span class="muted">${name}</span> ${tree(item)}</li>`)}</ul>`;
}

function text(value: string): Html {
  if (value.length <= LONGEST) return html`${value}`;
  return html`<span title="${value}">${value.slice(0, 14)}…${value.slice(14 - LONGEST + 1)}</span>`;
}

function flow(value: Json): string {
  if (typeof value === "string") return /^[\w./@%+-][^,:{}[\]"#]*$/.test(value) ? value : JSON.stringify(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(flow).join(", ")}]`;
  const inner = Object.entries(value).map(([name, item]) => `${name}: ${flow(item)}`);
  return inner.length === 0 ? "{}" : `{ ${inner.join(", ")} }`;
}
