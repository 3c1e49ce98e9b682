import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  artifactType,
  type Column,
  compact,
  Dataset,
  ids,
  integers,
  labels,
  numbers,
  series,
  sparse,
  tags,
  tokens,
  utf8,
} from "@seqloom/core";
import { tableFromIPC } from "apache-arrow";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyDataset, columnsOf, withOtherDictionary } from "./arbitrary.js";

const codec = artifactType("dataset");
const encode = async (data: Dataset) => (await codec.encode(data))[0].bytes;
const decode = async (bytes: Uint8Array) => (await codec.decode([{ name: "data.arrow", bytes }])) as Dataset;
const digest = async (data: Dataset) =>
  createHash("sha256")
    .update(await encode(data))
    .digest("hex");
const types = Object.keys(columnsOf(0)) as Column["type"][];

describe("a dataset as Arrow", () => {
  it.each(types)("keeps a column of type %s", async (type) => {
    const column = fc.integer({ min: 0, max: 6 }).chain((rows) => fc.tuple(fc.constant(rows), columnsOf(rows)[type]));
    await fc.assert(
      fc.asyncProperty(column, async ([rows, own]) => {
        const data = Dataset.of([["own", own as Column]], rows);
        const back = await decode(await encode(data));
        expect(back.rows).toBe(rows);
        expect(back.columns).toEqual(data.columns);
      }),
    );
  });

  it("keeps any dataset: names, order of columns, rows", async () => {
    await fc.assert(
      fc.asyncProperty(anyDataset, async (data) => {
        const back = await decode(await encode(data));
        expect([...back.columns.keys()]).toEqual([...data.columns.keys()]);
        expect(back.columns).toEqual(data.columns);
        expect(back.rows).toBe(data.rows);
      }),
    );
  });

  it("keeps no rows, in every type of column, with their dictionaries", async () => {
    const data = Dataset.of({
      text: utf8([]),
      label: labels([], ["yes", "no"]),
      tokens: tokens([]),
      ids: ids([], 7),
      series: series([], 2),
      number: numbers([]),
      integer: integers([]),
      padded: { type: "padded", values: new Int32Array(0), width: 4, size: 9, pad: 0 },
      vector: { type: "vector", values: new Float32Array(0), width: 3 },
      features: sparse([], ["x", "y"]),
    });
    expect((await decode(await encode(data))).columns).toEqual(data.columns);
  });

  it("keeps rows without a column, and columns of width 0", async () => {
    const none = Dataset.of([], 3);
    expect((await decode(await encode(none))).rows).toBe(3);
    const flat: Column = { type: "vector", values: new Float32Array(0), width: 0 };
    const data = Dataset.of([["v", flat]], 3);
    const back = await decode(await encode(data));
    expect([back.rows, back.column("v")]).toEqual([3, flat]);
  });

  it("has the same bytes for the same content, encoded twice or encoded again after decoding", async () => {
    await fc.assert(
      fc.asyncProperty(anyDataset, async (data) => {
        const first = await digest(data);
        expect(await digest(data)).toBe(first);
        expect(await digest(await decode(await encode(data)))).toBe(first);
      }),
    );
  });

  it("has the same bytes for parts of larger arrays as for arrays of their own", async () => {
    const large = Int32Array.of(9, 9, 1, 2, 3, 9);
    const part = { type: "integer", values: large.subarray(2, 5) } as const;
    expect(await digest(Dataset.of({ n: part }))).toBe(await digest(Dataset.of({ n: integers([1, 2, 3]) })));
    const rows = Dataset.of({ t: tokens([["a"], ["b", "a"], []]), s: series([[[1]], [], [[2], [3]]], 1) });
    const cut = rows.slice(1, 3);
    expect(await digest(cut)).toBe(await digest(await decode(await encode(cut))));
  });

  it("has the same bytes for tokens made in two ways, once they are compact", async () => {
    const lists = fc.array(fc.array(fc.constantFrom("a", "b", "c", "é"), { maxLength: 4 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(lists, async (rows) => {
        const one = compact(tokens(rows));
        const other = compact(withOtherDictionary(tokens(rows)));
        expect(await digest(Dataset.of({ tokens: other }))).toBe(await digest(Dataset.of({ tokens: one })));
      }),
    );
  });

  it("has the same bytes for numbers that are missing, whichever NaN the processor made of them", async () => {
    const odd = new Float64Array(new BigUint64Array([0xfff8000000000000n]).buffer);
    const negative = new Float32Array(new Uint32Array([0xffc00000]).buffer);
    const data = (n: Float64Array, v: Float32Array) =>
      Dataset.of([
        ["n", { type: "number", values: n }],
        ["v", { type: "vector", values: v, width: 1 }],
        ["s", { type: "series", values: v, offsets: Int32Array.of(0, 1), width: 1 }],
      ]);
    const plain = data(Float64Array.of(Number.NaN), Float32Array.of(Number.NaN));
    expect(await digest(data(odd, negative))).toBe(await digest(plain));
  });

  it("has other bytes for other content, even where only the type or a detail of it differs", async () => {
    const values = Int32Array.of(1, 2);
    const variants: Dataset[] = [
      Dataset.of({ a: { type: "integer", values } }),
      Dataset.of({ b: { type: "integer", values } }),
      Dataset.of({ a: { type: "padded", values, width: 1, size: 5, pad: 0 } }),
      Dataset.of({ a: { type: "padded", values, width: 1, size: 6, pad: 0 } }),
      Dataset.of({ a: { type: "padded", values, width: 1, size: 5, pad: -1 } }),
      Dataset.of({ a: { type: "ids", values, offsets: Int32Array.of(0, 1, 2), size: 5 } }),
      Dataset.of({ a: { type: "ids", values, offsets: Int32Array.of(0, 2, 2), size: 5 } }),
      Dataset.of({ a: numbers([0, 1]) }),
      Dataset.of({ a: numbers([-0, 1]) }),
      Dataset.of({ a: labels(["x", null]) }),
      Dataset.of({ a: labels([null, "x"]) }),
      Dataset.of({ a: labels(["x", null], ["x", "y"]) }),
    ];
    const digests = await Promise.all(variants.map(digest));
    expect(new Set(digests).size).toBe(variants.length);
  });

  it("has the same bytes in another process, another locale and another time zone", async () => {
    const script = `
      import { createHash } from "node:crypto";
      import { artifactType, Dataset, ids, labels, numbers, series, tokens, utf8 } from "@seqloom/core";
      const data = Dataset.of({
        text: utf8(["naïve", "", "👍🏽"]), tokens: tokens([["b", "a"], [], ["a"]]), label: labels(["x", null, "y"]),
        series: series([[[1, 2]], [], [[0.5, -0]]], 2), ids: ids([[3], [1, 2], []], 4), n: numbers([NaN, -0, 1e300]),
      });
      const [{ bytes }] = await artifactType("dataset").encode(data);
      console.log(createHash("sha256").update(bytes).digest("hex"));`;
    const run = (environment: Record<string, string>) =>
      execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
        env: { ...process.env, ...environment },
        cwd: import.meta.dirname,
        encoding: "utf8",
      }).trim();
    const data = Dataset.of({
      text: utf8(["naïve", "", "👍🏽"]),
      tokens: tokens([["b", "a"], [], ["a"]]),
      label: labels(["x", null, "y"]),
      series: series([[[1, 2]], [], [[0.5, -0]]], 2),
      ids: ids([[3], [1, 2], []], 4),
      n: numbers([Number.NaN, -0, 1e300]),
    });
    const here = await digest(data);
    expect(run({ LC_ALL: "sv_SE.UTF-8", TZ: "Asia/Kathmandu" })).toBe(here);
    expect(run({ LC_ALL: "C", TZ: "UTC" })).toBe(here);
  });

  it("keeps of which vocabulary ids are, and says nothing where that is not known", async () => {
    const known = ids([[1, 2], []], 3, "0123456789abcdef");
    const padded = { type: "padded", values: Int32Array.of(1, 2), width: 1, size: 3, pad: 0 } as const;
    const data = Dataset.of({
      known,
      unknown: ids([[1], [2]], 3),
      padded: { ...padded, vocabulary: "fedc" },
      old: padded,
    });
    const bytes = await encode(data);
    const back = (await decode(bytes)).select(Int32Array.of(1));
    expect(back.columns.get("known")).toHaveProperty("vocabulary", "0123456789abcdef");
    expect(back.columns.get("padded")).toHaveProperty("vocabulary", "fedc");
    expect(back.columns.get("unknown")).not.toHaveProperty("vocabulary");
    expect(back.columns.get("old")).not.toHaveProperty("vocabulary");
    const fields = tableFromIPC(bytes).schema.fields.map(({ name, metadata }) => [name, metadata.has("vocabulary")]);
    expect(fields).toEqual([
      ["known", true],
      ["unknown", false],
      ["padded", true],
      ["old", false],
    ]);
  });

  it("is plain Arrow, which other programs read", async () => {
    const data = Dataset.of({
      tokens: tokens([["a", "b"], []]),
      label: labels(["x", null]),
      tags: tags([["X", null], []]),
      series: series([[[1, 2]], []], 2),
      features: sparse([[[1, 0.5]], []], ["x", "y"]),
    });
    const table = tableFromIPC(await encode(data));
    expect(String(table.schema.fields.map(({ name, type }) => `${name}: ${type}`).join("; "))).toBe(
      "tokens: List<Dictionary<Int32, Utf8>>; label: Dictionary<Int32, Utf8>; tags: List<Dictionary<Int32, Utf8>>; series: List<FixedSizeList[2]<Float32>>; features: List<Struct<{place:Dictionary<Int32, Utf8>, value:Float32}>>",
    );
    expect(JSON.parse(JSON.stringify(table.toArray()))).toEqual([
      { tokens: ["a", "b"], label: "x", tags: ["X", null], series: [[1, 2]], features: [{ place: "y", value: 0.5 }] },
      { tokens: [], label: null, tags: [], series: [], features: [] },
    ]);
  });

  it("that is damaged is refused, not misread", async () => {
    const bytes = await encode(Dataset.of({ n: numbers([1, 2, 3]) }));
    for (let size = 0; size < bytes.length; size += 7) await expect(decode(bytes.slice(0, size))).rejects.toThrow();
    await expect(decode(new Uint8Array(100))).rejects.toThrow();
    await expect(decode(new Uint8Array(0))).rejects.toThrow();
  });
});
