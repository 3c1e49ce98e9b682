import { Collector } from "./build.js";
import type { TokensColumn } from "./columns.js";

/**
 * Replaces every token by what `change` makes of its surface form; `null` drops the token. Forms that become equal share
 * one entry. `change` is called once per distinct form: its cost grows with the vocabulary, not with the text.
 */
export function mapDictionary(column: TokensColumn, change: (form: string) => string | null): TokensColumn {
  const collector = new Collector();
  const target = new Int32Array(column.dictionary.length);
  for (let form = 0; form < target.length; form++) {
    const changed = change(column.dictionary[form]);
    target[form] = changed === null ? -1 : collector.index(changed);
  }
  return gather(column, target, collector.dictionary);
}

/** Keeps the tokens whose surface form passes. */
export function filterDictionary(column: TokensColumn, keep: (form: string) => boolean): TokensColumn {
  const target = new Int32Array(column.dictionary.length);
  for (let form = 0; form < target.length; form++) target[form] = keep(column.dictionary[form]) ? form : -1;
  return gather(column, target, column.dictionary);
}

/** How often each form of the dictionary occurs. */
export function countDictionary(column: TokensColumn): Int32Array {
  const counts = new Int32Array(column.dictionary.length);
  for (const index of column.indices) counts[index]++;
  return counts;
}

/** The words of one row. */
export function tokensOfRow(column: TokensColumn, row: number): string[] {
  const words: string[] = [];
  for (let at = column.offsets[row]; at < column.offsets[row + 1]; at++)
    words.push(column.dictionary[column.indices[at]]);
  return words;
}

/**
 * The same tokens with a dictionary in order of first use and without unused forms, so that equal content always has
 * equal bytes, whatever way it was made.
 */

export function compact(column: TokensColumn): TokensColumn {
  const same = Int32Array.from({ length: column.dictionary.length }, (_, form) => form);
  return gather(column, same, column.dictionary);
}

/** One pass over the indices: old form → `target` (-1 drops it) → its place by first use. */
function gather(column: TokensColumn, target: Int32Array, forms: readonly string[]): TokensColumn {
  const { indices, offsets } = column;
  const rows = offsets.length - 1;
  const places = new Int32Array(forms.length).fill(-1);
  const dictionary: string[] = [];
  const kept = new Int32Array(offsets[rows] - offsets[0]);
  const starts = new Int32Array(offsets.length);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    for (let i = offsets[row]; i < offsets[row + 1]; i++) {
      const form = target[indices[i]];
      if (form < 0) continue;
      if (places[form] < 0) places[form] = dictionary.push(forms[form]) - 1;
      kept[count++] = places[form];
    }
    starts[row + 1] = count;
  }
  return { type: "tokens", dictionary, indices: kept.slice(0, count), offsets: starts };
}
