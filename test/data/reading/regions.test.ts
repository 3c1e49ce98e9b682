import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf, type FoundRegion, regionsOf } from "../../../packages/data/dist/reading/regions.js";
import type { RecordSyntax } from "../../../packages/data/dist/reading/scanner.js";
import { diagnosticOf, folderWith } from "../support.js";

const CSV: RecordSyntax = { quote: '"', carriageReturn: true };
const LINES: RecordSyntax = { quote: null, carriageReturn: false };
const SMALL = { least: 12, spread: 12, most: 60 };
const { signal } = new AbortController();

type Kept = Omit<FoundRegion, "bytes"> & { readonly text: string };

async function cut(content: string, syntax: RecordSyntax, sizes = SMALL): Promise<Kept[]> {
  const path = join(folderWith({ "data.txt": content }), "data.txt");
  const found: Kept[] = [];
  for await (const { bytes, ...region } of regionsOf({ path, start: 0, encoding: "utf8" }, syntax, signal, sizes)) {
    found.push({ ...region, text: bytes.toString("utf8") });
  }
  return found;
}

/** The parser of the loader, which is a dependency of that package only. */
const { parse } = createRequire(new URL("../../../packages/data/package.json", import.meta.url))("csv-parse/sync") as {
  readonly parse: (text: string, options: object) => string[][];
};
const records = (text: string): string[][] =>
  parse(text, { relax_column_count: true, skip_empty_lines: true, record_delimiter: ["\r\n", "\n", "\r"] });

const cell = fc.oneof(
  fc.constantFrom("", "a", "été", "1.5"),
  fc
    .string({ unit: fc.constantFrom("x", '"', ",", "\n", "\r", "\r\n", "é"), maxLength: 5 })
    .map((text) => `"${text.replaceAll('"', '""')}"`),
);
const row = fc.array(cell, { minLength: 1, maxLength: 3 }).map((cells) => cells.join(","));
const file = fc
  .tuple(fc.array(fc.oneof(row, fc.constant("")), { maxLength: 40 }), fc.constantFrom("\n", "\r\n", "\r"), fc.boolean())
  .map(([rows, end, closed]) => rows.join(end) + (closed ? end : ""));

describe("the regions of a CSV file", () => {
  it("are the whole file, hold whole records, and know how many these are and on what line they begin", async () => {
    await fc.assert(
      fc.asyncProperty(file, async (content) => {
        const regions = await cut(content, CSV);
        expect(regions.map(({ text }) => text).join("")).toBe(content);
        const all = records(content);
        expect(regions.flatMap(({ text }) => records(text))).toEqual(all);
        for (const region of regions) expect(region.records).toBe(records(region.text).length);
        let before = "";
        for (const { text, line } of regions) {
          expect(line).toBe((before.match(/\r\n|\n|\r/g) ?? []).length + 1);
          before += text;
        }
      }),
    );
  });

  it("stay as they are before and soon after an edit", async () => {
    const rows = Array.from({ length: 600 }, (_, i) => `${i},"text, ${i * 7919}"\n`);
    const digests = async (content: string[]) => (await cut(content.join(""), CSV)).map(({ digest }) => digest);
    const before = new Set(await digests(rows));
    expect(before.size).toBeGreaterThan(150);
    const edited = [...rows.slice(0, 200), 'new,"with\nlines"\n', ...rows.slice(200, 400), ...rows.slice(403)];
    expect((await digests(edited)).filter((digest) => !before.has(digest)).length).toBeLessThan(20);
  });

  it("are one where the quote is no ASCII character, and cannot be told from other bytes", async () => {
    const content = "«a»,1\n".repeat(50);
    expect(await cut(content, { quote: "«", carriageReturn: true })).toHaveLength(1);
  });
});

describe("the regions of a file of lines", () => {
  it("end after line feeds only", async () => {
    const lines = fc.array(fc.string({ unit: fc.constantFrom("a", '"', "\r", "é", " "), maxLength: 20 }), {
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(lines, async (texts) => {
        const content = texts.join("\n");
        const regions = await cut(content, LINES);
        expect(regions.map(({ text }) => text).join("")).toBe(content);
        for (const { text } of regions.slice(0, -1)) expect(text.endsWith("\n")).toBe(true);
        expect(regions.reduce((sum, { lines: own }) => sum + own, 0)).toBe(content.split("\n").length - 1);
      }),
    );
  });

  it("are found in blocks of a megabyte as in small ones", async () => {
    const content = Array.from({ length: 60_000 }, (_, i) => `line ${i} ${"é".repeat(i % 40)}\n`).join("");
    const regions = await cut(content, LINES, { least: 300_000, spread: 300_000, most: 2_000_000 });
    expect(regions.length).toBeGreaterThan(2);
    expect(regions.map(({ text }) => text).join("")).toBe(content);
  });
});

it("a region that changed since it was found is refused", async () => {
  const [region] = await cut("one\ntwo\n", LINES);
  expect((await bytesOf(region, "data.txt")).toString()).toBe("one\ntwo\n");
  writeFileSync(region.path, "one\nTWO\n");
  expect(await diagnosticOf(bytesOf(region, "data.txt"))).toMatchObject({ code: "file-changing" });
});
