import type {
  IdsColumn,
  IntegerColumn,
  LabelColumn,
  NumberColumn,
  SeriesColumn,
  SparseColumn,
  TagsColumn,
  TokensColumn,
  Utf8Column,
} from "./columns.js";

/** A text column. */
export function utf8(values: readonly string[]): Utf8Column {
  return { type: "utf8", values };
}

/** A float64 column. */
export function numbers(values: ArrayLike<number>): NumberColumn {
  return { type: "number", values: Float64Array.from(values) };
}

/** An int32 column. */
export function integers(values: ArrayLike<number>): IntegerColumn {
  return { type: "integer", values: Int32Array.from(values) };
}

/** A label column; the dictionary is in order of first appearance unless `dictionary` gives another. `null` is "not known". */
export function labels(values: readonly (string | null)[], dictionary: readonly string[] = []): LabelColumn {
  const collector = new Collector(dictionary);
  const indices = Int32Array.from(values, (value) => (value === null ? -1 : collector.index(value)));
  return { type: "label", dictionary: collector.dictionary, indices };
}

/** A tokens column from a list of words per row; the dictionary is in order of first appearance. */
export function tokens(rows: readonly (readonly string[])[]): TokensColumn {
  const collector = new Collector([]);
  const offsets = offsetsOf(rows);
  const indices = new Int32Array(offsets[rows.length]);
  let at = 0;
  for (const row of rows) for (const word of row) indices[at++] = collector.index(word);
  return { type: "tokens", dictionary: collector.dictionary, indices, offsets };
}

/** A tags column from a list of class names per row; the dictionary is in order of first appearance. `null` is "none here". */
export function tags(rows: readonly (readonly (string | null)[])[], dictionary: readonly string[] = []): TagsColumn {
  const { dictionary: names, indices } = labels(rows.flat(), dictionary);
  return { type: "tags", dictionary: names, indices, offsets: offsetsOf(rows) };
}

/** An ids column from a list of ids per row; `vocabulary` is the fingerprint of what they are ids of. */
export function ids(rows: readonly (readonly number[])[], size: number, vocabulary?: string): IdsColumn {
  const values = Int32Array.from(rows.flat());
  return { type: "ids", values, offsets: offsetsOf(rows), size, ...(vocabulary !== undefined && { vocabulary }) };
}

/** A series column from a list of steps per row, each step a list of `width` values. */
export function series(rows: readonly (readonly (readonly number[])[])[], width: number): SeriesColumn {
  return { type: "series", values: Float32Array.from(rows.flat(2)), offsets: offsetsOf(rows), width };
}

/**
 * A sparse column from a list of places and values per row, in any order.
 * @param names of the places, or how many there are
 */
export function sparse(
  rows: readonly (readonly (readonly [place: number, value: number])[])[],
  names: readonly string[] | number,
): SparseColumn {
  const entries = rows.flatMap((row) => row.toSorted(([a], [b]) => a - b));
  return {
    type: "sparse",
    values: Float32Array.from(entries, ([, value]) => value),
    columns: Int32Array.from(entries, ([place]) => place),
    offsets: offsetsOf(rows),
    ...(typeof names === "number" ? { width: names } : { width: names.length, names }),
  };
}

function offsetsOf(rows: readonly (readonly unknown[])[]): Int32Array {
  const offsets = new Int32Array(rows.length + 1);
  for (let row = 0; row < rows.length; row++) offsets[row + 1] = offsets[row] + rows[row].length;
  return offsets;
}

/** Gives each distinct string the next index: how dictionaries of tokens and labels are made. */
export class Collector {
  readonly dictionary: string[];
  readonly #indices: Map<string, number>;

  constructor(dictionary: readonly string[] = []) {
    this.dictionary = [...dictionary];
    this.#indices = new Map(dictionary.map((word, index) => [word, index]));
  }

  index(word: string): number {
    const known = this.#indices.get(word);
    if (known !== undefined) return known;
    this.#indices.set(word, this.dictionary.length);
    return this.dictionary.push(word) - 1;
  }
}
