import { Collector } from "./build.js";
import type { TokensColumn } from "./columns.js";

/**
 * Replaces every token by what `change` makes of its surface form; forms that become equal share one entry.
 * `null` drops the token. `change` is called once per distinct form: its cost grows with the vocabulary, not with the text.
 */
export function mapDictionary(column: TokensColumn, change: (form: string) => string | null): TokensColumn {
  const collector = new Collector();
  const target = Int32Array.from(column.dictionary, (form) => {
    const changed = change(form);
    return changed === null ? -1 : collector.index(changed);
  });
  return compact(regather(column, target, collector.dictionary));
}

/** Keeps the tokens whose surface form passes. */
export function filterDictionary(column: TokensColumn, keep: (form: string) => boolean): TokensColumn {
  return mapDictionary(column, (form) => (keep(form) ? form : null));
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

/** One gather over the indices: `target[i]` is the new index of form i, or -1 to drop it. */
function regather(column: TokensColumn, target: Int32Array, dictionary: readonly string[]): TokensColumn {
  const { indices, offsets } = column;
  const kept = new Int32Array(indices.length);
  const starts = new Int32Array(offsets.length);
  let at = 0;
  for (let row = 0; row + 1 < offsets.length; row++) {
    for (let i = offsets[row]; i < offsets[row + 1]; i++) {
      const index = target[indices[i]];
      if (index >= 0) kept[at++] = index;
    }
    starts[row + 1] = at;
  }
  return { type: "tokens", dictionary, indices: kept.slice(0, at), offsets: starts };
}

/**
 * The same tokens with a dictionary in order of first use and without unused forms, so that equal content always has
 * equal bytes, whatever way it was made.
 */
export function compact(column: TokensColumn): TokensColumn {
  const target = new Int32Array(column.dictionary.length).fill(-1);
  const dictionary: string[] = [];
  const indices = new Int32Array(column.indices.length);
  for (let i = 0; i < indices.length; i++) {
    const form = column.indices[i];
    if (target[form] < 0) target[form] = dictionary.push(column.dictionary[form]) - 1;
    indices[i] = target[form];
  }
  return { type: "tokens", dictionary, indices, offsets: column.offsets };
}
