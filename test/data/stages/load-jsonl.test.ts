import { gzipSync } from "node:zlib";
import type { Utf8Column } from "@seqloom/core";
import { loadJsonl } from "@seqloom/data";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeStage } from "../../support/describe-stage.js";
import { rowsOfDataset } from "../../support/rows.js";
import { filesOf, load, problemsOf } from "../support.js";

const given = { files: "a.jsonl", columns: { text: "t", label: "l" } };
const FILES = { "a.jsonl": '{"t":"one","l":1}\n\n{"t":"two","l":null}\n' };
const { found } = await filesOf(loadJsonl, FILES, given);
describeStage(loadJsonl, { with: given, context: { files: found }, skip: ["examples"] });

const rows = async (
  content: string | Uint8Array,
  columns: Record<string, unknown>,
  more: Record<string, unknown> = {},
) => rowsOfDataset(await load(loadJsonl, { "a.jsonl": content }, { files: "a.jsonl", columns, ...more }));

describe("load-jsonl", () => {
  it("takes fields by name, and fields in fields by dots", async () => {
    const line = '{"body":"x","user":{"team.name":"ignored","team":{"name":"red"}},"tags":["a","b"],"a.b":"dotted"}\n';
    const columns = { text: "body", label: "user.team.name", second: "tags.1", dotted: "a.b" };
    expect(await rows(line, columns)).toEqual([{ text: "x", label: "red", second: "b", dotted: "dotted" }]);
  });

  it("reads every type of column", async () => {
    const line = {
      t: "x",
      n: 1.5,
      i: 3,
      w: ["a", "b"],
      s: [1, 2],
      m: [
        [1, 2],
        [3, 4],
      ],
      v: [1, null],
      y: true,
    };
    const columns = {
      text: "t",
      n: { from: "n", as: "number" },
      i: { from: "i", as: "integer" },
      tokens: "w",
      series: "s",
      frames: { from: "m", as: "series" },
      vector: "v",
      label: { from: "y", names: { true: "yes" } },
    };
    expect(await rows(JSON.stringify(line), columns)).toEqual([
      {
        text: "x",
        n: 1.5,
        i: 3,
        tokens: ["a", "b"],
        series: [1, 2],
        frames: [
          [1, 2],
          [3, 4],
        ],
        vector: [1, "NaN"],
        label: "yes",
      },
    ]);
  });

  it("notes in the log that labels are of several JSON types, and makes one class of those that read alike", async () => {
    const said: string[] = [];
    const read = (content: string) =>
      load(
        loadJsonl,
        { "a.jsonl": content },
        { files: "a.jsonl", columns: { label: "l" } },
        { log: (message) => void said.push(message) },
      );
    const data = await read('{"l":2.0}\n{"l":"2"}\n{"l":true}\n{"l":null}\n{"l":2}\n');
    expect(rowsOfDataset(data).map(({ label }) => label)).toEqual(["2", "2", "true", null, "2"]);
    expect(said).toEqual([
      'column "label" has numbers and strings and booleans: values that are written alike are one class, such as 1 and "1", or 2 and 2.0',
    ]);
    await read('{"l":1}\n{"l":null}\n{"l":2}\n');
    expect(said.length).toBe(1);
  });

  it("takes null as not known, for labels and numbers", async () => {
    expect(await rows('{"l":null,"n":null}', { label: "l", n: { from: "n", as: "number" } })).toEqual([
      { label: null, n: null },
    ]);
  });

  it("parts text that is read as tokens at white space", async () => {
    expect(await rows('{"t":" a  b "}', { tokens: "t" })).toEqual([{ tokens: ["a", "b"] }]);
  });

  it("takes the split by file, and at most so many rows of each", async () => {
    const files = { "a.jsonl": '{"t":"a"}\n{"t":"b"}\n', "b.jsonl.gz": gzipSync('\ufeff{"t":"c"}\r\n') };
    const params = { files: { train: "a.jsonl", validation: "b.jsonl.gz" }, columns: { text: "t" }, limit: 1 };
    expect(rowsOfDataset(await load(loadJsonl, files, params))).toEqual([
      { text: "a", split: "train" },
      { text: "c", split: "validation" },
    ]);
  });

  it("takes names that JavaScript objects inherit for what they are: fields and labels", async () => {
    const line = '{"__proto__":{"t":"inner","polluted":1},"constructor":"c","l":"__proto__","t":"own"}\n';
    const columns = { text: "t", inner: "__proto__.t", kind: "constructor", label: "l" };
    expect(await rows(line, columns)).toEqual([{ text: "own", inner: "inner", kind: "c", label: "__proto__" }]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    await expect(rows('{"t":"x"}\n', { text: "t", label: "toString" })).rejects.toThrow("toString");
    await expect(rows('{"t":{"a":1}}\n', { text: "t.constructor.name" })).rejects.toThrow("constructor");
    await expect(rows(`${"[".repeat(200_000)}\n`, { text: "t" })).rejects.toMatchObject({
      diagnostics: [{ code: "json-syntax" }],
    });
  });

  it("reads back any text", async () => {
    const texts = fc.array(fc.string({ unit: "binary" }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(texts, async (expected) => {
        const lines = expected.map((t) => `${JSON.stringify({ t })}\n`).join("");
        const data = await load(loadJsonl, { "a.jsonl": lines }, { files: "a.jsonl", columns: { text: "t" } });
        expect((data.columns.get("text") as Utf8Column).values).toEqual(expected);
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  it("refuses columns that make no sense", () => {
    expect(problemsOf(loadJsonl, { files: "a", columns: {} })).toEqual(["columns: no column is named"]);
    const columns = { split: "s", text: { from: "t", names: { a: "b" } } };
    expect(problemsOf(loadJsonl, { files: { train: "a" }, columns })).toEqual([
      "columns.text: names has no meaning for utf8",
      "columns: the split is given twice: by file and by field",
    ]);
  });
});
