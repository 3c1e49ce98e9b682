import type { StageDefinition } from "@seqloom/core";
import { loadCsv, loadJsonl, loadLines } from "@seqloom/data";
import { describe, expect, it } from "vitest";
import { testContext } from "../../support/context.js";
import { diagnosticOf, filesOf, folderWith, load } from "../support.js";

const ROWS = 60_000;
const texts = Array.from({ length: ROWS }, (_, i) => `row ${i}: ${"word ".repeat(10 + (i % 20))}`);
const csv = ["n,t", ...texts.map((text, i) => `${i},"${text}"`)];
const jsonl = texts.map((text, i) => JSON.stringify({ t: text, n: i, v: [i, 1] }));
const CSV = { files: "data", columns: { text: "t", n: { from: "n", as: "number" } } };
const JSONL = { files: "data", columns: { text: "t", n: { from: "n", as: "number" }, vector: "v" } };

/** The pieces of a source: what of a stage the engine keeps apart. */
async function piecesOf(stage: unknown, lines: readonly string[], given: Record<string, unknown>) {
  const { params, found } = await filesOf(stage, folderWith({ data: `${lines.join("\n")}\n` }), given);
  const pieces: string[] = [];
  const { source } = stage as StageDefinition;
  for await (const { identity } of source!.pieces(params, testContext({ files: found })))
    pieces.push(JSON.stringify(identity));
  return pieces;
}

const withLine = (lines: readonly string[], place: number, line: string) =>
  lines.map((own, i) => (i === place ? line : own));
const content = (lines: readonly string[]) => ({ data: lines.join("\n") });

describe.each([
  { name: "load-csv", stage: loadCsv as unknown, given: CSV, lines: csv },
  { name: "load-jsonl", stage: loadJsonl as unknown, given: JSONL, lines: jsonl },
  { name: "load-lines", stage: loadLines as unknown, given: { files: "data" }, lines: texts },
])("$name of a file of several pieces", ({ stage, given, lines }) => {
  it("gives all rows in order, and with a limit the first", async () => {
    expect((await piecesOf(stage, lines, given)).length).toBeGreaterThan(1);
    const data = await load(stage, content(lines), given);
    const column = data.columns.get("text");
    expect(column?.type === "utf8" && column.values.map((text) => text.replace(/^\d+,/, ""))).toEqual(texts);
    const limited = await load(stage, content(lines), { ...given, limit: ROWS - 10 });
    expect(limited.rows).toBe(ROWS - 10);
  });

  it("has the same pieces, but for one or two, after a row came in", async () => {
    const before = new Set(await piecesOf(stage, lines, given));
    const after = await piecesOf(stage, [...lines.slice(0, 1000), lines[1000], ...lines.slice(1000)], given);
    expect(after.filter((piece) => !before.has(piece)).length).toBeLessThanOrEqual(2);
  });
});

describe("a fault far down a file", () => {
  it.each([
    {
      what: "a number",
      stage: loadCsv as unknown,
      given: CSV,
      lines: withLine(csv, 55_000, 'x,"a"'),
      at: { line: 55_001 },
      code: "csv-number",
    },
    {
      what: "a quote",
      stage: loadCsv as unknown,
      given: CSV,
      lines: withLine(csv, 55_000, '1,a "b'),
      at: { line: 55_001 },
      code: "csv-quote",
    },
    {
      what: "an encoding",
      stage: loadCsv as unknown,
      given: CSV,
      lines: csv,
      at: { line: 50_001 },
      code: "file-encoding",
    },
    {
      what: "a field",
      stage: loadJsonl as unknown,
      given: JSONL,
      lines: withLine(jsonl, 55_000, "{}"),
      at: { line: 55_001 },
      code: "json-field-missing",
    },
    {
      what: "a width",
      stage: loadJsonl as unknown,
      given: JSONL,
      lines: withLine(jsonl, 55_000, '{"t":"","n":1,"v":[1]}'),
      at: { line: 55_001 },
      code: "width-differs",
    },
  ])("is told with its line: $what", async ({ stage, given, lines, at, code }) => {
    const bytes = Buffer.from(lines.join("\n"));
    if (code === "file-encoding") bytes[bytes.indexOf(`\n${lines[50_000]}`) + 4] = 0xff;
    const said = await diagnosticOf(load(stage, { data: bytes }, given));
    expect(said).toMatchObject({ code, at: { file: "data", line: at.line } });
  });

  it("is a label too few, with how many lines there are", async () => {
    const files = { ...content(texts), labels: "x\n".repeat(ROWS - 1) };
    const said = await diagnosticOf(load(loadLines, files, { files: "data", labels: "labels" }));
    expect(said.message).toBe(`"data" has ${ROWS} lines, "labels" has ${ROWS - 1}`);
    const data = await load(
      loadLines,
      { ...files, labels: `${"x\n".repeat(ROWS - 1)}y` },
      { files: "data", labels: "labels" },
    );
    expect(data.columns.get("label")).toMatchObject({ dictionary: ["x", "y"] });
  });
});
