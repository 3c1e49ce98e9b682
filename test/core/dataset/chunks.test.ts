import {
  artifactType,
  type Column,
  compact,
  cutDataset,
  Dataset,
  integers,
  joinDatasets,
  labels,
  tokens,
  utf8,
} from "@seqloom/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyDataset } from "./arbitrary.js";

const SMALL = { least: 40, spread: 40, most: 160 };
const cut = (data: Dataset): Dataset[] => [...cutDataset(data, SMALL)];

/** Tokens with the dictionary that a joined dataset has. */
const compacted = (data: Dataset): [string, Column][] =>
  [...data.columns].map(([name, column]) => [name, column.type === "tokens" ? compact(column) : column]);

const texts = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `row ${from + i} ${"x".repeat((from + i) % 7)}`);

const bytesOf = async (data: Dataset): Promise<string> => {
  const [{ bytes }] = await artifactType("dataset").encode(data);
  return Buffer.from(bytes).toString("base64");
};

describe("a dataset in chunks", () => {
  it("has the rows and the dictionaries of the whole once it is joined", async () => {
    await fc.assert(
      fc.asyncProperty(anyDataset, async (data) => {
        const chunks = [...cutDataset(data, { least: 8, spread: 8, most: 24 })];
        const joined = joinDatasets(chunks);
        expect(joined.rows).toBe(data.rows);
        expect([...joined.columns]).toEqual(chunks.length === 1 ? [...data.columns] : compacted(data));
      }),
    );
  });

  it("is the same in one chunk or joined from many, byte for byte, whatever the sizes of chunks", async () => {
    const data = Dataset.of({
      text: utf8(texts(0, 200)),
      tokens: tokens(texts(0, 200).map((text) => text.split(" "))),
      label: labels(texts(0, 200).map((_, row) => (row % 5 === 4 ? null : `class ${row % 7}`))),
    });
    const whole = await bytesOf(data);
    for (const least of [10, 100, 1000]) {
      const joined = joinDatasets([...cutDataset(data, { least, spread: least, most: least * 4 })]);
      expect(await bytesOf(joined)).toBe(whole);
    }
  });

  it("keeps all but a few chunks when rows are put in, taken out or added", async () => {
    const before = texts(0, 2000);
    const edits: string[][] = [
      [...before.slice(0, 700), ...texts(5000, 20), ...before.slice(700)],
      [...before.slice(0, 1500), ...before.slice(1520)],
      [...before, ...texts(9000, 20)],
      [...texts(9000, 20), ...before],
    ];
    const chunksOf = (rows: string[]) =>
      Promise.all(cut(Dataset.of({ text: utf8(rows), label: labels(rows.map((row) => row.slice(-1))) })).map(bytesOf));
    const known = new Set(await chunksOf(before));
    expect(known.size).toBeGreaterThan(100);
    for (const edited of edits) {
      const fresh = (await chunksOf(edited)).filter((chunk) => !known.has(chunk));
      expect(fresh.length).toBeGreaterThan(0);
      // 20 rows are about 8 chunks; the cuts find the old ones again soon after.
      expect(fresh.length).toBeLessThan(30);
    }
  });

  it("stays whole when it is small, and has chunks between the least and the most bytes when it is not", () => {
    expect(cut(Dataset.of({ n: integers([1, 2, 3]) }))).toHaveLength(1);
    const same = cut(Dataset.of({ text: utf8(Array.from({ length: 500 }, () => "the same")) }));
    expect(same.length).toBeGreaterThan(10);
    for (const chunk of same.slice(0, -1)) {
      expect(chunk.rows * 12).toBeGreaterThanOrEqual(SMALL.least);
      expect(chunk.rows * 12).toBeLessThanOrEqual(SMALL.most);
    }
  });

  it("keeps a dictionary whose order has a meaning in every chunk", () => {
    const classes = ["c", "b", "a", "never"];
    const rows = Array.from({ length: 300 }, (_, row) => classes[row % 3]);
    const chunks = cut(Dataset.of({ label: labels(rows, classes) }));
    expect(chunks.length).toBeGreaterThan(2);
    for (const chunk of chunks) expect(chunk.column("label")).toMatchObject({ dictionary: classes });
  });

  it("refuses parts that do not fit together", () => {
    const join = (...columns: Column[]) => joinDatasets(columns.map((column) => Dataset.of([["x", column]])));
    const wide = (width: number): Column => ({ type: "vector", values: new Float32Array(6), width });
    expect(() => join(wide(2), wide(3))).toThrow('column "x" has width 2 in one part and 3 in another');
    expect(() => join(utf8(["a"]), integers([1]))).toThrow('columns "x" of utf8, integer');
  });
});
