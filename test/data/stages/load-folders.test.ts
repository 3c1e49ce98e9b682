import { gzipSync } from "node:zlib";
import { loadFolders } from "@seqloom/data";
import { describe, expect, it } from "vitest";
import { describeStage } from "../../support/describe-stage.js";
import { rowsOfDataset } from "../../support/rows.js";
import { type Files, filesOf, load, problemsOf } from "../support.js";

const FILES = {
  "reviews (1)/train/pos/2_9.txt": "good",
  "reviews (1)/train/pos/10_8.txt": "fine",
  "reviews (1)/train/neg/0_1.txt": "bad",
  "reviews (1)/dev/neg/1_2.txt": "dull",
  "reviews (1)/train/unsup/3_0.txt": "who knows",
  "reviews (1)/README": "not a review",
};
const given = {
  folder: "reviews (1)",
  levels: ["split", "label"],
  classes: ["pos", "neg"],
  names: { dev: "validation", pos: "positive" },
};
const { found } = await filesOf(loadFolders, FILES, given);
describeStage(loadFolders, { with: given, context: { files: found }, skip: ["examples"] });

const rows = async (files: Files, params: Record<string, unknown>) =>
  rowsOfDataset(await load(loadFolders, files, params));

describe("load-folders", () => {
  it("takes split and label from the folders, in the order of the files' names", async () => {
    expect(await rows(FILES, given)).toEqual([
      { id: "dev/neg/1_2.txt", text: "dull", split: "validation", label: "neg" },
      { id: "train/neg/0_1.txt", text: "bad", split: "train", label: "neg" },
      { id: "train/pos/10_8.txt", text: "fine", split: "train", label: "positive" },
      { id: "train/pos/2_9.txt", text: "good", split: "train", label: "positive" },
    ]);
  });

  it("takes empty files for empty texts where it is told to", async () => {
    const files = { "d/a/1.txt": "", "d/a/2.txt": gzipSync(""), "d/b/1.txt": "one" };
    for (const encoding of ["utf8", "auto"]) {
      const texts = (await rows(files, { folder: "d", empty: "keep", encoding })).map(({ text }) => text);
      expect(texts).toEqual(["", "", "one"]);
    }
  });

  it.each(["d", "./d", "d/", "x/../d"])("finds the classes below %j", async (folder) => {
    const files = { "d/b/1.txt": "one", "d/a/1.txt": "two\n", "x/y": "" };
    expect(await rows(files, { folder })).toEqual([
      { id: "a/1.txt", text: "two\n", label: "a" },
      { id: "b/1.txt", text: "one", label: "b" },
    ]);
  });

  it("finds the classes beside the pipeline, and files at any depth in them", async () => {
    const files = { "a/1.md": "one", "a/deep/2.md": "two", "3.md": "three" };
    expect(await rows(files, { folder: ".", files: "**/*.md" })).toEqual([
      { id: "a/1.md", text: "one", label: "a" },
      { id: "a/deep/2.md", text: "two", label: "a" },
    ]);
  });

  it("may pass over levels that mean nothing, and takes groups", async () => {
    const files = { "d/v1/ann/pos/1.txt": "x" };
    expect(await rows(files, { folder: "d", levels: ["any", "group", "label"] })).toEqual([
      { id: "v1/ann/pos/1.txt", text: "x", group: "ann", label: "pos" },
    ]);
  });

  it("takes columns from the names of files, without folders too", async () => {
    const files = { "d/novel_ch02.txt": "x", "d/novel_en_ch01.txt": "y" };
    const params = {
      folder: "d",
      levels: [],
      pattern: "{label}_ch{chapter}.txt",
      names: { novel: "fr", novel_en: "en" },
    };
    expect(await rows(files, params)).toEqual([
      { id: "novel_ch02.txt", text: "x", label: "fr", chapter: "02" },
      { id: "novel_en_ch01.txt", text: "y", label: "en", chapter: "01" },
    ]);
    expect(problemsOf(loadFolders, { folder: "d", pattern: "{label}.txt" })).toEqual([
      "pattern: {label} is a column of every row",
    ]);
  });

  it("says that names of files are part of the result", () => {
    expect(loadFolders.fileNamesMatter).toBe(true);
  });

  it("refuses levels that contradict each other", () => {
    expect(problemsOf(loadFolders, { folder: "d", levels: ["label", "label"] })).toEqual([
      "levels: two levels are label",
    ]);
    expect(problemsOf(loadFolders, { folder: "d", levels: ["split"], classes: ["a"] })).toEqual([
      "classes: no level is label",
    ]);
  });
});
