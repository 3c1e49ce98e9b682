/** @file A matrix as what it does to vectors, so that a sparse one is never filled, and a centred one never made. */
import type { SparseColumn, VectorColumn } from "@seqloom/core";

/** Vectors of one length, side by side: the columns of a tall matrix. */
export type Block = readonly Float64Array[];

/** A matrix A of `rows` × `columns`. */
export interface Operator {
  readonly rows: number;
  readonly columns: number;
  /** A x, for each x of the block. */
  times(block: Block): Block;
  /** Aᵀ y, for each y of the block. */
  transposedTimes(block: Block): Block;
}

/** Calls `visit` with every entry, row by row; zeros of dense vectors too. */
export function eachEntry(
  column: SparseColumn | VectorColumn,
  visit: (row: number, place: number, value: number) => void,
): void {
  const { values, width } = column;
  if (column.type === "vector") {
    for (let at = 0, row = 0; at < values.length; row++) {
      for (let place = 0; place < width; place++) visit(row, place, values[at++]);
    }
    return;
  }
  const { offsets, columns } = column;
  for (let row = 0; row + 1 < offsets.length; row++) {
    for (let at = offsets[row]; at < offsets[row + 1]; at++) visit(row, columns[at], values[at]);
  }
}

/** The rows of a column, less `mean` each: A − 1 meanᵀ, with the mean taken off the products instead of the entries. */
export function operatorOf(column: SparseColumn | VectorColumn, rows: number, mean: Float64Array | null): Operator {
  const { width } = column;
  const times = (x: Float64Array): Float64Array => {
    const shift = mean === null ? 0 : dot(mean, x);
    const y = column.type === "vector" ? denseTimes(column, x, rows) : sparseTimes(column, x);
    if (shift !== 0) for (let row = 0; row < rows; row++) y[row] -= shift;
    return y;
  };
  const transposedTimes = (y: Float64Array): Float64Array => {
    const x = column.type === "vector" ? denseTransposed(column, y) : sparseTransposed(column, y);
    if (mean === null) return x;
    let sum = 0;
    for (const value of y) sum += value;
    for (let place = 0; place < width; place++) x[place] -= mean[place] * sum;
    return x;
  };
  return {
    rows,
    columns: width,
    times: (block) => block.map(times),
    transposedTimes: (block) => block.map(transposedTimes),
  };
}

function sparseTimes({ values, columns, offsets }: SparseColumn, x: Float64Array): Float64Array {
  const y = new Float64Array(offsets.length - 1);
  for (let row = 0; row < y.length; row++) {
    let sum = 0;
    for (let at = offsets[row]; at < offsets[row + 1]; at++) sum += values[at] * x[columns[at]];
    y[row] = sum;
  }
  return y;
}

function sparseTransposed({ values, columns, offsets, width }: SparseColumn, y: Float64Array): Float64Array {
  const x = new Float64Array(width);
  for (let row = 0; row < y.length; row++) {
    const own = y[row];
    for (let at = offsets[row]; at < offsets[row + 1]; at++) x[columns[at]] += values[at] * own;
  }
  return x;
}

function denseTimes({ values, width }: VectorColumn, x: Float64Array, rows: number): Float64Array {
  const y = new Float64Array(rows);
  for (let row = 0, at = 0; row < rows; row++) {
    let sum = 0;
    for (let place = 0; place < width; place++) sum += values[at++] * x[place];
    y[row] = sum;
  }
  return y;
}

function denseTransposed({ values, width }: VectorColumn, y: Float64Array): Float64Array {
  const x = new Float64Array(width);
  for (let row = 0, at = 0; row < y.length; row++) {
    const own = y[row];
    for (let place = 0; place < width; place++) x[place] += values[at++] * own;
  }
  return x;
}

/** The sum of products, in order. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
