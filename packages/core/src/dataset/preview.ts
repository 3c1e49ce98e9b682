import type { Json } from "../json.js";
import type { Column } from "./columns.js";
import type { Dataset } from "./dataset.js";
import { tokensOfRow } from "./dictionary.js";

const ROWS = 6;
const ITEMS = 64;
const CHARACTERS = 400;
const CLASSES = 50;

/** The value of one cell as JSON, cut to a length that a person reads. */
export function cell(column: Column, row: number): Json {
  switch (column.type) {
    case "utf8": {
      const value = column.values[row];
      return value.length > CHARACTERS ? `${value.slice(0, CHARACTERS)}…` : value;
    }
    case "tokens":
      return tokensOfRow(column, row).slice(0, ITEMS);
    case "tags": {
      const indices = column.indices.subarray(column.offsets[row], column.offsets[row + 1]).subarray(0, ITEMS);
      return Array.from(indices, (index) => (index < 0 ? null : column.dictionary[index]));
    }
    case "ids":
      return Array.from(column.values.subarray(column.offsets[row], column.offsets[row + 1]).subarray(0, ITEMS));
    case "padded":
      return Array.from(column.values.subarray(row * column.width, (row + 1) * column.width).subarray(0, ITEMS));
    case "series": {
      const { values, offsets, width } = column;
      const steps = Math.min(offsets[row + 1] - offsets[row], ITEMS);
      return Array.from({ length: steps }, (_, step) => {
        const at = (offsets[row] + step) * width;
        return width === 1 ? rounded(values[at]) : Array.from(values.subarray(at, at + width), rounded);
      });
    }
    case "vector":
      return Array.from(
        column.values.subarray(row * column.width, (row + 1) * column.width).subarray(0, ITEMS),
        rounded,
      );
    case "sparse": {
      const { values, columns, offsets, names } = column;
      const count = Math.min(offsets[row + 1] - offsets[row], ITEMS);
      return Array.from({ length: count }, (_, i) => {
        const at = offsets[row] + i;
        return [names?.[columns[at]] ?? columns[at], rounded(values[at])];
      });
    }
    case "label":
      return column.indices[row] < 0 ? null : column.dictionary[column.indices[row]];
    case "number":
      return Number.isFinite(column.values[row]) ? column.values[row] : null;
    case "integer":
      return column.values[row];
  }
}

function rounded(value: number): Json {
  return Number.isFinite(value) ? Number(value.toPrecision(6)) : String(value);
}

/** The size of a dataset, its columns, and its first rows. */
export function previewDataset(data: Dataset): Json {
  const columns = [...data.columns];
  return {
    rows: data.rows,
    columns: columns.map(([name, column]): Json => ({ name, type: column.type, ...details(column) })),
    splits: splitCounts(data),
    sample: Array.from({ length: Math.min(data.rows, ROWS) }, (_, row) =>
      Object.fromEntries(columns.map(([name, column]) => [name, cell(column, row)])),
    ),
  };
}

function details(column: Column): Record<string, Json> {
  switch (column.type) {
    case "tokens":
      return { distinct: column.dictionary.length, tokens: column.indices.length };
    case "ids":
      return { size: column.size };
    case "padded":
      return { size: column.size, width: column.width };
    case "series":
      return column.values.length === 0 ? {} : { width: column.width };
    case "vector":
      return { width: column.width };
    case "sparse":
      return { width: column.width, entries: column.values.length };
    case "label":
    case "tags":
      return { classes: column.dictionary.slice(0, CLASSES) };
    default:
      return {};
  }
}

/** What {@link previewDataset} gives. */
interface Preview {
  readonly rows: number;
  readonly columns: readonly ColumnPreview[];
  readonly splits: Readonly<Record<string, number>> | null;
  readonly sample: Json;
}

type ColumnPreview = Readonly<Record<string, Json>>;

/** A preview without its sample rows. */
export function summaryOf(preview: Json): Json {
  const { sample, ...summary } = preview as unknown as Preview;
  return summary as unknown as Json;
}

/** The rows that a summary counts. */
export function rowsInSummary(summary: Json): number {
  return (summary as unknown as Preview).rows;
}

/** Widths of vectors and of the steps of series, by column, as far as the rows tell. */
export function widthsOf(summary: Json): Readonly<Record<string, number>> {
  const { columns } = summary as unknown as Preview;
  return Object.fromEntries(
    columns.flatMap(({ name, type, width }) =>
      (type === "series" || type === "vector") && typeof width === "number" ? [[name, width]] : [],
    ),
  );
}

/** The preview of a dataset in chunks: sample rows of the first, sums over all. */
export function joinPreviews(first: Json, summaries: readonly Json[]): Json {
  const { columns, sample } = first as unknown as Preview;
  if (summaries.length === 1) return first;
  const all = summaries as unknown as readonly Preview[];
  const sum = (count: (one: Preview) => number): number => all.reduce((total, one) => total + count(one), 0);
  return {
    rows: sum(({ rows }) => rows),
    columns: columns.map((_, place) => joinColumns(all.map((one) => one.columns[place]))),
    splits:
      all[0].splits === null
        ? null
        : Object.fromEntries(
            Object.keys(all[0].splits).map((split) => [split, sum(({ splits }) => splits?.[split] ?? 0)]),
          ),
    sample,
  };
}

/** How many tokens differ cannot be told from the chunks: it is left out. */
function joinColumns(parts: readonly ColumnPreview[]): Json {
  const { distinct, ...first } = parts[0];
  const tokens = parts.reduce((sum, part) => sum + Number(part.tokens ?? 0), 0);
  const entries = parts.reduce((sum, part) => sum + Number(part.entries ?? 0), 0);
  const classes = new Set(parts.flatMap((part) => (part.classes ?? []) as string[]));
  const width = parts.find((part) => part.width !== undefined)?.width;
  return {
    ...first,
    ...(first.tokens !== undefined && { tokens }),
    ...(first.entries !== undefined && { entries }),
    ...(first.classes !== undefined && { classes: [...classes].slice(0, CLASSES) }),
    ...(width !== undefined && { width }),
  };
}

function splitCounts(data: Dataset): Json {
  if (!data.has("split", "label")) return null;
  return {
    train: data.rowsOfSplit("train").length,
    validation: data.rowsOfSplit("validation").length,
    test: data.rowsOfSplit("test").length,
  };
}
