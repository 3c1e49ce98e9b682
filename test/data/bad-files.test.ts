import { gzipSync } from "node:zlib";
import { loadCsv, loadFolders, loadJsonl, loadLines } from "@seqloom/data";
import { describe, expect, it } from "vitest";
import { diagnosticOf, type Files, load, rendered } from "./support.js";

/** What a person reads who loads column `t` as text and column `n` as a number. */
async function said(csv: string | Uint8Array, params: Record<string, unknown> = {}, stage: unknown = loadCsv) {
  const defaults = stage === loadCsv ? { columns: { text: "t", n: { from: "n", as: "number" } } } : {};
  const { files = { "data.csv": csv }, ...rest } = params;
  return rendered(await diagnosticOf(load(stage, files as Files, { files: "data.csv", ...defaults, ...rest })));
}

describe("a CSV file", () => {
  it("that is missing", async () => {
    expect(await said("", { files: { "date.csv": "" } })).toMatchInlineSnapshot(`
      "file-missing: there is no file "data.csv"
        Did you mean "date.csv"? It is in the pipeline's folder."
    `);
  });

  it("that is empty", async () => {
    expect(await said("")).toMatchInlineSnapshot(`
      "file-empty: "data.csv" is empty
        Was it written to the end? A loader needs at least one row."
    `);
  });

  it("that is empty inside its gzip", async () => {
    expect(await said(gzipSync(""))).toMatchInlineSnapshot(`
      "file-empty: "data.csv" is empty
        Was it written to the end? A loader needs at least one row."
    `);
  });

  it("that is gzip cut short", async () => {
    expect(await said(gzipSync("t,n\na,1\n".repeat(100)).subarray(0, 30))).toMatchInlineSnapshot(`
      "file-gzip: "data.csv" begins as a gzip file but cannot be unpacked: unexpected end of file
        The file is cut short or damaged: copy or download it again."
    `);
  });

  it("with a header only", async () => {
    expect(await said("t,n\n")).toMatchInlineSnapshot(`
      "csv-no-rows at data.csv:1:1: "data.csv" has a header but no rows
        If the first line is data, set header: false."
    `);
  });

  it("with blank lines only", async () => {
    expect(await said("\n\n")).toMatchInlineSnapshot(`
      "csv-no-rows at data.csv:1:1: "data.csv" has only blank lines
        A loader needs at least one row."
    `);
  });

  it("whose quote never closes", async () => {
    expect(await said('t,n\nfine,1\n"dull,2\nlong,3\n')).toMatchInlineSnapshot(`
      "csv-quote at data.csv:3:1: a quote opens here and never closes
        In a quoted value, write each quote twice. If this file does not use quotes, set quote: null."
    `);
  });

  it("with text after a closing quote", async () => {
    expect(await said('t,n\nfine,1\n"two\nlines"x,2\n')).toMatchInlineSnapshot(`
      "csv-quote at data.csv:4:7: more text after the quote that closes a value (it opens on line 3)
        In a quoted value, write each quote twice. If this file does not use quotes, set quote: null."
    `);
  });

  it("with a quote inside a plain value", async () => {
    expect(await said('n,t\n1,fine\n2,a 5" disk\n')).toMatchInlineSnapshot(`
      "csv-quote at data.csv:3:6: a quote inside a value that does not begin with one
        In a quoted value, write each quote twice. If this file does not use quotes, set quote: null."
    `);
  });

  it("with a row that is too short", async () => {
    expect(await said('t,n\n"two\nlines",1\n\nfine\n')).toMatchInlineSnapshot(`
      "csv-ragged at data.csv:5:1: row with 1 cell where the header has 2
        Is a value missing, or the delimiter another one? Set delimiter."
    `);
  });

  it("with a row that is too long", async () => {
    expect(await said("t,n\r\nfine,1\r\ndull, long,2\r\n")).toMatchInlineSnapshot(`
      "csv-ragged at data.csv:3:12: row with 3 cells where the header has 2
        Is there a "," in a value? Then the value must be in quotes."
    `);
  });

  it("with another delimiter", async () => {
    expect(await said("t;n\nfine;1\n")).toMatchInlineSnapshot(`
      "csv-column-missing at data.csv:1:1: there is no column "t"
        The header is one column, "t;n": set delimiter: ";"."
    `);
  });

  it("with another delimiter and quotes", async () => {
    expect(await said('"t";"n"\n"fine, really";1\n')).toMatchInlineSnapshot(`
      "csv-quote at data.csv:1:4: more text after the quote that closes a value (it opens on line 1)
        The header is one column, "t;n": set delimiter: ";"."
    `);
    expect(await said('t\tn\n"fine"\t1\n')).toMatchInlineSnapshot(`
      "csv-column-missing at data.csv:1:1: there is no column "t"
        The header is one column, "t\\tn": set delimiter: "\\t"."
    `);
    expect(await said('n|t\n1|a 5" disk\n')).toMatchInlineSnapshot(`
      "csv-column-missing at data.csv:1:1: there is no column "t"
        The header is one column, "n|t": set delimiter: "|"."
    `);
    expect(await said("t,n\nfine,1\n", { delimiter: ";" })).toMatchInlineSnapshot(`
      "csv-column-missing at data.csv:1:1: there is no column "t"
        The header is one column, "t,n": set delimiter: ","."
    `);
  });

  it("with another delimiter and no header", async () => {
    expect(await said("fine;1\ndull, long;2\n", { header: false, columns: { text: 0 } })).toMatchInlineSnapshot(`
      "csv-ragged at data.csv:2:6: row with 2 cells where the first has 1
        The first row is one cell, "fine;1": set delimiter: ";"."
    `);
    expect(await said("fine;1\ndull;2\n", { header: ["t", "n"] })).toMatchInlineSnapshot(`
      "csv-ragged at data.csv:1:1: row with 1 cell where header names 2
        The first row is one cell, "fine;1": set delimiter: ";"."
    `);
    expect(await said("fine;1\ndull;2\n", { header: false, columns: { text: 1 } })).toMatchInlineSnapshot(`
      "csv-column-missing at data.csv:1:1: there is no column "1"
        The first row is one cell, "fine;1": set delimiter: ";"."
    `);
  });

  it("whose quotes are wrong, though one column has delimiters of others in quotes", async () => {
    expect(await said('"a;b"\n"x"y\n', { columns: { text: "a;b" } })).toMatchInlineSnapshot(`
      "csv-quote at data.csv:2:4: more text after the quote that closes a value (it opens on line 2)
        In a quoted value, write each quote twice. If this file does not use quotes, set quote: null."
    `);
  });

  it("without a header, of rows that differ", async () => {
    expect(await said("fine,1\ndull\n", { header: false, columns: { text: 0 } })).toMatchInlineSnapshot(`
      "csv-ragged at data.csv:2:1: row with 1 cell where the first has 2
        Is a value missing, or the delimiter another one? Set delimiter."
    `);
  });

  it("with more columns than names", async () => {
    expect(await said("fine,1,2\n", { header: ["t", "n"] })).toMatchInlineSnapshot(`
      "csv-ragged at data.csv:1:8: row with 3 cells where header names 2
        Is there a "," in a value? Then the value must be in quotes."
    `);
  });

  it("without the column", async () => {
    expect(await said("text,n\nfine,1\n", { columns: { text: "txt" } })).toMatchInlineSnapshot(`
      "csv-column-missing at data.csv:1:1: there is no column "txt"
        Did you mean "text"?"
    `);
  });

  it("with two columns of the name", async () => {
    expect(await said("t,n,t\nfine,1,x\n")).toMatchInlineSnapshot(`
      "csv-column-twice at data.csv:1:1: two columns have the name "t"
        Give the columns other names: header: [name, name, …]."
    `);
  });

  it("whose range of columns is the wrong way round", async () => {
    expect(await said("a,b\n1,2\n", { columns: { series: "b..a" } })).toMatchInlineSnapshot(`
      "csv-range at data.csv:1:1: "b..a": the first of the range comes after its last
        Write "a..b"."
    `);
  });

  it("with a range where one cell is needed", async () => {
    expect(await said("a,b\n1,2\n", { columns: { text: "a..b" } })).toMatchInlineSnapshot(`
      "csv-column-missing at data.csv:1:1: there is no column "a..b"
        If it is a range of columns, it cannot be utf8: set as: tokens, as: series, or as: vector."
    `);
  });

  it("with a number that is none, after a byte order mark and CRLF", async () => {
    expect(await said('\ufefft,n\r\nfine,1\r\n"dull",x1\r\n')).toMatchInlineSnapshot(`
      "csv-number at data.csv:3:8: "x1" is not a number
        If it stands for a missing value, add it to missing; if the column is text, set as: utf8 or as: label."
    `);
  });

  it("with a fraction where an integer is needed", async () => {
    expect(await said("n\n1\n1.5\n", { columns: { n: { from: "n", as: "integer" } } })).toMatchInlineSnapshot(`
      "csv-number at data.csv:3:1: "1.5" is not an integer
        Set as: number for fractions, large numbers and missing values."
    `);
  });

  it("with a split that is none", async () => {
    expect(await said("t,s\na,train\nb,dev\n", { columns: { split: "s" } })).toMatchInlineSnapshot(`
      "split-unknown at data.csv:3:3: "dev" is no split
        Rows are in train, validation, test. If it means one of these, say so: names: { dev: validation }."
    `);
  });

  it("in another encoding than UTF-8", async () => {
    expect(await said(Buffer.from("t,n\nfine,1\ncafé,2\n", "latin1"))).toMatchInlineSnapshot(`
      "file-encoding at data.csv:3:4: "data.csv" is not UTF-8: byte 0xE9 (number 15 of the file)
        Set encoding: windows-1252 if it was written on Windows in a western language, or the name of another, or auto to find out."
    `);
  });

  it.each([
    ["an overlong form", [0xc0, 0x80], 1],
    ["an overlong form of three bytes", [0x41, 0xe0, 0x80, 0x80], 2],
    ["half a surrogate pair", [0xc3, 0xa9, 0xed, 0xa0, 0x80], 3],
    ["a character past the last", [0xf4, 0x90, 0x80, 0x80], 1],
    ["a character that is cut off", [0x41, 0xe2, 0x82], 2],
    ["a byte that continues nothing", [0xf0, 0x9f, 0x98, 0x80, 0x80], 5],
    ["a byte that UTF-8 never has", [0x0a, 0xff], 2],
  ])("with bytes that are not UTF-8: %s", async (_, bytes, number) => {
    expect(await said(Uint8Array.from(bytes))).toContain(`(number ${number} of the file)`);
  });

  it("in UTF-16", async () => {
    expect(await said(Buffer.from("\ufefft,n\n", "utf16le"))).toMatchInlineSnapshot(`
      "file-encoding at data.csv:1:1: "data.csv" is not UTF-8: it begins with the mark of UTF-16
        Set encoding: utf-16le."
    `);
  });

  it("that is not UTF-16", async () => {
    expect(await said("t,n\nfine,1\n", { encoding: "utf-16le" })).toMatchInlineSnapshot(`
      "file-encoding at data.csv:1:6: "data.csv" is not UTF-16: half a character
        Set encoding to what the file is in; utf8 is the usual one."
    `);
  });

  it("whose SHA-256 differs", async () => {
    const source = { url: new URL("../../package.json", import.meta.url).href, sha256: "0".repeat(64) };
    const params = { files: source, columns: { text: "t" } };
    const problem = await diagnosticOf(load(loadCsv, {}, params));
    expect(problem.code).toBe("sha256-mismatch");
  });
});

describe("a JSON lines file", () => {
  const jsonl = (text: string, columns: Record<string, unknown> = { text: "t" }) => said(text, { columns }, loadJsonl);

  it.each([
    ['{"t":"a"}\n{"t":"b"\n', "2:9", '"," or "}"'],
    ['{"t":"a",}\n', "1:10", 'a name in "quotes"'],
    ["{'t':'a'}\n", "1:2", 'a name in "quotes"'],
    ['{"t" "a"}\n', "1:6", '":"'],
    ['{"t":[1 2]}\n', "1:9", '"," or "]"'],
    ['{"t":NaN}\n', "1:6", "a value"],
    ['{"t":01}\n', "1:6", "a value"],
    ['{"t":"a"} {"t":"b"}\n', "1:11", "the end of the line"],
    ["\ufeff{\r\n", "1:2", 'a name in "quotes"'],
  ])("with bad JSON %j", async (text, place, expected) => {
    const message = await jsonl(text);
    expect(message).toContain(`json-syntax at data.csv:${place}: `);
    expect(message).toContain(`where ${expected} is expected`);
  });

  it.each([
    ['{"t":"a}\n', "1:6: a string that never closes"],
    ['{"t":"a\\x"}\n', "1:8: an escape that JSON does not know"],
    ['{"t":"a\tb"}\n', "1:8: a control character in a string"],
  ])("with a bad string %j", async (text, expected) => {
    expect(await jsonl(text)).toContain(`json-syntax at data.csv:${expected}`);
  });

  it("with blank lines only", async () => {
    expect(await jsonl("\n\n")).toMatchInlineSnapshot(`
      "json-no-rows at data.csv:1:1: "data.csv" has only blank lines
        A loader needs at least one row."
    `);
  });

  it("without the field", async () => {
    expect(await jsonl('{"u":{"nmae":"x"}}\n', { text: "u.name" })).toMatchInlineSnapshot(`
      "json-field-missing at data.csv:1:1: there is no field "name" in "u"
        Did you mean "nmae"?"
    `);
  });

  it("with a field of another type", async () => {
    expect(await jsonl('{"t":"a"}\n\n{"t":["a","b"]}\n')).toMatchInlineSnapshot(`
      "json-type at data.csv:3:1: "t" is ["a","b"], expected a string
        Column text is utf8: give it another type with as, or mend the file."
    `);
  });

  it("with steps that differ in width", async () => {
    expect(await jsonl('{"s":[[1,2],[3]]}\n', { series: "s" })).toMatchInlineSnapshot(`
      "width-differs at data.csv:1:1: "s": a step of 1 numbers after a step of 2
        Every step must have as many numbers as the first."
    `);
  });
});

describe("files of lines and of labels", () => {
  it("that differ in length", async () => {
    const files = { "data.csv": "a\nb\nc\n", "l.txt": "1\n2\n" };
    expect(await said("", { files, labels: "l.txt" }, loadLines)).toMatchInlineSnapshot(`
      "lines-uneven at data.csv:3:1: "data.csv" has 3 lines, "l.txt" has 2
        Line n of one file belongs to line n of the other; "l.txt" ends before line 3."
    `);
  });

  it("that differ in number", async () => {
    const files = { "data.csv": "a\n", "1.txt": "1\n", "2.txt": "2\n" };
    expect(await said("", { files, labels: "*.txt" }, loadLines)).toMatchInlineSnapshot(`
      "lines-unpaired: 1 files of text and 2 of labels
        Each file needs one of labels. Text: "data.csv". Labels: "1.txt", "2.txt"."
    `);
  });
});

describe("folders", () => {
  const folders = async (files: Files, params: Record<string, unknown>) =>
    rendered(await diagnosticOf(load(loadFolders, files, { folder: "d", ...params })));

  it("with a split that is none", async () => {
    const files = { "d/trian/pos/1.txt": "x" };
    expect(await folders(files, { levels: ["split", "label"] })).toMatchInlineSnapshot(`
      "split-unknown: "d/trian/pos/1.txt": the folder "trian" is no split
        Did you mean "train"? Say what it means: names: { trian: validation }."
    `);
  });

  it("of the wrong depth", async () => {
    expect(await folders({ "d/pos/1.txt": "x" }, { levels: ["split", "label"] })).toMatchInlineSnapshot(`
      "no-files-match: no file matches "d/*/*/*.txt"
        In folder "d" there is: pos."
    `);
  });

  it("with an empty file", async () => {
    expect(await folders({ "d/pos/1.txt": "" }, {})).toMatchInlineSnapshot(`
      "file-empty: "d/pos/1.txt" is empty
        Was it written to the end? If a text may be empty, set empty: keep."
    `);
  });
});
