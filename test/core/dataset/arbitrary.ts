import { type Column, Dataset, labels, sparse, type TokensColumn, tags, tokens } from "@seqloom/core";
import fc from "fast-check";

/** Text with everything that breaks careless code, but whole characters only: UTF-8 has no half pairs. */
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 6 }),
  fc.constantFrom("", "\u0000", "\ufeffBOM", "naïve", "e\u0301", "👩‍👩‍👧", "𝒳", "שלום", "日本", "__proto__"),
);
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const float32 = fc.float();
const words = fc.array(text, { maxLength: 4 });
/** Of a vocabulary, or none: then the column has no such field. */
const fingerprint = fc.constantFrom({}, { vocabulary: "0123456789abcdef" });

/** `rows` rows of ragged items, as flat items and offsets. */
function ragged<T>(rows: number, item: fc.Arbitrary<T>): fc.Arbitrary<{ flat: T[]; offsets: Int32Array }> {
  const list = fc.array(fc.array(item, { maxLength: 3 }), { minLength: rows, maxLength: rows });
  return list.map((lists) => {
    const offsets = new Int32Array(rows + 1);
    for (let row = 0; row < rows; row++) offsets[row + 1] = offsets[row] + lists[row].length;
    return { flat: lists.flat(), offsets };
  });
}

const exactly = <T>(length: number, item: fc.Arbitrary<T>) => fc.array(item, { minLength: length, maxLength: length });

/** A column of each type, of this many rows. */
export function columnsOf(rows: number): { readonly [T in Column["type"]]: fc.Arbitrary<Column & { type: T }> } {
  const width = fc.integer({ min: 1, max: 3 });
  return {
    utf8: exactly(rows, text).map((values) => ({ type: "utf8", values })),
    number: exactly(rows, fc.double()).map((values) => ({ type: "number", values: Float64Array.from(values) })),
    integer: exactly(rows, int32).map((values) => ({ type: "integer", values: Int32Array.from(values) })),
    label: fc
      .tuple(exactly(rows, fc.option(text)), fc.uniqueArray(text, { maxLength: 3 }))
      .map(([values, dictionary]) => labels(values, dictionary)),
    tokens: exactly(rows, words).map(tokens),
    tags: fc
      .tuple(exactly(rows, fc.array(fc.option(text), { maxLength: 4 })), fc.uniqueArray(text, { maxLength: 3 }))
      .map(([values, dictionary]) => tags(values, dictionary)),
    ids: fc.tuple(ragged(rows, fc.integer({ min: 0, max: 9 })), fingerprint).map(([{ flat, offsets }, known]) => ({
      type: "ids",
      values: Int32Array.from(flat),
      offsets,
      size: 10,
      ...known,
    })),
    padded: width.chain((size) =>
      fc.tuple(exactly(rows * size, fc.integer({ min: 0, max: 9 })), fingerprint).map(([values, known]) => ({
        type: "padded",
        values: Int32Array.from(values),
        width: size,
        size: 10,
        pad: size - 2,
        ...known,
      })),
    ),
    series: fc.tuple(width, ragged(rows, exactly(3, float32))).map(([size, { flat, offsets }]) => ({
      type: "series",
      values: Float32Array.from(flat.flatMap((step) => step.slice(0, size))),
      offsets,
      width: size,
    })),
    sparse: fc
      .tuple(
        exactly(
          rows,
          fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 3 }), float32), { selector: ([place]) => place }),
        ),
        fc.option(exactly(4, text)),
      )
      .map(([lists, names]) => sparse(lists, names ?? 4)),
    vector: width.chain((size) =>
      exactly(rows * size, float32).map((values) => ({
        type: "vector",
        values: Float32Array.from(values),
        width: size,
      })),
    ),
  };
}

/** A dataset of any columns, with names that may need care. */
export const anyDataset: fc.Arbitrary<Dataset> = fc.integer({ min: 0, max: 5 }).chain((rows) => {
  const column = fc.oneof(...(Object.values(columnsOf(rows)) as fc.Arbitrary<Column>[]));
  const name = fc.oneof(fc.constantFrom("text", "split", "__proto__", "constructor", "1", "", "é"), text);
  return fc
    .uniqueArray(fc.tuple(name, column), { minLength: 1, maxLength: 5, selector: ([own]) => own })
    .map((columns) => Dataset.of(columns, rows));
});

/** The same tokens with another dictionary: in another order, and with words that nobody uses. */
export function withOtherDictionary(column: TokensColumn): TokensColumn {
  const dictionary = ["unused", ...column.dictionary.toReversed(), "also unused"];
  const indices = column.indices.map((index) => column.dictionary.length - index);
  return { type: "tokens", dictionary, indices, offsets: column.offsets };
}
