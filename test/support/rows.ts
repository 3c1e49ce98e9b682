import {
  type Column,
  type Columns,
  type ColumnType,
  cell,
  Dataset,
  ids,
  integers,
  labels,
  numbers,
  series,
  sparse,
  tags,
  tokens,
  utf8,
} from "@seqloom/core";

/** A row as examples write it: a value per column. */
export type Row = Readonly<Record<string, unknown>>;

/** The types of the columns that have a conventional name; ports that say otherwise win. */
const CONVENTIONS: Columns = {
  text: "utf8",
  tokens: "tokens",
  tags: "tags",
  predicted_tags: "tags",
  ids: "ids",
  length: "integer",
  series: "series",
  vector: "vector",
  features: "sparse",
  label: "label",
  split: "label",
  group: "label",
  prediction: "label",
  probabilities: "vector",
};

/**
 * A dataset of example rows. The type of a column comes from `types`, then from its conventional name, then from its
 * first value: a string is utf8, a number is number, a list of strings is tokens.
 * The `size` of ids is the greatest id plus one; `pad` of padded ids is 0.
 */
export function datasetOf(rows: readonly Row[], types: Columns = {}): Dataset {
  const names = rows.length > 0 ? Object.keys(rows[0]) : Object.keys(types);
  return Dataset.of(
    names.map((name): readonly [string, Column] => {
      const values = rows.map((row) => row[name]);
      return [name, columnOf(types[name] ?? CONVENTIONS[name] ?? guess(name, values[0]), values)];
    }),
    rows.length,
  );
}

/** The rows of a dataset as examples write them; `names` chooses columns. Long values are cut as in a preview. */
export function rowsOfDataset(data: Dataset, names: readonly string[] = [...data.columns.keys()]): Row[] {
  return Array.from({ length: data.rows }, (_, row) =>
    Object.fromEntries(names.map((name) => [name, cell(data.column(name) as Column, row)])),
  );
}

function guess(name: string, value: unknown): ColumnType {
  if (typeof value === "string") return "utf8";
  if (typeof value === "number") return "number";
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return "tokens";
  throw new Error(`example rows: cannot tell the type of column "${name}" from ${JSON.stringify(value)}`);
}

function columnOf(type: ColumnType, values: readonly unknown[]): Column {
  switch (type) {
    case "utf8":
      return utf8(values as string[]);
    case "number":
      return numbers((values as (number | null)[]).map((value) => value ?? Number.NaN));
    case "integer":
      return integers(values as number[]);
    case "label":
      return labels(values as (string | null)[]);
    case "tokens":
      return tokens(values as string[][]);
    case "tags":
      return tags(values as (string | null)[][]);
    case "ids":
      return ids(values as number[][], greatest(values as number[][]) + 1);
    case "padded": {
      const flat = (values as number[][]).flat();
      const width = (values as number[][])[0]?.length ?? 0;
      return { type, values: Int32Array.from(flat), width, size: greatest(values as number[][]) + 1, pad: 0 };
    }
    case "vector": {
      const width = (values as number[][])[0]?.length ?? 0;
      return { type, values: Float32Array.from((values as number[][]).flat()), width };
    }
    case "sparse":
      return sparseOf(values as (readonly [string | number, number])[][]);
    case "series": {
      // A step of one value may be written without its brackets.
      const rows = (values as (number | number[])[][]).map((row) =>
        row.map((step) => (typeof step === "number" ? [step] : step)),
      );
      return series(rows, rows.find((row) => row.length > 0)?.[0].length ?? 1);
    }
  }
}

/** Places by name are numbered by code unit; those by number reach as far as the greatest. */
function sparseOf(rows: readonly (readonly (readonly [string | number, number])[])[]): Column {
  const places = rows.flatMap((row) => row.map(([place]) => place));
  const names = [...new Set(places.filter((place) => typeof place === "string"))].sort();
  if (names.length === 0) return sparse(rows as [number, number][][], Math.max(-1, ...(places as number[])) + 1);
  return sparse(
    rows.map((row) => row.map(([name, value]) => [names.indexOf(String(name)), value])),
    names,
  );
}

function greatest(rows: readonly (readonly number[])[]): number {
  return rows.reduce((most, row) => row.reduce((high, id) => Math.max(high, id), most), 0);
}
