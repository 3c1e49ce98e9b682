import type { Json } from "../json.js";
import type { Column } from "./columns.js";
import type { Dataset } from "./dataset.js";
import { tokensOfRow } from "./dictionary.js";

const ROWS = 6;
const ITEMS = 64;
const CHARACTERS = 400;

/** The value of one cell as JSON, cut to a length that a person reads. */
export function cell(column: Column, row: number): Json {
  switch (column.type) {
    case "utf8": {
      const value = column.values[row];
      return value.length > CHARACTERS ? `${value.slice(0, CHARACTERS)}…` : value;
    }
    case "tokens":
      return tokensOfRow(column, row).slice(0, ITEMS);
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
    case "vector":
      return { width: column.width };
    case "label":
      return { classes: column.dictionary.slice(0, 50) };
    default:
      return {};
  }
}

function splitCounts(data: Dataset): Json {
  if (!data.has("split", "label")) return null;
  return {
    train: data.rowsOfSplit("train").length,
    validation: data.rowsOfSplit("validation").length,
    test: data.rowsOfSplit("test").length,
  };
}
