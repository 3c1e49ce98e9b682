/** @file Which cells of a row make which column of the dataset. */
import { type Column, type Columns, didYouMean, type ParamProblem } from "@seqloom/core";
import { z } from "zod";
import {
  CELL_TYPES,
  CellProblem,
  type CellType,
  isInt32,
  labelOf,
  labelSink,
  numberSink,
  numbersSink,
  parseNumber,
  textSink,
  tokensSink,
  typeByName,
} from "../sinks.js";
import { SPLITS } from "../splits.js";

const header = z.union([z.string().min(1), z.int().min(0)]);

const column = z.strictObject({
  from: z
    .union([header, z.array(header).min(1)])
    .describe('Header of the column in the file; a range of them, such as "0..54"; or a list'),
  as: z.enum(CELL_TYPES).optional().describe("Type of the column; by default that of its name, or utf8"),
  pad: z.string().optional().describe("tokens, series: cells with this value are dropped from the ends of the row"),
  names: z.record(z.string(), z.string()).optional().describe("label: what to call a value of the file"),
});

/** The schema of the parameter `columns`. */
export const columnsParam = z
  .record(z.string().min(1), z.union([header, z.array(header).min(1), column]))
  .describe("Columns of the dataset: name → header, range or list of headers, or { from, as, pad, names }");

export type ColumnsParam = z.output<typeof columnsParam>;

/** A column as the loader reads it. */
export interface ColumnSpec {
  readonly name: string;
  readonly type: CellType;
  readonly from: readonly string[];
  /** Whether the headers are a list: then one cell is one token, even when the list has one header only. */
  readonly listed: boolean;
  readonly pad: string | undefined;
  readonly names: Readonly<Record<string, string>>;
}

const RANGE = /^(.+?)(?:\.\.\.?|…)(.+)$/;
const WIDE: readonly CellType[] = ["tokens", "series", "vector"];

/** The columns that the parameters ask for, in their order. */
export function columnSpecs(columns: ColumnsParam): ColumnSpec[] {
  return Object.entries(columns).map(([name, given]) => {
    const plain = typeof given !== "object" || Array.isArray(given);
    const { from, as, pad, names } = plain ? { from: given, as: undefined } : given;
    const listed = Array.isArray(from);
    const headers = (listed ? from : [from]).map(String);
    return { name, type: as ?? typeByName(name), from: headers, listed, pad, names: names ?? {} };
  });
}

/** Names and types of these columns. */
export function columnTypes(specs: readonly ColumnSpec[]): Columns {
  return Object.fromEntries(specs.map(({ name, type }) => [name, type]));
}

/** What the schema cannot say of `columns`. */
export function columnProblems(columns: ColumnsParam): ParamProblem[] {
  const specs = columnSpecs(columns);
  if (specs.length === 0)
    return [{ path: ["columns"], message: "no column is named", hint: "Write { text: header }." }];
  return specs.flatMap(({ name, type, listed, pad, names }): ParamProblem[] => {
    const problem = (message: string, hint: string): ParamProblem => ({ path: ["columns", name], message, hint });
    if (name === "split" && type !== "label") return [problem("split must be a label", "Leave out as.")];
    if (listed && !WIDE.includes(type)) {
      return [problem(`a list of cells cannot be ${type}`, "Set as: tokens, as: series, or as: vector.")];
    }
    if (pad !== undefined && type !== "tokens" && type !== "series") {
      return [problem(`pad has no meaning for ${type}`, "It is for tokens and series.")];
    }
    const named = Object.keys(names).length > 0;
    return named && type !== "label" ? [problem(`names has no meaning for ${type}`, "It is for labels.")] : [];
  });
}

/** The places of a column's cells among the headers. */
export function placesOf(spec: ColumnSpec, headers: readonly string[]): number[] {
  const placeOf = (name: string): number => {
    const place = headers.indexOf(name);
    if (place < 0) {
      throw new CellProblem("csv-column-missing", `there is no column "${name}"`, didYouMean(name, headers, "column"));
    }
    if (headers.indexOf(name, place + 1) >= 0) {
      const hint = "Give the columns other names: header: [name, name, …].";
      throw new CellProblem("csv-column-twice", `two columns have the name "${name}"`, hint, place);
    }
    return place;
  };
  return spec.from.flatMap((name) => {
    // A header may have dots in it, as a question has: what is there is no range.
    const range = headers.includes(name) ? null : RANGE.exec(name);
    if (range !== null && !WIDE.includes(spec.type)) {
      const hint = `If it is a range of columns, it cannot be ${spec.type}: set as: tokens, as: series, or as: vector.`;
      throw new CellProblem("csv-column-missing", `there is no column "${name}"`, hint);
    }
    if (range === null) return [placeOf(name)];
    const [first, last] = [placeOf(range[1].trim()), placeOf(range[2].trim())];
    if (first > last) {
      const hint = `Write "${range[2].trim()}..${range[1].trim()}".`;
      throw new CellProblem("csv-range", `"${name}": the first of the range comes after its last`, hint, last);
    }
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** Reads one column from the rows of files. */
export interface CsvColumn {
  /** `places` are those of the column's cells in this file. */
  add(cells: readonly string[], places: readonly number[]): void;
  finish(): Column;
}

/** A reader for a column; `missing` are the cells that stand for "no value", `width` is that of rows before. */
export function csvColumn(spec: ColumnSpec, missing: ReadonlySet<string>, width?: number): CsvColumn {
  const { type, names, pad } = spec;
  const number = (cells: readonly string[], place: number): number => {
    const text = cells[place];
    if (missing.has(text)) return Number.NaN;
    const value = parseNumber(text);
    if (value !== undefined) return value;
    const hint =
      "If it stands for a missing value, add it to missing; if the column is text, set as: utf8 or as: label.";
    throw new CellProblem("csv-number", `"${text}" is not a number`, hint, place);
  };
  switch (type) {
    case "utf8": {
      const sink = textSink();
      return { add: (cells, [place]) => sink.add(cells[place]), finish: sink.finish };
    }
    case "label": {
      const split = spec.name === "split";
      const sink = labelSink(split ? SPLITS : []);
      const add = (cells: readonly string[], [place]: readonly number[]): void => {
        const label = labelOf(cells[place], names, split, place);
        sink.add(label === "" ? null : label);
      };
      return { add, finish: sink.finish };
    }
    case "number": {
      const sink = numberSink(type);
      return { add: (cells, [place]) => sink.add(number(cells, place)), finish: sink.finish };
    }
    case "integer": {
      const sink = numberSink(type);
      const add = (cells: readonly string[], [place]: readonly number[]): void => {
        const value = number(cells, place);
        const hint = "Set as: number for fractions, large numbers and missing values.";
        if (!isInt32(value)) throw new CellProblem("csv-number", `"${cells[place]}" is not an integer`, hint, place);
        sink.add(value);
      };
      return { add, finish: sink.finish };
    }
    case "tokens": {
      const sink = tokensSink();
      const add = (cells: readonly string[], places: readonly number[]): void =>
        sink.add(
          spec.listed || places.length > 1
            ? kept(cells, places, pad).map((place) => cells[place])
            : wordsOf(cells[places[0]], pad),
        );
      return { add, finish: sink.finish };
    }
    case "series":
    case "vector": {
      const sink = numbersSink(type, width);
      const add = (cells: readonly string[], places: readonly number[]): void => {
        const values = kept(cells, places, pad).map((place) => number(cells, place));
        sink.add({ values, width: type === "series" ? 1 : values.length });
      };
      return { add, finish: sink.finish };
    }
  }
}

/** The places without those at either end whose cell is padding. */
function kept(cells: readonly string[], places: readonly number[], pad: string | undefined): readonly number[] {
  let start = 0;
  let end = places.length;
  if (pad === undefined) return places;
  while (end > start && cells[places[end - 1]] === pad) end--;
  while (start < end && cells[places[start]] === pad) start++;
  return places.slice(start, end);
}

/** The words of one cell: what white space parts. */
function wordsOf(cell: string, pad: string | undefined): readonly string[] {
  const words = cell.split(/\s+/).filter((word) => word !== "");
  return kept(
    words,
    words.map((_, place) => place),
    pad,
  ).map((place) => words[place]);
}
