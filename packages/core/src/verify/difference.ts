/** @file Where two values of one artifact type differ first, and by how much at most: what a person needs to find the cause. */
import { type Column, rowsOf } from "../dataset/columns.js";
import type { Dataset } from "../dataset/dataset.js";
import { tokensOfRow } from "../dataset/dictionary.js";

/** How two values differ. */
export interface Difference {
  /** The first place: `row 3, column text`, or a path such as `weights lstm/kernel values 12`. */
  readonly where: string;
  readonly before: string;
  readonly after: string;
  /** How many rows of a dataset, or numbers and other leaves of any other value, differ. */
  readonly count: number;
  readonly of: number;
  /** The largest difference of two numbers at the same place; null where no finite ones differ. */
  readonly largest: number | null;
}

/** Collects differences while two values are walked side by side. */
class Found {
  first: { readonly where: string; readonly before: string; readonly after: string } | null = null;
  count = 0;
  of = 0;
  largest: number | null = null;

  /** Two leaves: numbers count as equal only when all their bits that can be seen are, -0 and 0 are not. */
  compare(before: unknown, after: unknown, where: () => string): boolean {
    if (Object.is(before, after)) return true;
    this.first ??= { where: where(), before: shown(before), after: shown(after) };
    const gap = typeof before === "number" && typeof after === "number" ? Math.abs(before - after) : Number.NaN;
    if (Number.isFinite(gap)) this.largest = Math.max(this.largest ?? 0, gap);
    return false;
  }
}

/** Where two values differ, or null when nothing but their encoding does. */
export function differenceOf(before: unknown, after: unknown): Difference | null {
  const found = new Found();
  if (isDataset(before) && isDataset(after)) walkDataset(found, before, after);
  else walk(found, before, after, []);
  const { first, count, of, largest } = found;
  return first === null ? null : { ...first, count, of, largest };
}

/** By its shape: a stage may use another copy of this package. */
function isDataset(value: unknown): value is Dataset {
  return (value as Partial<Dataset> | null)?.columns instanceof Map;
}

function walkDataset(found: Found, before: Dataset, after: Dataset): void {
  const names = [...new Set([...before.columns.keys(), ...after.columns.keys()])];
  found.compare([...before.columns.keys()].join(", "), [...after.columns.keys()].join(", "), () => "its columns");
  found.compare(before.rows, after.rows, () => "the number of rows");
  found.of = Math.max(before.rows, after.rows);
  // What only one of the two has says enough about size; how much numbers differ is asked of those that both have.
  found.largest = null;
  found.count = Math.abs(before.rows - after.rows);
  for (let row = 0; row < Math.min(before.rows, after.rows); row++) {
    let same = true;
    for (const name of names) {
      const [a, b] = [before.columns.get(name), after.columns.get(name)];
      if (a === undefined || b === undefined) continue;
      const place = `row ${row}, column ${name}`;
      if (!walkCell(found, cellOf(a, row), cellOf(b, row), place)) same = false;
    }
    if (!same) found.count++;
  }
}

/** A cell is compared number by number; what is shown is the first that differs. */
function walkCell(found: Found, before: Cell, after: Cell, place: string): boolean {
  if (typeof before !== "object" || typeof after !== "object" || before === null || after === null) {
    return found.compare(before, after, () => place);
  }
  let same = found.compare(before.length, after.length, () => `${place}, its length`);
  for (let i = 0; i < Math.min(before.length, after.length); i++) {
    if (!found.compare(before[i], after[i], () => `${place}, item ${i}`)) same = false;
  }
  return same;
}

type Cell = string | number | null | ArrayLike<string | number>;

function cellOf(column: Column, row: number): Cell {
  if (row >= rowsOf(column)) return null;
  switch (column.type) {
    case "utf8":
    case "number":
    case "integer":
      return column.values[row];
    case "label":
      return column.indices[row] < 0 ? null : column.dictionary[column.indices[row]];
    case "tokens":
      return tokensOfRow(column, row);
    case "tags":
      return Array.from(
        column.indices.subarray(column.offsets[row], column.offsets[row + 1]),
        (index) => column.dictionary[index] ?? -1,
      );
    case "ids":
      return column.values.subarray(column.offsets[row], column.offsets[row + 1]);
    case "series":
      return column.values.subarray(column.offsets[row] * column.width, column.offsets[row + 1] * column.width);
    case "sparse": {
      const range = [column.offsets[row], column.offsets[row + 1]] as const;
      const places = column.columns.subarray(...range);
      return Array.from(column.values.subarray(...range)).flatMap((value, i) => [places[i], value]);
    }
    case "padded":
    case "vector":
      return column.values.subarray(row * column.width, (row + 1) * column.width);
  }
}

type Path = readonly (string | number)[];

/** Any other value: maps, objects, lists and arrays of numbers down to their leaves. */
function walk(found: Found, before: unknown, after: unknown, path: Path): void {
  const [a, b] = [childrenOf(before), childrenOf(after)];
  if (a === null || b === null) {
    found.of++;
    if (!found.compare(before, after, () => path.join(" ") || "the value")) found.count++;
    return;
  }
  for (const key of new Set([...a.keys(), ...b.keys()])) walk(found, a.get(key), b.get(key), [...path, key]);
}

function childrenOf(value: unknown): Pick<ReadonlyMap<string | number, unknown>, "keys" | "get"> | null {
  if (value instanceof Map) return value;
  if (ArrayBuffer.isView(value) || Array.isArray(value)) {
    const list = value as unknown as readonly unknown[];
    return { keys: () => list.keys() as MapIterator<number>, get: (at) => list[at as number] };
  }
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)) : null;
}

const LONGEST = 60;

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Object.is(value, -0)) return "-0";
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
