/**
 * @file A dataset as one Arrow IPC file, and back. Buffers are handed over as they are, nothing is converted row by row;
 * and nothing depends on anything but the content, so equal datasets have equal bytes.
 */
import * as arrow from "apache-arrow";
import { plainNaN } from "../artifacts/nan.js";
import type { Column, SparseColumn } from "./columns.js";
import { Dataset } from "./dataset.js";

/** The bytes of an Arrow IPC file that holds this dataset in one record batch. */
export function datasetToArrow(data: Dataset): Uint8Array {
  const names = [...data.columns.keys()];
  const children = names.map((name, place) => encode(data.columns.get(name)!, data.rows, place));
  const fields = names.map((name, i) => {
    const column = data.columns.get(name)!;
    const own = Object.entries(metadata(column));
    // Readers take an empty name for a missing one, and a byte order mark at the start of a name for no part of it.
    if (name === "" || name.startsWith("\ufeff")) own.push(["name", JSON.stringify(name)]);
    return new arrow.Field(name, children[i].type, false, new Map(own));
  });
  const schema = new arrow.Schema(fields, new Map([["seqloom", "dataset/1"]]));
  const struct = arrow.makeData({ type: new arrow.Struct(fields), length: data.rows, nullCount: 0, children });
  return arrow.tableToIPC(new arrow.Table(schema, [new arrow.RecordBatch(schema, struct)]), "file");
}

/**
 * The dataset in these bytes.
 * @throws Error when the bytes are not Arrow, or were not written by Seqloom.
 */
export function datasetFromArrow(bytes: Uint8Array): Dataset {
  const table = arrow.tableFromIPC(bytes);
  if (table.schema.metadata.get("seqloom") !== "dataset/1") throw new Error("these bytes are no dataset of Seqloom");
  const columns = table.schema.fields.map((field, i): [string, Column] => {
    const vector = table.getChildAt(i);
    if (vector === null) throw new Error(`column "${field.name}" has no data`);
    if (vector.data.length > 1)
      throw new Error(`column "${field.name}" is in ${vector.data.length} batches, expected one`);
    const kept = field.metadata.get("name");
    const name = kept === undefined ? field.name : (JSON.parse(kept) as string);
    return [name, decode(name, field.metadata, vector.data[0], table.numRows)];
  });
  return Dataset.of(columns, table.numRows);
}

/** What the Arrow types alone do not say, kept in the field's metadata. */
function metadata(column: Column): Record<string, string> {
  switch (column.type) {
    case "ids":
      return { type: column.type, size: String(column.size), ...vocabularyOf(column) };
    case "padded":
      return {
        type: column.type,
        size: String(column.size),
        pad: String(column.pad),
        width: String(column.width),
        ...vocabularyOf(column),
      };
    case "series":
    case "vector":
      return { type: column.type, width: String(column.width) };
    case "sparse": {
      const named = column.names === undefined ? {} : { named: "yes" };
      return { type: column.type, width: String(column.width), ...named };
    }
    default:
      return { type: column.type };
  }
}

/** The fingerprint of a vocabulary, where there is one: in the metadata of a field as in a column. */
function vocabularyOf({ vocabulary }: { readonly vocabulary?: string | undefined }): { vocabulary?: string } {
  return vocabulary === undefined ? {} : { vocabulary };
}

/** Dictionaries are numbered by the place of their column: a number taken from a global counter would change the bytes. */
function encode(column: Column, rows: number, place: number): arrow.Data {
  switch (column.type) {
    case "utf8":
      return encoded.get(column)?.() ?? strings(column.values);
    case "number":
      return arrow.makeData({ type: new arrow.Float64(), length: rows, nullCount: 0, data: plainNaN(column.values) });
    case "integer":
      return int32(column.values);
    case "label":
      return dictionary(column.indices, column.dictionary, place, column.indices.includes(-1));
    case "tokens":
      return list(dictionary(column.indices, column.dictionary, place, false), column.offsets);
    case "tags":
      return list(dictionary(column.indices, column.dictionary, place, column.indices.includes(-1)), column.offsets);
    case "ids":
      return list(int32(column.values), column.offsets);
    case "padded":
      return fixed(int32(column.values), column.width, rows);
    case "vector":
      return fixed(float32(column.values), column.width, rows);
    case "sparse":
      return list(entries(column, place), column.offsets);
    case "series": {
      const steps = column.offsets[rows];
      return list(fixed(float32(column.values), column.width, steps), column.offsets);
    }
  }
}

function int32(values: Int32Array): arrow.Data {
  return arrow.makeData({ type: new arrow.Int32(), length: values.length, nullCount: 0, data: values });
}

function float32(values: Float32Array): arrow.Data {
  return arrow.makeData({ type: new arrow.Float32(), length: values.length, nullCount: 0, data: plainNaN(values) });
}

function strings(values: readonly string[]): arrow.Data<arrow.Utf8> {
  const encoder = new TextEncoder();
  const offsets = new Int32Array(values.length + 1);
  let bytes = new Uint8Array(Math.max(64, values.length * 16));
  let end = 0;
  for (let i = 0; i < values.length; i++) {
    const worst = values[i].length * 3;
    if (end + worst > bytes.length) {
      const larger = new Uint8Array(Math.max(bytes.length * 2, end + worst));
      larger.set(bytes.subarray(0, end));
      bytes = larger;
    }
    end += encoder.encodeInto(values[i], bytes.subarray(end)).written;
    offsets[i + 1] = end;
  }
  const type = new arrow.Utf8();
  return arrow.makeData({
    type,
    length: values.length,
    nullCount: 0,
    valueOffsets: offsets,
    data: bytes.slice(0, end),
  });
}

function dictionary(indices: Int32Array, words: readonly string[], id: number, missing: boolean): arrow.Data {
  const type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32(), id, false);
  const values = arrow.makeVector(strings(words));
  if (!missing)
    return arrow.makeData({ type, length: indices.length, nullCount: 0, data: indices, dictionary: values });
  const bitmap = new Uint8Array(Math.ceil(indices.length / 64) * 8);
  const filled = indices.map((index) => Math.max(index, 0));
  let nullCount = 0;
  for (let i = 0; i < indices.length; i++) {
    if (indices[i] < 0) nullCount++;
    else bitmap[i >> 3] |= 1 << (i & 7);
  }
  return arrow.makeData({
    type,
    length: indices.length,
    nullCount,
    nullBitmap: bitmap,
    data: filled,
    dictionary: values,
  });
}

function list(child: arrow.Data, offsets: Int32Array): arrow.Data {
  const type = new arrow.List(new arrow.Field("item", child.type, child.nullCount > 0));
  return arrow.makeData({ type, length: offsets.length - 1, nullCount: 0, valueOffsets: offsets, child });
}

function fixed(child: arrow.Data, width: number, rows: number): arrow.Data {
  const type = new arrow.FixedSizeList(width, new arrow.Field("item", child.type, false));
  return arrow.makeData({ type, length: rows, nullCount: 0, child });
}

/** A place and a value for each entry; places that have names are written as a dictionary of these. */
function entries({ columns, values, names }: SparseColumn, place: number): arrow.Data {
  const children = [names === undefined ? int32(columns) : dictionary(columns, names, place, false), float32(values)];
  const fields = ["place", "value"].map((name, i) => new arrow.Field(name, children[i].type, false));
  return arrow.makeData({ type: new arrow.Struct(fields), length: columns.length, nullCount: 0, children });
}

function decode(name: string, meta: ReadonlyMap<string, string>, data: arrow.Data, rows: number): Column {
  const number = (key: string): number => Number(meta.get(key));
  const vocabulary = vocabularyOf({ vocabulary: meta.get("vocabulary") });
  switch (meta.get("type")) {
    case "utf8":
      return lazyTexts(data as arrow.Data<arrow.Utf8>, rows);
    case "number":
      return { type: "number", values: Float64Array.from((data.values as Float64Array).subarray(0, rows)) };
    case "integer":
      return { type: "integer", values: Int32Array.from((data.values as Int32Array).subarray(0, rows)) };
    case "label": {
      return { type: "label", dictionary: dictionaryOf(data), indices: indicesOf(data, rows) };
    }
    case "tokens": {
      const offsets = offsetsOf(data, rows);
      const child = data.children[0];
      const indices = Int32Array.from((child.values as Int32Array).subarray(0, offsets[rows]));
      return { type: "tokens", dictionary: dictionaryOf(child), indices, offsets };
    }
    case "tags": {
      const offsets = offsetsOf(data, rows);
      const child = data.children[0];
      return { type: "tags", dictionary: dictionaryOf(child), indices: indicesOf(child, offsets[rows]), offsets };
    }
    case "ids": {
      const offsets = offsetsOf(data, rows);
      const values = Int32Array.from((data.children[0].values as Int32Array).subarray(0, offsets[rows]));
      return { type: "ids", values, offsets, size: number("size"), ...vocabulary };
    }
    case "padded": {
      const values = Int32Array.from((data.children[0].values as Int32Array).subarray(0, rows * number("width")));
      const [width, size, pad] = [number("width"), number("size"), number("pad")];
      return { type: "padded", values, width, size, pad, ...vocabulary };
    }
    case "vector": {
      const values = Float32Array.from((data.children[0].values as Float32Array).subarray(0, rows * number("width")));
      return { type: "vector", values, width: number("width") };
    }
    case "sparse": {
      const offsets = offsetsOf(data, rows);
      const [places, values] = data.children[0].children;
      return {
        type: "sparse",
        values: Float32Array.from((values.values as Float32Array).subarray(0, offsets[rows])),
        columns: Int32Array.from((places.values as Int32Array).subarray(0, offsets[rows])),
        offsets,
        width: number("width"),
        ...(meta.has("named") && { names: dictionaryOf(places) }),
      };
    }
    case "series": {
      const offsets = offsetsOf(data, rows);
      const flat = data.children[0].children[0].values as Float32Array;
      const width = number("width");
      return { type: "series", values: Float32Array.from(flat.subarray(0, offsets[rows] * width)), offsets, width };
    }
    default:
      throw new Error(`column "${name}" was not written by Seqloom: its field says no type`);
  }
}

/** What a column of text was decoded from, for as long as nobody changed it: it is written again without being read. */
const encoded = new WeakMap<Column, () => arrow.Data>();

/** Strings are made when somebody asks for them: many stages carry a text along and never look at it. */
function lazyTexts(data: arrow.Data<arrow.Utf8>, rows: number): Column {
  let values: string[] | undefined;
  const column: Column = {
    type: "utf8",
    get values() {
      values ??= words(data);
      return values;
    },
  };
  const valueOffsets = offsetsOf(data, rows);
  const bytes = data.values.subarray(valueOffsets[0], valueOffsets[rows]);
  const { type } = data;
  encoded.set(column, () => arrow.makeData({ type, length: rows, nullCount: 0, valueOffsets, data: bytes }));
  return column;
}

/** The places in a dictionary of so many values; -1 for those that are not known. */
function indicesOf(data: arrow.Data, count: number): Int32Array {
  const indices = Int32Array.from((data.values as Int32Array).subarray(0, count));
  if (data.nullCount > 0) for (let i = 0; i < count; i++) if (!data.getValid(i)) indices[i] = -1;
  return indices;
}

/** Arrow pads buffers to 8 bytes: what is past the last row is not ours. */
function offsetsOf(data: arrow.Data, rows: number): Int32Array {
  return rows === 0 ? new Int32Array(1) : Int32Array.from(data.valueOffsets.subarray(0, rows + 1));
}

function words(data: arrow.Data): string[] {
  const bytes = Buffer.from(data.values.buffer, data.values.byteOffset, data.values.byteLength);
  const offsets = data.valueOffsets as Int32Array;
  return Array.from({ length: data.length }, (_, i) => bytes.toString("utf8", offsets[i], offsets[i + 1]));
}

function dictionaryOf(data: arrow.Data): string[] {
  const vector = data.dictionary;
  return vector === undefined ? [] : vector.data.flatMap((chunk) => words(chunk as arrow.Data));
}
