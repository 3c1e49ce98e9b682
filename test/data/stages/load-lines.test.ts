import { gzipSync } from "node:zlib";
import type { Utf8Column } from "@seqloom/core";
import { loadLines } from "@seqloom/data";
import { describe, expect, it } from "vitest";
import { describeStage } from "../../support/describe-stage.js";
import { rowsOfDataset } from "../../support/rows.js";
import { diagnosticOf, type Files, filesOf, load, problemsOf } from "../support.js";

const given = { files: { train: "a.txt", test: "b.txt" }, labels: { train: "a.labels", test: "b.labels" } };
const FILES = { "a.txt": "one\ntwo\n", "b.txt": "three", "a.labels": "0\n1\n", "b.labels": "1\n" };
const { found } = await filesOf(loadLines, FILES, given);
describeStage(loadLines, { with: given, context: { files: found }, skip: ["examples"] });

const rows = async (files: Files, params: Record<string, unknown>) =>
  rowsOfDataset(await load(loadLines, files, params));
const texts = async (content: string | Uint8Array, params: Record<string, unknown> = {}) =>
  (await rows({ "a.txt": content }, { files: "a.txt", ...params })).map((row) => row.text);

describe("load-lines", () => {
  it("joins the lines of text with those of labels, and calls labels by their names", async () => {
    expect(await rows(FILES, { ...given, names: { "0": "negative" } })).toEqual([
      { text: "one", label: "negative", split: "train" },
      { text: "two", label: "1", split: "train" },
      { text: "three", label: "1", split: "test" },
    ]);
  });

  it("joins the lines of text with those of their translations, in any number of pieces", async () => {
    const files = { "a.en": "one\n\nthree", "a.de": "eins\n\ndrei", "a.labels": "x\ny\nz" };
    const given = { files: "a.en", targets: "a.de", skip_blank: true };
    expect(await rows(files, given)).toEqual([
      { text: "one", target_text: "eins" },
      { text: "three", target_text: "drei" },
    ]);
    expect(await rows(files, { ...given, labels: "a.labels", limit: 1 })).toEqual([
      { text: "one", target_text: "eins", label: "x" },
    ]);
    const many = Array.from({ length: 200_000 }, (_, line) => `line ${line}`);
    const long = { "a.en": many.join("\n"), "a.de": gzipSync(many.map((one) => `Zeile ${one}`).join("\n")) };
    const found = await load(loadLines, long, { files: "a.en", targets: "a.de" });
    const [text, target] = ["text", "target_text"].map((name) => found.columns.get(name) as Utf8Column);
    expect(target.values).toEqual(text.values.map((one) => `Zeile ${one}`));
  });

  it("tells of translations that are too few, or of other splits", async () => {
    const few = rows({ "a.en": "one\ntwo\n", "a.de": "eins\n" }, { files: "a.en", targets: "a.de" });
    expect(await diagnosticOf(few)).toMatchObject({
      code: "lines-uneven",
      message: '"a.en" has 2 lines, "a.de" has 1',
    });
    expect(problemsOf(loadLines, { files: { train: "a.en" }, targets: "a.de" })).toEqual([
      "targets: files and targets are not of the same splits",
    ]);
  });

  it("gives text alone where nothing else is asked for", async () => {
    expect(await rows(FILES, { files: ["b.txt", "a.txt"] })).toEqual([
      { text: "three" },
      { text: "one" },
      { text: "two" },
    ]);
  });

  it("ends a line with LF or CRLF, and with no other character of Unicode", async () => {
    expect(await texts("a\r\nb\u2028c\u0085d\n\ne")).toEqual(["a", "b\u2028c\u0085d", "", "e"]);
  });

  it("passes over blank lines and their labels when told to", async () => {
    const files = { "a.txt": "a\n \nb\n", "l.txt": "1\n2\n3\n" };
    expect(await rows(files, { files: "a.txt", labels: "l.txt", skip_blank: true })).toEqual([
      { text: "a", label: "1" },
      { text: "b", label: "3" },
    ]);
  });

  it("takes labels from the names of files, and passes over short lines", async () => {
    const files = { "deu.txt": "Artikel 1\n  Alle Menschen sind frei\n", "fra.txt": "Tous les humains\n\n" };
    const params = { files: ["deu.txt", "fra.txt"], file_label: true, min_characters: 12, names: { deu: "German" } };
    expect(await rows(files, params)).toEqual([
      { text: "  Alle Menschen sind frei", label: "German" },
      { text: "Tous les humains", label: "fra" },
    ]);
    const message = "file_label: the labels are given twice: by files and by the names of files";
    expect(problemsOf(loadLines, { files: "a", labels: "b", file_label: true })).toEqual([message]);
  });

  it("reads gzip, a byte order mark, other encodings, and no more rows than asked for", async () => {
    expect(await texts(gzipSync("\ufeffa\nb\n"), { limit: 1 })).toEqual(["a"]);
    expect(await texts(Buffer.from("caf\u00e9\n", "latin1"), { encoding: "windows-1252" })).toEqual(["café"]);
  });

  it("refuses labels that are not named as the files are", () => {
    const message = "labels: files and labels are not of the same splits";
    expect(problemsOf(loadLines, { files: { train: "a", test: "b" }, labels: { train: "c" } })).toEqual([message]);
    expect(problemsOf(loadLines, { files: "a", labels: { train: "c" } })).toEqual([message]);
  });
});
