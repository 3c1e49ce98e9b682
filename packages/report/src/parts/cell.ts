import type { Json } from "@seqloom/core";
import { bars, sparkline } from "../charts/sparkline.js";
import { measured } from "../format.js";
import { type Html, html } from "../html.js";

const CHARACTERS = 320;
const CHIPS = 28;
const NUMBERS = 40;
/** Core's previews hold at most this many items of a sequence: a list of this length was cut. */
const PREVIEWED = 64;
const FEW = 8;
const MOST_PROBABLE = 3;

/** One cell of a sample row, drawn by the type of its column: tokens and sparse values as chips, series as lines, ids as numbers. */
export function cell(value: Json | undefined, type: string): Html | string {
  if (value === null || value === undefined) return html`<span class="missing">–</span>`;
  if (typeof value === "string") return value.length > CHARACTERS ? `${value.slice(0, CHARACTERS)}…` : value;
  if (typeof value === "number") return measured(value);
  if (!Array.isArray(value)) return html`<code>${JSON.stringify(value)}</code>`;
  const items = value as readonly Json[];
  if (items.length === 0) return html`<span class="missing">empty</span>`;
  switch (type) {
    case "tokens":
      return chips(items.map(String));
    case "tags":
      return chips(items.map((item) => (item === null ? "–" : String(item))));
    case "sparse":
      return chips(
        (items as readonly (readonly [Json, number])[]).map(([place, amount]) => `${place} ${measured(amount)}`),
      );
    case "ids":
    case "padded":
      return numbers(items.map(Number));
    case "series":
      return sparkline(items as readonly (number | readonly number[])[]);
    case "vector":
      return items.length <= FEW
        ? html`<span class="ids">${items.map((item) => measured(Number(item))).join("  ")}</span>`
        : bars(items.map(Number));
    default:
      return html`<code>${JSON.stringify(items)}</code>`;
  }
}

/** Probabilities with the names of their classes; of many classes, the most probable ones. */
export function probabilities(value: Json | undefined, classes: readonly string[]): Html | string {
  if (!Array.isArray(value)) return cell(value, "vector");
  const all = classes.map((name, at) => ({ name, share: Number((value as readonly Json[])[at]) }));
  const shown = all.length <= FEW ? all : all.toSorted((a, b) => b.share - a.share).slice(0, MOST_PROBABLE);
  return html`<div class="probabilities">${shown.map(
    ({ name, share }) => html`<span>${name} <b>${measured(share, true)}</b></span>`,
  )}${shown.length < all.length && html`<span class="missing">+ ${all.length - shown.length} classes</span>`}</div>`;
}

function chips(words: readonly string[]): Html {
  const rest = words.length - CHIPS;
  const more = words.length >= PREVIEWED ? "…" : `+ ${rest}`;
  return html`<div class="chips">${words.slice(0, CHIPS).map((word) => html`<span>${word === "" ? "␣" : word}</span>`)}${
    rest > 0 && html`<span class="more">${more}</span>`
  }</div>`;
}

/** Ids in a row; a run of four or more equal ones, as padding gives, is shown once with its length. */
function numbers(values: readonly number[]): Html {
  const parts: Html[] = [];
  let shown = 0;
  let at = 0;
  while (at < values.length && shown < NUMBERS) {
    let end = at + 1;
    while (end < values.length && values[end] === values[at]) end++;
    if (end - at >= 4) {
      parts.push(html`<span class="pad">${values[at]} × ${end - at}${end >= PREVIEWED && "+"}</span> `);
    } else {
      end = at + 1;
      parts.push(html`${values[at]} `);
    }
    shown++;
    at = end;
  }
  return html`<span class="ids">${parts}${(at < values.length || values.length >= PREVIEWED) && "…"}</span>`;
}
