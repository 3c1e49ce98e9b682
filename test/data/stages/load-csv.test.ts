import { gzipSync } from "node:zlib";
import type { Utf8Column } from "@seqloom/core";
import { loadCsv } from "@seqloom/data";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeStage } from "../../support/describe-stage.js";
import { rowsOfDataset } from "../../support/rows.js";
import { diagnosticOf, filesOf, load, problemsOf } from "../support.js";

const REVIEWS = { "r.csv": 'id,class,review\n1,pos,fine\n2,neg,"dull, and\nlong"\n' };
const COLUMNS = { text: "review", label: "class" };

const given = { files: "r.csv", columns: COLUMNS };
const { found } = await filesOf(loadCsv, REVIEWS, given);
describeStage(loadCsv, { with: given, context: { files: found }, skip: ["examples"] });

const loaded = async (files: Record<string, string | Uint8Array>, params: Record<string, unknown>) =>
  rowsOfDataset(await load(loadCsv, files, params));

const one = (csv: string | Uint8Array, columns: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  loaded({ "a.csv": csv }, { files: "a.csv", columns, ...more });

describe("load-csv", () => {
  it("gives the columns that are asked for, in their order, under the names of the pipeline", async () => {
    expect(await loaded(REVIEWS, given)).toEqual([
      { text: "fine", label: "pos" },
      { text: "dull, and\nlong", label: "neg" },
    ]);
  });

  it("tells the planner names and types of its columns", () => {
    const columns = {
      ...COLUMNS,
      id: "id",
      price: { from: "p", as: "number" },
      tokens: "0..5",
      curve: { from: ["a", "b"], as: "series" },
    };
    const params = loadCsv.params.parse({ files: { train: "a.csv", test: "b.csv" }, columns });
    expect(loadCsv.outputsFor?.(params).data).toMatchObject({
      columns: {
        text: "utf8",
        label: "label",
        id: "utf8",
        price: "number",
        tokens: "tokens",
        curve: "series",
        split: "label",
      },
    });
  });

  it("takes the split from the file, and its dictionary always has all three", async () => {
    const files = { "b.csv": "t\nx\n", "a.csv": "t\ny\nz\n" };
    const data = await load(loadCsv, files, { files: { test: "b.csv", train: "a.csv" }, columns: { text: "t" } });
    expect(rowsOfDataset(data)).toEqual([
      { text: "y", split: "train" },
      { text: "z", split: "train" },
      { text: "x", split: "test" },
    ]);
    expect(data.columns.get("split")).toMatchObject({ dictionary: ["train", "validation", "test"] });
  });

  it("takes the split from a column, by the names that the file uses", async () => {
    const columns = { text: "t", split: { from: "part", names: { dev: "validation" } } };
    const rows = await one("t,part\nx,train\ny,dev\nz,test\n", columns);
    expect(rows.map((row) => row.split)).toEqual(["train", "validation", "test"]);
  });

  it("reads the rows of several files in order, whatever the order of their columns", async () => {
    const files = { "b.csv": "t,u\n1,one\n", "a.csv": "u,t\ntwo,2\n" };
    expect(await loaded(files, { files: "*.csv", columns: { text: "u" } })).toEqual([{ text: "two" }, { text: "one" }]);
  });

  it("reads gzip whatever the name", async () => {
    expect(await one(gzipSync("t\nx\n"), { text: "t" })).toEqual([{ text: "x" }]);
  });

  it.each([
    ["a byte order mark", "\ufefft,u\nx,y\n"],
    ["CRLF", "t,u\r\nx,y\r\n"],
    ["a last line without an end", "t,u\nx,y"],
    ["blank lines", "\n\nt,u\n\nx,y\n\n"],
    ["line ends of more than one kind", "t,u\r\nx,y\n"],
    ["quotes around the headers", '"t","u"\n"x","y"\n'],
  ])("reads a file with %s", async (_, csv) => {
    expect(await one(csv, { text: "t", other: "u" })).toEqual([{ text: "x", other: "y" }]);
  });

  it.each([
    ["latin1", Buffer.from("t\ncaf\u00e9 \u0080\n", "latin1"), "café \u0080"],
    ["windows-1252", Buffer.from("t\n\u0093caf\u00e9\u0094 \u0080\n", "latin1"), "“café” €"],
    ["utf-16le", Buffer.from("\ufefft\ncafé 😀\n", "utf16le"), "café 😀"],
    ["utf8", "t\ncafé 😀\n", "café 😀"],
  ])("reads %s", async (encoding, bytes, text) => {
    expect(await one(bytes, { text: "t" }, { encoding })).toEqual([{ text }]);
  });

  it("reads a file without a header, by number or by names given", async () => {
    const csv = '0,7,"so, so"\n4,8,good\n';
    const names = { "0": "negative", "4": "positive" };
    const rows = [
      { label: "negative", text: "so, so" },
      { label: "positive", text: "good" },
    ];
    expect(await one(csv, { label: { from: 0, names }, text: 2 }, { header: false })).toEqual(rows);
    const header = ["polarity", "id", "text"];
    expect(await one(csv, { label: { from: "polarity", names }, text: "text" }, { header })).toEqual(rows);
  });

  it("reads other delimiters, and files that know no quotes", async () => {
    expect(await one('a\tt\n1\t5" disk\n', { text: "t" }, { delimiter: "\t", quote: null })).toEqual([
      { text: '5" disk' },
    ]);
    expect(await one("a;t\n1;'x;''y'\n", { text: "t" }, { delimiter: ";", quote: "'" })).toEqual([{ text: "x;'y" }]);
  });

  it("reads numbers, and NaN where a value is missing", async () => {
    const csv = "x,n\n 1.5 ,3\n-2e3,-4\nNA,5\n,6\n.5,7\n";
    const columns = { x: { from: "x", as: "number" }, n: { from: "n", as: "integer" } };
    expect(await one(csv, columns)).toEqual([
      { x: 1.5, n: 3 },
      { x: -2000, n: -4 },
      { x: null, n: 5 },
      { x: null, n: 6 },
      { x: 0.5, n: 7 },
    ]);
  });

  it("takes an empty label as not known", async () => {
    expect(await one("l,t\nx,1\n,2\n", { label: "l" })).toEqual([{ label: "x" }, { label: null }]);
  });

  it("reads at most so many rows, of each split", async () => {
    const files = { "a.csv": "t\n1\n2\n3\n", "b.csv": "t\n4\n5\n", "c.csv": "t\n6\n7\n8\n" };
    const params = { files: { train: ["a.csv", "b.csv"], test: "c.csv" }, columns: { text: "t" } };
    const texts = async (limit: number) => (await loaded(files, { ...params, limit })).map((row) => row.text);
    expect(await texts(2)).toEqual(["1", "2", "6", "7"]);
    expect(await texts(4)).toEqual(["1", "2", "3", "4", "6", "7", "8"]);
  });

  it("stops at the limit in the middle of a large file, wherever that cuts it", async () => {
    const csv = `t,u\n${'"a ""long"" text, \n in quotes",1\n'.repeat(80_000)}`;
    const data = await load(loadCsv, { "a.csv": csv }, { files: "a.csv", columns: { text: "t" }, limit: 10 });
    expect(data.rows).toBe(10);
  });

  it("reads 300,000 rows", async () => {
    const csv = `t,x\n${Array.from({ length: 300_000 }, (_, i) => `"row ""${i}"", quoted",${i}\n`).join("")}`;
    const data = await load(
      loadCsv,
      { "a.csv": csv },
      { files: "a.csv", columns: { text: "t", x: { from: "x", as: "integer" } } },
    );
    expect(data.rows).toBe(300_000);
    expect(rowsOfDataset(data.slice(299_999))).toEqual([{ text: 'row "299999", quoted', x: 299_999 }]);
  });

  it("stops when the run is aborted", async () => {
    const reason = new Error("interrupted");
    const aborted = load(loadCsv, REVIEWS, given, { signal: AbortSignal.abort(reason) });
    await expect(aborted).rejects.toBe(reason);
  });

  it("reads back any table that is written by RFC 4180", async () => {
    const cell = fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\ufeff"));
    const table = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(table, fc.constantFrom("\n", "\r\n"), async (rows, end) => {
        const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const csv = [["a", "b"], ...rows].map((row) => row.map(quoted).join(",") + end).join("");
        const data = await load(loadCsv, { "a.csv": csv }, { files: "a.csv", columns: { a: "a", b: "b" } });
        const column = (name: string) => (data.columns.get(name) as Utf8Column).values;
        expect(rows.map((_, i) => [column("a")[i], column("b")[i]])).toEqual(rows);
      }),
      { numRuns: 60, seed: 1 },
    );
  });
});

describe("load-csv on wide rows", () => {
  const WIDE = "class,0,1,2,3\npos,a,film,PAD,PAD\nneg,PAD,bad,PAD,film\n";

  it.each(["0..3", "0...3", "0…3", "0 .. 3"])("reads the range %j as tokens, a token to a cell", async (range) => {
    expect(await one(WIDE, { tokens: range })).toEqual([
      { tokens: ["a", "film", "PAD", "PAD"] },
      { tokens: ["PAD", "bad", "PAD", "film"] },
    ]);
  });

  it("drops padding from both ends of the row, and leaves it in the middle", async () => {
    expect(await one(WIDE, { tokens: { from: "0..3", pad: "PAD" } })).toEqual([
      { tokens: ["a", "film"] },
      { tokens: ["bad", "PAD", "film"] },
    ]);
  });

  it("takes a header that looks like a range for what it is", async () => {
    expect(await one("a..b,b\nx y,z\n", { text: "a..b" })).toEqual([{ text: "x y" }]);
  });

  it("reads a range as a series of one value a step, without the padding", async () => {
    const csv = "0,1,2\n1,2.5,3\n4,,\n,,\n";
    expect(await one(csv, { series: { from: "0..2", pad: "" } })).toEqual([
      { series: [1, 2.5, 3] },
      { series: [4] },
      { series: [] },
    ]);
    expect((await one(csv, { series: "0..2" }))[1]).toEqual({ series: [4, "NaN", "NaN"] });
  });

  it("reads a list of headers as a vector, in the order of the list", async () => {
    expect(await one("a,b,c\n1,2,3\n4,5,6\n", { vector: ["c", "a"] })).toEqual([
      { vector: [3, 1] },
      { vector: [6, 4] },
    ]);
  });

  it("reads ranges by place where there is no header", async () => {
    expect(await one("x,a,b\n", { label: 0, tokens: "1..2" }, { header: false })).toEqual([
      { label: "x", tokens: ["a", "b"] },
    ]);
  });

  it("parts one cell of tokens at white space", async () => {
    expect(await one("t\n  a  good\tfilm \n", { tokens: "t" })).toEqual([{ tokens: ["a", "good", "film"] }]);
  });

  it("refuses files whose vectors differ in width", async () => {
    const files = { "a.csv": "a,b,c\n1,2,3\n", "b.csv": "a,c\n1,2\n" };
    const problem = await diagnosticOf(loaded(files, { files: "*.csv", columns: { vector: "a..c" } }));
    expect(problem).toMatchObject({ code: "width-differs", message: "a vector of 2 numbers after a vector of 3" });
  });
});

describe("load-csv refuses parameters", () => {
  it.each([
    [{ columns: {} }, "columns: no column is named"],
    [{ columns: { text: ["a", "b"] } }, "columns.text: a list of cells cannot be utf8"],
    [{ columns: { x: { from: ["a", "b"], as: "number" } } }, "columns.x: a list of cells cannot be number"],
    [{ columns: { text: { from: "a", pad: "x" } } }, "columns.text: pad has no meaning for utf8"],
    [{ columns: { text: { from: "a", names: { a: "b" } } } }, "columns.text: names has no meaning for utf8"],
    [{ columns: { split: { from: "a", as: "utf8" } } }, "columns.split: split must be a label"],
    [{ quote: "," }, "delimiter: delimiter and quote are the same"],
    [{ header: ["a", "a"] }, "header: two columns have the same name"],
    [{ files: "https://host/a.csv" }, 'files: "https://host/a.csv" is a URL without the SHA-256 of its content'],
    [{ files: {} }, "files: no file is named"],
    [
      { files: { train: "a.csv" }, columns: { split: "s" } },
      "columns: the split is given twice: by file and by column",
    ],
  ])("%j", (params, problem) => {
    expect(problemsOf(loadCsv, { files: "a.csv", columns: { text: "t" }, ...params })).toEqual([problem]);
  });
});
