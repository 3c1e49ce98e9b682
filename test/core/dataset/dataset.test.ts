import {
  Collector,
  type Column,
  cell,
  compact,
  countDictionary,
  Dataset,
  filterDictionary,
  ids,
  integers,
  labels,
  mapDictionary,
  numbers,
  previewDataset,
  rowsOf,
  series,
  tokens,
  tokensOfRow,
  utf8,
} from "@seqloom/core";
import { canonical } from "@seqloom/core/engine";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyDataset, columnsOf, withOtherDictionary } from "./arbitrary.js";

const cellsOf = (data: Dataset) =>
  Array.from({ length: data.rows }, (_, row) => [...data.columns].map(([name, column]) => [name, cell(column, row)]));

describe("a dataset", () => {
  it("has as many rows as its columns, in every type", () => {
    const columns = fc
      .integer({ min: 0, max: 5 })
      .chain((rows) =>
        fc.tuple(fc.constant(rows), fc.oneof(...(Object.values(columnsOf(rows)) as fc.Arbitrary<Column>[]))),
      );
    fc.assert(fc.property(columns, ([rows, column]) => rowsOf(column) === rows));
  });

  it("refuses columns of different length, by name", () => {
    expect(() => Dataset.of({ a: integers([1]), b: integers([1, 2]) })).toThrow(
      'column "b" has 2 rows where the dataset has 1',
    );
    expect(() => Dataset.of({ a: integers([1]) }, 2)).toThrow('column "a" has 1 rows');
  });

  it("names the columns that there are when one is missing", () => {
    const data: Dataset = Dataset.of({ text: utf8([]), label: labels([]) });
    expect(() => data.column("tokens")).toThrow('no column "tokens"; there are: text, label');
    expect(data.has("text")).toBe(true);
    expect(data.has("text", "tokens")).toBe(false);
  });

  it("adds columns at the end, replaces them in place, drops and renames them, and stays as it was", () => {
    const data = Dataset.of({ a: integers([1, 2]), b: utf8(["x", "y"]) });
    const changed = data.with({ c: numbers([0, 1]), a: integers([3, 4]) });
    expect([...changed.columns.keys()]).toEqual(["a", "b", "c"]);
    expect(changed.column("a")).toEqual(integers([3, 4]));
    expect([...changed.without("b", "nothing").columns.keys()]).toEqual(["a", "c"]);
    expect([
      ...changed
        .renamed(
          new Map([
            ["a", "z"],
            ["q", "r"],
          ]),
        )
        .columns.keys(),
    ]).toEqual(["z", "b", "c"]);
    expect([...data.columns.keys()]).toEqual(["a", "b"]);
    expect(data.without("a", "b").rows).toBe(2);
  });

  it("selects rows in any order, any number of times: cell by cell what was there", () => {
    const selection = anyDataset.chain((data) =>
      fc.tuple(fc.constant(data), fc.array(fc.nat({ max: Math.max(data.rows - 1, 0) }), { maxLength: data.rows * 2 })),
    );
    fc.assert(
      fc.property(selection, ([data, rows]) => {
        const before = cellsOf(data);
        const after = data.select(Int32Array.from(rows));
        expect(after.rows).toBe(rows.length);
        expect(cellsOf(after)).toEqual(rows.map((row) => before[row]));
      }),
    );
  });

  it("slices as arrays do, within its rows", () => {
    const data = Dataset.of<{ n: "integer" }>({ n: integers([0, 1, 2, 3]) });
    const sliced = (start: number, end?: number) => [...data.slice(start, end).column("n").values];
    expect([sliced(1, 3), sliced(2), sliced(3, 99), sliced(3, 1), sliced(9)]).toEqual([[1, 2], [2, 3], [3], [], []]);
  });

  it("is all train without a split column, and its rows of a split with one", () => {
    const data = Dataset.of<{ n: "integer" }>({ n: integers([0, 1, 2]) });
    expect([data.ofSplit("train").rows, data.ofSplit("test").rows]).toEqual([3, 0]);
    const split = data.with({ split: labels(["test", "train", "test"]) });
    expect(split.ofSplit("test").column("n")).toEqual(integers([0, 2]));
    expect(split.ofSplit("validation").rows).toBe(0);
    expect(() => data.with({ split: utf8(["a", "b", "c"]) }).ofSplit("train")).toThrow("not label");
  });
});

describe("building columns", () => {
  it("gives labels their dictionary in order of first use, or the one that is given", () => {
    expect(labels(["b", null, "a", "b"])).toEqual({
      type: "label",
      dictionary: ["b", "a"],
      indices: Int32Array.of(0, -1, 1, 0),
    });
    expect(labels(["b"], ["a", "b"]).indices).toEqual(Int32Array.of(1));
  });

  it("lays ragged rows out flat", () => {
    expect(tokens([["a", "b"], [], ["a"]])).toEqual({
      type: "tokens",
      dictionary: ["a", "b"],
      indices: Int32Array.of(0, 1, 0),
      offsets: Int32Array.of(0, 2, 2, 3),
    });
    expect(ids([[1], [2, 3]], 4).offsets).toEqual(Int32Array.of(0, 1, 3));
    expect(
      series(
        [
          [[1, 2]],
          [
            [3, 4],
            [5, 6],
          ],
        ],
        2,
      ),
    ).toMatchObject({ values: Float32Array.of(1, 2, 3, 4, 5, 6) });
  });

  it("collects words that objects have as properties", () => {
    const collector = new Collector();
    expect(["__proto__", "constructor", "__proto__"].map((word) => collector.index(word))).toEqual([0, 1, 0]);
  });
});

describe("work on the dictionary of tokens", () => {
  const rows = fc.array(fc.array(fc.constantFrom("Ab", "aB", "c", "", "É"), { maxLength: 5 }), { maxLength: 5 });
  const listsOf = (column: ReturnType<typeof tokens>) =>
    Array.from({ length: column.offsets.length - 1 }, (_, row) => tokensOfRow(column, row));

  it("is the same as work on every token", () => {
    const change = (word: string) => (word === "" ? null : word.toLowerCase());
    fc.assert(
      fc.property(rows, (lists) => {
        const expected = lists.map((list) => list.map(change).filter((word) => word !== null));
        const got = mapDictionary(withOtherDictionary(tokens(lists)), change);
        expect(listsOf(got)).toEqual(expected);
        expect(got).toEqual(tokens(expected));
      }),
    );
  });

  it("looks at each form once", () => {
    let calls = 0;
    mapDictionary(tokens([["a", "b", "a"], ["a"]]), (word) => {
      calls++;
      return word;
    });
    expect(calls).toBe(2);
  });

  it("drops what does not pass, and counts what is left", () => {
    const kept = filterDictionary(
      tokens([
        ["a", "b"],
        ["a", "c"],
      ]),
      (word) => word !== "b",
    );
    expect(listsOf(kept)).toEqual([["a"], ["a", "c"]]);
    expect(countDictionary(kept)).toEqual(Int32Array.of(2, 1));
  });

  it("compacts to one form, whatever the dictionary was", () => {
    fc.assert(
      fc.property(rows, (lists) => {
        expect(compact(withOtherDictionary(tokens(lists)))).toEqual(tokens(lists));
      }),
    );
  });
});

describe("the preview of a dataset", () => {
  it("is JSON, and small, for any dataset", () => {
    fc.assert(
      fc.property(anyDataset, (data) => {
        const preview = previewDataset(data);
        expect(() => canonical(preview)).not.toThrow();
        expect(JSON.stringify(preview).length).toBeLessThan(10_000);
        expect(preview).toMatchObject({ rows: data.rows });
      }),
    );
  });

  it("shows size, columns, splits and the first rows, cut to what a person reads", () => {
    const data = Dataset.of({
      text: utf8(["x".repeat(1000), ...Array.from({ length: 9 }, () => "y")]),
      split: labels(Array.from({ length: 10 }, (_, i) => (i < 7 ? "train" : "test"))),
    });
    const preview = previewDataset(data) as { sample: { text: string }[]; splits: object; columns: object[] };
    expect(preview.sample).toHaveLength(6);
    expect(preview.sample[0].text).toBe(`${"x".repeat(400)}…`);
    expect(preview.splits).toEqual({ train: 7, validation: 0, test: 3 });
    expect(preview.columns).toEqual([
      { name: "text", type: "utf8" },
      { name: "split", type: "label", classes: ["train", "test"] },
    ]);
  });
});
