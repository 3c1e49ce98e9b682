import type { Dataset, SparseColumn } from "@seqloom/core";

/** The features of rows as sparse vectors: the column `features` or, of dense ones, `vector` without its zeros. */
export function featuresOf(data: Dataset): SparseColumn {
  const column = data.columns.get("features");
  if (column?.type === "sparse") return column;
  const dense = data.columns.get("vector");
  if (dense?.type !== "vector") throw new RangeError("no column of features: the plan checks ports");
  const { values: all, width } = dense;
  const values: number[] = [];
  const columns: number[] = [];
  const offsets = new Int32Array(data.rows + 1);
  for (let row = 0; row < data.rows; row++) {
    for (let place = 0; place < width; place++) {
      const value = all[row * width + place];
      if (value === 0) continue;
      values.push(value);
      columns.push(place);
    }
    offsets[row + 1] = values.length;
  }
  return { type: "sparse", values: Float32Array.from(values), columns: Int32Array.from(columns), offsets, width };
}
