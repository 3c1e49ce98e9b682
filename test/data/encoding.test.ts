import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { Utf8Column } from "@seqloom/core";
import { loadFolders, loadLines, loadSgml } from "@seqloom/data";
import { describe, expect, it } from "vitest";
import { diagnosticOf, load, mirror, rendered } from "./support.js";

const linesOf = async (content: Uint8Array, encoding: string): Promise<readonly string[]> =>
  ((await load(loadLines, { "a.txt": content }, { files: "a.txt", encoding })).columns.get("text") as Utf8Column)
    .values;

const utf16be = (text: string): Buffer => Buffer.from(text, "utf16le").swap16();
const PARAGRAPH = "Straße, Bücher und schöne Grüße aus München: überall blühen die Bäume.\nÄpfel kosten 3 Mark.\n";

describe("encodings", () => {
  it.each([
    ["shift_jis", Buffer.from("93fa967b8cea0a", "hex"), ["日本語"]],
    ["euc-jp", Buffer.from("c6fccbdcb8ec0a", "hex"), ["日本語"]],
    ["gb18030", Buffer.from("d6d0cec40a", "hex"), ["中文"]],
    ["big5", Buffer.from("a4a4a4e5", "hex"), ["中文"]],
    ["euc-kr", Buffer.from("c7d1b1db", "hex"), ["한글"]],
    ["koi8-r", Buffer.from("edc9d2", "hex"), ["Мир"]],
    ["windows-1251", Buffer.from("cce8f0", "hex"), ["Мир"]],
    ["iso-8859-2", Buffer.from("b1b6f3", "hex"), ["ąśó"]],
    ["utf-16be", utf16be("né\n日本"), ["né", "日本"]],
  ])("%s is read", async (encoding, bytes, lines) => {
    expect(await linesOf(bytes, encoding)).toEqual(lines);
  });

  it.each([
    ["UTF-8", Buffer.from(PARAGRAPH)],
    ["UTF-8 with a mark", Buffer.from(`\ufeff${PARAGRAPH}`)],
    ["UTF-16, little end first", Buffer.from(`\ufeff${PARAGRAPH}`, "utf16le")],
    ["UTF-16, big end first", utf16be(`\ufeff${PARAGRAPH}`)],
    ["UTF-16 without a mark", Buffer.from(PARAGRAPH, "utf16le")],
    ["Latin-1", Buffer.from(PARAGRAPH, "latin1")],
    ["Latin-1 in gzip", gzipSync(Buffer.from(PARAGRAPH, "latin1"))],
  ])("auto finds out %s", async (_, bytes) => {
    expect(await linesOf(bytes, "auto")).toEqual(PARAGRAPH.trimEnd().split("\n"));
    const folder = await load(loadFolders, { "t/a/1.txt": bytes }, { folder: "t", encoding: "auto" });
    expect((folder.columns.get("text") as Utf8Column).values).toEqual([PARAGRAPH]);
  });

  it("auto believes what XML and HTML declare", async () => {
    const xml = Buffer.from('<?xml version="1.0" encoding="ISO-8859-2"?><d><r><t>\u00b1</t></r></d>', "latin1");
    const data = await load(loadSgml, { "a.xml": xml }, { files: "a.xml", record: "r", text: ["t"], encoding: "auto" });
    expect((data.columns.get("text") as Utf8Column).values).toEqual(["ą"]);
    const html = Buffer.from(
      '<html><meta http-equiv="x" content="text/html; charset=KOI8-R">\u00ed\u00c9\u00d2',
      "latin1",
    );
    expect((await linesOf(html, "auto"))[0].endsWith("Мир")).toBe(true);
  });

  it("tells where bytes are not of the encoding", async () => {
    const bytes = Buffer.concat([Buffer.from("fine\nne "), Buffer.from([0xff]), Buffer.from("\n")]);
    const file = { "a.txt": bytes };
    expect(rendered(await diagnosticOf(load(loadLines, file, { files: "a.txt", encoding: "shift_jis" })))).toBe(
      'file-encoding at a.txt:2:4: "a.txt" is not shift_jis: byte 0xFF (number 9 of the file)\n' +
        "  Set encoding to what the file is in, or to auto.",
    );
    const cut = { "a.txt": Buffer.from("93fa0a93", "hex") };
    expect(await diagnosticOf(load(loadLines, cut, { files: "a.txt", encoding: "shift_jis" }))).toMatchObject({
      at: { line: 2, column: 1 },
    });
    const declared = Buffer.from('<?xml version="1.0" encoding="utf-8"?><d><r><t>\u00b1</t></r></d>', "latin1");
    const params = { files: "a.xml", record: "r", text: ["t"], encoding: "auto" };
    expect(await diagnosticOf(load(loadSgml, { "a.xml": declared }, params))).toMatchObject({ code: "file-encoding" });
  });

  it("takes a line of many megabytes in an encoding that is turned into UTF-8", async () => {
    const long = "中文".repeat(2_000_000);
    const [line] = await linesOf(Buffer.from("d6d0cec4".repeat(2_000_000), "hex"), "gb18030");
    expect(line === long).toBe(true);
  });

  // The same declaration in UTF-8 and in another encoding, as far as the other goes.
  it.skipIf(mirror === undefined).each([
    ["Chinese_Mandarin", "GB2312"],
    ["Greek_Ellinika", "Greek"],
    ["Hebrew_Ivrit", "Hebrew"],
    ["Japanese_Nihongo", "EUC"],
    ["Japanese_Nihongo", "SJIS"],
    ["Russian_Russky", "Cyrillic"],
    ["Turkish_Turkce", "Turkish"],
  ])("auto reads %s in %s as it is in UTF-8", async (language, encoding) => {
    const bytes = (name: string) => readFileSync(`${mirror}/language-id/udhr-encodings/${language}-${name}`);
    const whole = bytes("UTF8");
    const wanted = whole.toString("utf8").replace(/^\ufeff/, "");
    const content = bytes(encoding);
    // These files end after ten kilobytes, some within a character: only whole lines are taken.
    const found = (await linesOf(content.subarray(0, content.lastIndexOf(10) + 1), "auto")).slice(0, 20);
    const lines = wanted.split(/\r?\n/).slice(0, 20);
    expect(found.length).toBeGreaterThan(3);
    expect(found).toEqual(lines.slice(0, found.length));
  });
});
