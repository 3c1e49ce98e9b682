/** @file Columns that grow by a value per row, and what can be wrong with a value. */
import {
  Collector,
  type Column,
  type ColumnType,
  integers,
  type LabelColumn,
  numbers,
  type SeriesColumn,
  type TagsColumn,
  type TokensColumn,
  utf8,
  type VectorColumn,
} from "@seqloom/core";
import { SPLITS } from "./splits.js";

/** The column types that a loader can give. */
export const CELL_TYPES = ["utf8", "label", "number", "integer", "tokens", "series", "vector"] as const;
export type CellType = (typeof CELL_TYPES)[number];

/** Names that have one meaning in every pipeline, and so a type. */
const CONVENTIONS: Readonly<Record<string, CellType>> = {
  text: "utf8",
  id: "utf8",
  label: "label",
  group: "label",
  split: "label",
  tokens: "tokens",
  series: "series",
  vector: "vector",
};

/** The type of a column that does not say its own: by its name, or else text. */
export function typeByName(name: string): CellType {
  return Object.hasOwn(CONVENTIONS, name) ? CONVENTIONS[name] : "utf8";
}

/** A value that does not fit. The reader that knows where it stands turns it into a diagnostic. */
export class CellProblem extends Error {
  readonly code: string;
  readonly hint: string;
  /** The place of the cell in its row, where that has places. */
  readonly field: number;

  constructor(code: string, message: string, hint: string, field = 0) {
    super(message);
    this.code = code;
    this.hint = hint;
    this.field = field;
  }
}

/** A column in the making. */
export interface Sink<T> {
  add(value: T): void;
  finish(): Column;
}

export function textSink(): Sink<string> {
  const values: string[] = [];
  return { add: (value) => void values.push(value), finish: () => utf8(values) };
}

export function labelSink(dictionary: readonly string[] = []): Sink<string | null> {
  const collector = new Collector(dictionary);
  const indices: number[] = [];
  return {
    add: (value) => void indices.push(value === null ? -1 : collector.index(value)),
    finish: (): LabelColumn => ({
      type: "label",
      dictionary: collector.dictionary,
      indices: Int32Array.from(indices),
    }),
  };
}

export function numberSink(type: ColumnType & ("number" | "integer")): Sink<number> {
  const values: number[] = [];
  return {
    add: (value) => void values.push(value),
    finish: () => (type === "number" ? numbers(values) : integers(values)),
  };
}

export function tokensSink(): Sink<readonly string[]> {
  const collector = new Collector();
  const indices: number[] = [];
  const offsets = [0];
  return {
    add: (words) => {
      for (const word of words) indices.push(collector.index(word));
      offsets.push(indices.length);
    },
    finish: (): TokensColumn => ({
      type: "tokens",
      dictionary: collector.dictionary,
      indices: Int32Array.from(indices),
      offsets: Int32Array.from(offsets),
    }),
  };
}

export function tagsSink(): Sink<readonly (string | null)[]> {
  const flat = labelSink();
  const offsets = [0];
  return {
    add: (row) => {
      for (const tag of row) flat.add(tag);
      offsets.push((offsets.at(-1) ?? 0) + row.length);
    },
    finish: (): TagsColumn => {
      const { dictionary, indices } = flat.finish() as LabelColumn;
      return { type: "tags", dictionary, indices, offsets: Int32Array.from(offsets) };
    },
  };
}

/** The values of a row one after the other: for a series `width` to a step, for a vector all of them. */
export interface Numbers {
  readonly values: readonly number[];
  readonly width: number;
}

/** Rows of numbers; `known`, or else the width of the first row that has one, is that of all. */
export function numbersSink(type: "series" | "vector", known = -1): Sink<Numbers> {
  const flat: number[] = [];
  const offsets = [0];
  let width = known;
  return {
    add: (row) => {
      if (width < 0 && (type === "vector" || row.values.length > 0)) width = row.width;
      if (row.width !== width && (type === "vector" || row.values.length > 0)) {
        const unit = type === "vector" ? "a vector" : "a step";
        const hint = `Every row must have as many numbers ${type === "vector" ? "" : "per step "}as the first.`;
        throw new CellProblem("width-differs", `${unit} of ${row.width} numbers after ${unit} of ${width}`, hint);
      }
      for (const value of row.values) flat.push(value);
      offsets.push(flat.length / Math.max(width, 1));
    },
    finish: (): SeriesColumn | VectorColumn => {
      const values = Float32Array.from(flat);
      if (type === "vector") return { type, values, width: Math.max(width, 0) };
      return { type, values, offsets: Int32Array.from(offsets), width: Math.max(width, 1) };
    },
  };
}

/** What to call a label of a file; that of a `split` column must be a split. */
export function labelOf(value: string, names: Readonly<Record<string, string>>, isSplit: boolean, field = 0): string {
  const label = Object.hasOwn(names, value) ? names[value] : value;
  if (isSplit && !(SPLITS as readonly string[]).includes(label)) {
    const hint = `Rows are in ${SPLITS.join(", ")}. If it means one of these, say so: names: { ${label || '""'}: validation }.`;
    throw new CellProblem("split-unknown", `"${label}" is no split`, hint, field);
  }
  return label;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The number that a text says, or undefined. Only plain decimal notation: no hexadecimal, no thousands, no words. */
export function parseNumber(text: string): number | undefined {
  const trimmed = text.trim();
  if (!NUMBER.test(trimmed)) return undefined;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : undefined;
}

/** Whether an `integer` column can hold it. */
export function isInt32(value: number): boolean {
  return Number.isInteger(value) && value >= -0x8000_0000 && value <= 0x7fff_ffff;
}
