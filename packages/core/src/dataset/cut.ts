/**
 * @file Cuts a dataset into chunks of rows at places that the rows themselves decide, so that rows put in or taken out
 * change the chunks around them and leave all others as they were.
 */
import type { Column, LabelColumn } from "./columns.js";
import { Dataset } from "./dataset.js";
import { compact } from "./dictionary.js";

/** Sizes of chunks in bytes. */
export interface ChunkSizes {
  /** No boundary before so many bytes. */
  readonly least: number;
  /** After `least`, a boundary comes about every so many bytes. */
  readonly spread: number;
  /** A boundary at the latest here; what is no larger than this in all stays whole. */
  readonly most: number;
}

/** About 4 MB: small enough to compute again after an edit, large enough that a chunk's own costs do not count. */
export const CHUNK_SIZES: ChunkSizes = { least: 2 << 20, spread: 2 << 20, most: 8 << 20 };

/** The chunks of a dataset, made one at a time. `joinDatasets` gives the rows back. */
export function* cutDataset(data: Dataset, sizes: ChunkSizes = CHUNK_SIZES): Generator<Dataset> {
  const columns = [...data.columns.values()];
  const boundaries = boundariesOf(columns, data.rows, sizes);
  if (boundaries.length === 1) return yield data;
  const partial = new Set(columns.filter((column) => column.type === "label" && inOrderOfUse(column)));
  let start = 0;
  for (const end of boundaries) {
    const chunk = data.slice(start, end);
    yield Dataset.of(
      [...chunk.columns].map(([name, column]) => {
        if (column.type === "tokens") return [name, compact(column)] as const;
        if (column.type === "label" && partial.has(data.columns.get(name)!))
          return [name, compactLabels(column)] as const;
        return [name, column] as const;
      }),
      chunk.rows,
    );
    start = end;
  }
}

/** Where chunks end: the last is the number of rows. */
function boundariesOf(columns: readonly Column[], rows: number, { least, spread, most }: ChunkSizes): number[] {
  const total = columns.reduce((sum, column) => sum + totalOf(column), 0);
  if (total <= most) return [rows];
  const sizes = new Float64Array(rows);
  for (const column of columns) for (let row = 0; row < rows; row++) sizes[row] += sizeOf(column, row);
  const ends: number[] = [];
  let size = 0;
  for (let row = 0; row < rows - 1; row++) {
    size += sizes[row];
    if (size < least) continue;
    const chosen = hashOf(columns, row) < (sizes[row] / spread) * 2 ** 32;
    if (!chosen && size + sizes[row + 1] <= most) continue;
    ends.push(row + 1);
    size = 0;
  }
  return [...ends, rows];
}

/** About how many bytes a column takes. */
function totalOf(column: Column): number {
  switch (column.type) {
    case "utf8":
      return column.values.reduce((sum, value) => sum + value.length + 4, 0);
    case "tokens":
    case "tags":
      return (column.indices.length + column.offsets.length) * 4;
    case "label":
      return column.indices.length * 4;
    case "sparse":
      return column.values.byteLength + column.columns.byteLength + column.offsets.byteLength;
    default:
      return column.values.byteLength;
  }
}

/** About how many bytes a row takes. */
function sizeOf(column: Column, row: number): number {
  switch (column.type) {
    case "utf8":
      return column.values[row].length + 4;
    case "number":
      return 8;
    case "integer":
    case "label":
      return 4;
    case "tokens":
    case "tags":
    case "ids":
      return (column.offsets[row + 1] - column.offsets[row] + 1) * 4;
    case "series":
      return (column.offsets[row + 1] - column.offsets[row]) * column.width * 4 + 4;
    case "sparse":
      return (column.offsets[row + 1] - column.offsets[row]) * 8 + 4;
    case "padded":
    case "vector":
      return column.width * 4;
  }
}

/** Characters, tokens or numbers of a cell that decide whether a chunk ends with its row. */
const LOOKED_AT = 32;

/** FNV-1a, 32 bits unsigned, over what the row says, never over indices of dictionaries. */
function hashOf(columns: readonly Column[], row: number): number {
  let hash = 0x811c9dc5;
  const add = (value: number): void => {
    hash = Math.imul(hash ^ value, 0x01000193);
  };
  const addText = (text: string): void => {
    for (let i = Math.min(text.length, LOOKED_AT); i-- > 0; ) add(text.charCodeAt(i));
    add(text.length);
  };
  const addNumbers = (values: ArrayLike<number>, start: number, end: number): void => {
    for (let i = start; i < Math.min(end, start + LOOKED_AT); i++) addBits(values[i], add);
    add(end - start);
  };
  for (const column of columns) {
    switch (column.type) {
      case "utf8":
        addText(column.values[row]);
        break;
      case "number":
      case "integer":
        addBits(column.values[row], add);
        break;
      case "label":
        if (column.indices[row] >= 0) addText(column.dictionary[column.indices[row]]);
        break;
      case "tokens":
      case "tags":
        for (let at = column.offsets[row]; at < Math.min(column.offsets[row + 1], column.offsets[row] + 8); at++) {
          addText(column.dictionary[column.indices[at]] ?? "");
        }
        break;
      case "ids":
        addNumbers(column.values, column.offsets[row], column.offsets[row + 1]);
        break;
      case "sparse":
        addNumbers(column.columns, column.offsets[row], column.offsets[row + 1]);
        addNumbers(column.values, column.offsets[row], column.offsets[row + 1]);
        break;
      case "series":
        addNumbers(column.values, column.offsets[row] * column.width, column.offsets[row + 1] * column.width);
        break;
      case "padded":
      case "vector":
        addNumbers(column.values, row * column.width, (row + 1) * column.width);
    }
  }
  // FNV's high bits lag behind: mix, or rows that differ in their last character would be alike.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}

const BITS = new DataView(new ArrayBuffer(8));

function addBits(value: number, add: (value: number) => void): void {
  BITS.setFloat64(0, Number.isNaN(value) ? Number.NaN : value);
  add(BITS.getInt32(0));
  add(BITS.getInt32(4));
}

/** Whether every entry of the dictionary is used, the first used first: then parts of it can be put together again. */
function inOrderOfUse({ dictionary, indices }: LabelColumn): boolean {
  let next = 0;
  for (const index of indices)
    if (index === next) next++;
    else if (index > next) return false;
  return next === dictionary.length;
}

function compactLabels({ dictionary, indices }: LabelColumn): LabelColumn {
  const places = new Int32Array(dictionary.length).fill(-1);
  const kept: string[] = [];
  const own = indices.map((index) => {
    if (index < 0) return index;
    if (places[index] < 0) places[index] = kept.push(dictionary[index]) - 1;
    return places[index];
  });
  return { type: "label", dictionary: kept, indices: own };
}
