import type { Column } from "./columns.js";

/** The rows of a column at `rows`, in that order. Dictionaries are shared, not rebuilt. */
export function selectRows(column: Column, rows: Int32Array): Column {
  switch (column.type) {
    case "utf8":
      return { type: "utf8", values: Array.from(rows, (row) => column.values[row]) };
    case "number":
      return { type: "number", values: Float64Array.from(rows, (row) => column.values[row]) };
    case "integer":
      return { type: "integer", values: Int32Array.from(rows, (row) => column.values[row]) };
    case "label":
      return { ...column, indices: Int32Array.from(rows, (row) => column.indices[row]) };
    case "tokens":
    case "tags": {
      const { values, offsets } = selectRagged(column.indices, column.offsets, 1, rows);
      return { ...column, indices: values, offsets };
    }
    case "ids":
      return { ...column, ...selectRagged(column.values, column.offsets, 1, rows) };
    case "sparse": {
      const { values, offsets } = selectRagged(column.values, column.offsets, 1, rows);
      return { ...column, values, offsets, columns: selectRagged(column.columns, column.offsets, 1, rows).values };
    }
    case "series":
      return { ...column, ...selectRagged(column.values, column.offsets, column.width, rows) };
    case "padded":
      return { ...column, values: selectFixed(column.values, column.width, rows) };
    case "vector":
      return { ...column, values: selectFixed(column.values, column.width, rows) };
  }
}

type Flat = Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

function emptyLike<A extends Int32Array | Float32Array>(values: A, length: number): A {
  const Constructor = values.constructor as unknown as new (length: number) => Flat;
  return new Constructor(length) as unknown as A;
}

function selectFixed<A extends Int32Array | Float32Array>(values: A, width: number, rows: Int32Array): A {
  const out = emptyLike(values, rows.length * width);
  for (let i = 0; i < rows.length; i++) out.set(values.subarray(rows[i] * width, (rows[i] + 1) * width), i * width);
  return out;
}

function selectRagged<A extends Int32Array | Float32Array>(
  values: A,
  offsets: Int32Array,
  width: number,
  rows: Int32Array,
): { values: A; offsets: Int32Array } {
  const out = new Int32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) out[i + 1] = out[i] + offsets[rows[i] + 1] - offsets[rows[i]];
  const flat = emptyLike(values, out[rows.length] * width);
  for (let i = 0; i < rows.length; i++) {
    flat.set(values.subarray(offsets[rows[i]] * width, offsets[rows[i] + 1] * width), out[i] * width);
  }
  return { values: flat, offsets: out };
}
