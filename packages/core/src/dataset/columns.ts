/**
 * @file The columns of a dataset. Each is a plain record over flat typed arrays, laid out as Arrow lays it out, so that
 * reading and writing copy nothing and a stage works on whole columns. Row r of a ragged column is `offsets[r] … offsets[r + 1]`.
 */

/** Text, one string per row. */
export interface Utf8Column {
  readonly type: "utf8";
  readonly values: readonly string[];
}

/**
 * Tokens, a list per row, dictionary-encoded: one array of the distinct surface forms, and flat indices into it.
 * Work on words is done once per distinct form; see `mapDictionary`.
 */
export interface TokensColumn {
  readonly type: "tokens";
  readonly dictionary: readonly string[];
  readonly indices: Int32Array;
  readonly offsets: Int32Array;
}

/** A class name for each token or step, a list per row, dictionary-encoded; -1 is "none here", as beside padding. */
export interface TagsColumn {
  readonly type: "tags";
  readonly dictionary: readonly string[];
  readonly indices: Int32Array;
  readonly offsets: Int32Array;
}

/** Vocabulary ids, a list of any length per row; every id is in `[0, size)`. */
export interface IdsColumn {
  readonly type: "ids";
  readonly values: Int32Array;
  readonly offsets: Int32Array;
  /** Number of distinct ids that can occur: the `input_dim` of an embedding. */
  readonly size: number;
  /** Fingerprint of the vocabulary that the ids are of, where it is known: equal ones mean equal words. */
  readonly vocabulary?: string;
}

/** Vocabulary ids brought to one length: `values` is `[rows, width]`, row by row. */
export interface PaddedColumn {
  readonly type: "padded";
  readonly values: Int32Array;
  readonly width: number;
  readonly size: number;
  /** The id that fills what is missing, or -1 when nothing is padded. */
  readonly pad: number;
  /** As that of {@link IdsColumn}. */
  readonly vocabulary?: string;
}

/** Numeric sequences of any length: row r holds steps `offsets[r] … offsets[r + 1]` of `width` float32 values each. */
export interface SeriesColumn {
  readonly type: "series";
  readonly values: Float32Array;
  readonly offsets: Int32Array;
  readonly width: number;
}

/** Numeric vectors: `values` is `[rows, width]`, row by row. */
export interface VectorColumn {
  readonly type: "vector";
  readonly values: Float32Array;
  readonly width: number;
}

/**
 * Sparse vectors, in compressed rows (CSR): row r has `values[i]` at place `columns[i]`, for i in `offsets[r] … offsets[r + 1]`.
 * Within a row places ascend and none occurs twice; every place is in `[0, width)`, and where nothing is said the value is 0.
 */
export interface SparseColumn {
  readonly type: "sparse";
  readonly values: Float32Array;
  readonly columns: Int32Array;
  readonly offsets: Int32Array;
  readonly width: number;
  /** What each place stands for, such as a word; left out where there are more than {@link NAMED_PLACES}, or no names. */
  readonly names?: readonly string[];
}

/** Most places of sparse vectors that have names: each stored part of a dataset repeats them. */
export const NAMED_PLACES = 1 << 16;

/** Class names, dictionary-encoded; -1 is "not known". The split of a dataset is a label column named `split`. */
export interface LabelColumn {
  readonly type: "label";
  readonly dictionary: readonly string[];
  readonly indices: Int32Array;
}

/** A float64 per row; NaN is "missing". */
export interface NumberColumn {
  readonly type: "number";
  readonly values: Float64Array;
}

/** An int32 per row, such as the length of a sequence. */
export interface IntegerColumn {
  readonly type: "integer";
  readonly values: Int32Array;
}

/** Every kind of column. */
export type Column =
  | Utf8Column
  | TokensColumn
  | TagsColumn
  | IdsColumn
  | PaddedColumn
  | SeriesColumn
  | VectorColumn
  | SparseColumn
  | LabelColumn
  | NumberColumn
  | IntegerColumn;

/** The name of a kind of column, as ports and errors write it. */
export type ColumnType = Column["type"];

/** The kind of column that a type name stands for. */
export type ColumnOf<T extends ColumnType> = ColumnByType[T];

/** An index instead of `Extract<…>`: a deferred conditional type would make `Dataset` invariant in its columns. */
interface ColumnByType {
  readonly utf8: Utf8Column;
  readonly tokens: TokensColumn;
  readonly tags: TagsColumn;
  readonly ids: IdsColumn;
  readonly padded: PaddedColumn;
  readonly series: SeriesColumn;
  readonly vector: VectorColumn;
  readonly sparse: SparseColumn;
  readonly label: LabelColumn;
  readonly number: NumberColumn;
  readonly integer: IntegerColumn;
}

/** Names and types of columns: what a port needs or gives. */
export type Columns = Readonly<Record<string, ColumnType>>;

/** Number of rows that a column holds. */
export function rowsOf(column: Column): number {
  switch (column.type) {
    case "utf8":
    case "number":
    case "integer":
      return column.values.length;
    case "label":
      return column.indices.length;
    case "tokens":
    case "tags":
    case "ids":
    case "series":
    case "sparse":
      return column.offsets.length - 1;
    case "padded":
    case "vector":
      return column.width === 0 ? 0 : column.values.length / column.width;
  }
}
