import { type ArtifactType, fileNamed, fromJsonBytes, jsonBytes } from "./artifact.js";
import { CODECS } from "./codecs.js";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.js";

/** A dense matrix, row by row, with names for its rows and columns where they have any. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array | Float64Array;
  readonly rowNames?: readonly string[];
  readonly columnNames?: readonly string[];
}

interface Names {
  readonly rows: readonly string[] | null;
  readonly columns: readonly string[] | null;
}

/** The artifact type of {@link Matrix}: `matrix.safetensors` and `names.json`. */
export const matrix: ArtifactType<Matrix, "matrix"> = {
  name: "matrix",
  codec: CODECS.matrix,
  encode: async ({ rows, columns, values, rowNames, columnNames }) => {
    const dtype = values instanceof Float64Array ? "float64" : "float32";
    const names: Names = { rows: rowNames ?? null, columns: columnNames ?? null };
    return [
      {
        name: "matrix.safetensors",
        bytes: encodeSafetensors(new Map([["matrix", { dtype, shape: [rows, columns], values }]])),
      },
      { name: "names.json", bytes: jsonBytes(names) },
    ];
  },
  decode: async (files) => {
    const tensor = decodeSafetensors(fileNamed(files, "matrix.safetensors")).get("matrix");
    if (tensor === undefined || tensor.values instanceof Int32Array)
      throw new Error("the stored matrix holds no matrix");
    const names = fromJsonBytes<Names>(fileNamed(files, "names.json"));
    return {
      rows: tensor.shape[0],
      columns: tensor.shape[1],
      values: tensor.values,
      ...(names.rows && { rowNames: names.rows }),
      ...(names.columns && { columnNames: names.columns }),
    };
  },
  preview: ({ rows, columns, values, rowNames, columnNames }) => ({
    rows,
    columns,
    rowNames: rowNames?.slice(0, 8) ?? null,
    columnNames: columnNames?.slice(0, 8) ?? null,
    corner: Array.from({ length: Math.min(rows, 8) }, (_, row) =>
      Array.from(values.subarray(row * columns, row * columns + Math.min(columns, 8))),
    ),
  }),
};
