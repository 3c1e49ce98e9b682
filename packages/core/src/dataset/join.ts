/** @file Datasets one after the other as one: how the chunks of a stored dataset become a table again. */
import { Collector } from "./build.js";
import type { Column, LabelColumn, SparseColumn, TagsColumn, TokensColumn } from "./columns.js";
import { Dataset } from "./dataset.js";

/**
 * The rows of all datasets in order. Dictionaries are united in order of first appearance, so the result does not depend
 * on where the rows were parted.
 * @throws RangeError when columns do not fit together.
 */
export function joinDatasets(parts: readonly Dataset[]): Dataset {
  // A part without rows says nothing of widths; it counts only where there is no other.
  const filled = parts.filter(({ rows }) => rows > 0);
  const [first, ...rest] = filled.length > 0 ? filled : parts.slice(0, 1);
  if (first === undefined) return Dataset.of([], 0);
  if (rest.length === 0) return first;
  const rows = filled.reduce((sum, part) => sum + part.rows, 0);
  const columns = [...first.columns.keys()].map((name): [string, Column] => [name, joinColumn(name, filled)]);
  const odd = rest.find((part) => part.columns.size !== first.columns.size);
  if (odd !== undefined)
    throw new RangeError(`parts of a dataset have ${first.columns.size} and ${odd.columns.size} columns`);
  return Dataset.of(columns, rows);
}

type ColumnsOf<T extends Column["type"]> = readonly Extract<Column, { readonly type: T }>[];

function joinColumn(name: string, parts: readonly Dataset[]): Column {
  const columns = parts.map((part) => part.columns.get(name));
  const [first] = columns;
  if (first === undefined || columns.some((column) => column?.type !== first.type)) {
    throw new RangeError(
      `parts of a dataset have columns "${name}" of ${columns.map((one) => one?.type ?? "none").join(", ")}`,
    );
  }
  switch (first.type) {
    case "utf8":
      return joinTexts(columns as ColumnsOf<"utf8">);
    case "number":
      return { ...first, values: joinValues((columns as ColumnsOf<"number">).map(({ values }) => values)) };
    case "integer":
      return { ...first, values: joinValues((columns as ColumnsOf<"integer">).map(({ values }) => values)) };
    case "label": {
      const { dictionary, targets } = unite(columns as ColumnsOf<"label">);
      const all = columns as readonly LabelColumn[];
      return {
        type: "label",
        dictionary,
        indices: joinValues(all.map(({ indices }, part) => moved(indices, targets[part]))),
      };
    }
    case "tokens":
    case "tags": {
      const all = columns as readonly (TokensColumn | TagsColumn)[];
      const { dictionary, targets } = unite(all);
      const indices = joinValues(
        all.map((column, part) => moved(used(column.indices, column.offsets, 1), targets[part])),
      );
      return { type: first.type, dictionary, indices, offsets: joinOffsets(all.map(({ offsets }) => offsets)) };
    }
    case "ids": {
      const all = columns as ColumnsOf<"ids">;
      const values = joinValues(all.map((column) => used(column.values, column.offsets, 1)));
      return {
        ...first,
        ...vocabularyOfAll(name, all),
        values,
        offsets: joinOffsets(all.map(({ offsets }) => offsets)),
      };
    }
    case "padded": {
      const all = columns as ColumnsOf<"padded">;
      same(
        name,
        "pad",
        all.map(({ pad }) => pad),
      );
      const width = same(
        name,
        "width",
        all.map((column) => column.width),
      );
      return { ...first, ...vocabularyOfAll(name, all), width, values: joinValues(all.map(({ values }) => values)) };
    }
    case "series": {
      // Rows without a step have no width of their own.
      const all = columns as ColumnsOf<"series">;
      const wide = all.filter(({ offsets }) => (offsets.at(-1) ?? 0) > offsets[0]);
      const width =
        wide.length === 0
          ? first.width
          : same(
              name,
              "width",
              wide.map((column) => column.width),
            );
      const values = joinValues(all.map((column) => used(column.values, column.offsets, column.width)));
      return { type: "series", width, values, offsets: joinOffsets(all.map(({ offsets }) => offsets)) };
    }
    case "sparse":
      return joinSparse(name, columns as ColumnsOf<"sparse">);
    case "vector": {
      const all = columns as ColumnsOf<"vector">;
      const width = same(
        name,
        "width",
        all.map((column) => column.width),
      );
      return { type: "vector", width, values: joinValues(all.map(({ values }) => values)) };
    }
  }
}

function joinSparse(name: string, columns: ColumnsOf<"sparse">): SparseColumn {
  const width = same(
    name,
    "width",
    columns.map((column) => column.width),
  );
  const [{ names }] = columns;
  const odd = columns.find(
    (column) => column.names?.length !== names?.length || column.names?.some((one, i) => one !== names?.[i]),
  );
  if (odd !== undefined) throw new RangeError(`column "${name}" has other names of places in one part than in another`);
  return {
    type: "sparse",
    values: joinValues(columns.map((column) => used(column.values, column.offsets, 1))),
    columns: joinValues(columns.map((column) => used(column.columns, column.offsets, 1))),
    offsets: joinOffsets(columns.map(({ offsets }) => offsets)),
    width,
    ...(names !== undefined && { names }),
  };
}

/** Strings are made when somebody asks for them: many stages carry a text along and never look at it. */
function joinTexts(columns: ColumnsOf<"utf8">): Column {
  let values: readonly string[] | undefined;
  return {
    type: "utf8",
    get values() {
      values ??= columns.flatMap((column) => column.values);
      return values;
    },
  };
}

type Flat = Int32Array | Float32Array | Float64Array;

function joinValues<A extends Flat>(parts: readonly A[]): A {
  const Constructor = parts[0].constructor as new (length: number) => A;
  const all = new Constructor(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The values that the rows of a ragged column use. */
function used<A extends Int32Array | Float32Array>(values: A, offsets: Int32Array, width: number): A {
  return values.subarray(offsets[0] * width, (offsets.at(-1) ?? 0) * width) as A;
}

function joinOffsets(parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((sum, part) => sum + part.length - 1, 1));
  let row = 0;
  for (const part of parts) {
    const shift = all[row] - part[0];
    for (let i = 1; i < part.length; i++) all[++row] = part[i] + shift;
  }
  return all;
}

/** One dictionary for all, and for each column the new places of its entries. */
function unite(columns: readonly { readonly dictionary: readonly string[] }[]) {
  const collector = new Collector();
  const targets = columns.map(({ dictionary }) => Int32Array.from(dictionary, (word) => collector.index(word)));
  return { dictionary: collector.dictionary, targets };
}

/** Indices through a table; -1 stays what it is. */
function moved(indices: Int32Array, target: Int32Array): Int32Array {
  return indices.map((index) => (index < 0 ? index : target[index]));
}

function vocabularyOfAll(name: string, columns: readonly { readonly size: number; readonly vocabulary?: string }[]) {
  const vocabulary = same(
    name,
    "vocabulary",
    columns.map((column) => column.vocabulary),
  );
  const size = Math.max(...columns.map((column) => column.size));
  return { size, ...(vocabulary !== undefined && { vocabulary }) };
}

function same<T>(name: string, what: string, values: readonly T[]): T {
  const other = values.find((value) => value !== values[0]);
  if (other === undefined || other === values[0]) return values[0];
  throw new RangeError(`column "${name}" has ${what} ${String(values[0])} in one part and ${String(other)} in another`);
}
