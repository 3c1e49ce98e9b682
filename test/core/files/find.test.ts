import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { FileMemo, planFiles } from "@seqloom/core";
import { describe, expect, it } from "vitest";
import { diagnosticsOf, folderWith } from "./support.js";

const plan = (directory: string, ...paths: string[]) =>
  planFiles({ files: paths.map((path) => ({ path })) }, { directory, memo: FileMemo.inMemory() });

const names = async (directory: string, ...paths: string[]) =>
  (await plan(directory, ...paths)).files.map((file) => file.name);

describe("paths and globs", () => {
  it("sorts what a glob finds by code unit, with / between folders", async () => {
    const directory = folderWith({ "d/b.csv": "1", "d/a.csv": "2", "d/B.csv": "3", "d/e/é.csv": "4", "d/x.txt": "5" });
    expect(await names(directory, "d/**/*.csv")).toEqual(["d/B.csv", "d/a.csv", "d/b.csv", "d/e/é.csv"]);
  });

  it("keeps the order in which sources are written, and a file that two of them name only once", async () => {
    const directory = folderWith({ "a.csv": "1", "b.csv": "2", "c.csv": "3" });
    expect(await names(directory, "c.csv", "*.csv")).toEqual(["c.csv", "a.csv", "b.csv"]);
  });

  it("normalises names, so that ./a.csv and a.csv are the same file to a key", async () => {
    const directory = folderWith({ "d/a.csv": "1" });
    expect(await names(directory, "./d/../d/a.csv")).toEqual(["d/a.csv"]);
    expect(await names(join(directory, "d"), "../d/*.csv")).toEqual(["../d/a.csv"]);
  });

  it("passes over hidden files", async () => {
    const directory = folderWith({ ".a.csv": "1", "b.csv": "2" });
    expect(await names(directory, "*.csv")).toEqual(["b.csv"]);
  });

  it("takes a path that exists as it is written, even when it looks like a glob", async () => {
    const directory = folderWith({ "run [1].csv": "1", "run 1.csv": "2" });
    expect(await names(directory, "run [1].csv")).toEqual(["run [1].csv"]);
  });

  it("takes absolute paths", async () => {
    const directory = folderWith({ "a.csv": "1" });
    expect(await names("/", join(directory, "a.csv"))).toEqual([join(directory, "a.csv")]);
  });
});

describe("a file that cannot be had", () => {
  it("is missing: the closest name in that folder is proposed", async () => {
    const directory = folderWith({ "data/reviews.csv": "1", "data/other.txt": "2" });
    expect(await diagnosticsOf(plan(directory, "data/review.csv"))).toEqual([
      {
        code: "file-missing",
        severity: "error",
        message: 'there is no file "data/review.csv"',
        hint: 'Did you mean "reviews.csv"? It is in folder "data".',
      },
    ]);
  });

  it("is in a folder that is missing: the folder is named", async () => {
    const directory = folderWith({ "data/reviews.csv": "1" });
    const [problem] = await diagnosticsOf(plan(directory, "dta/x/reviews.csv"));
    expect(problem.message).toBe('there is no file "dta/x/reviews.csv": the pipeline\'s folder has no folder "dta"');
    expect(problem.hint).toBe('Did you mean "data"? It is in the pipeline\'s folder.');
  });

  it("lies below a file", async () => {
    const directory = folderWith({ "data.csv": "1" });
    expect((await diagnosticsOf(plan(directory, "data.csv/x")))[0].code).toBe("file-missing");
  });

  it("is missing with no name near it: what is there is listed", async () => {
    const directory = folderWith({ "data/one.csv": "1", "data/two.csv": "2" });
    const [problem] = await diagnosticsOf(plan(directory, "data/something-else.json"));
    expect(problem.hint).toBe('In folder "data" there is: one.csv, two.csv.');
  });

  it("is a folder", async () => {
    const directory = folderWith();
    mkdirSync(join(directory, "data"));
    const [problem] = await diagnosticsOf(plan(directory, "data/"));
    expect(problem).toMatchObject({ code: "file-is-folder", hint: 'Name a file in it, or all of them: "data/*".' });
  });

  it("matches no glob: the names that are there are listed", async () => {
    const directory = folderWith({ "data/one.csv": "1" });
    expect(await diagnosticsOf(plan(directory, "data/*.tsv"))).toMatchObject([
      {
        code: "no-files-match",
        message: 'no file matches "data/*.tsv"',
        hint: 'In folder "data" there is: one.csv.',
      },
    ]);
  });

  it("matches no glob in a folder whose magic characters are escaped", async () => {
    const directory = folderWith({ "data (1)/one.csv": "1" });
    expect(await names(directory, "data \\(1\\)/*.csv")).toEqual(["data (1)/one.csv"]);
    const [problem] = await diagnosticsOf(plan(directory, "data \\(1\\)/*.tsv"));
    expect(problem.message).toBe('no file matches "data (1)/*.tsv"');
    expect(problem.hint).toBe('In folder "data (1)" there is: one.csv.');
  });

  it("matches no glob because a folder is missing", async () => {
    const directory = folderWith({ "data/one.csv": "1" });
    const [problem] = await diagnosticsOf(plan(directory, "dato/*/*.csv"));
    expect(problem.message).toBe('no file matches "dato/*/*.csv": the pipeline\'s folder has no folder "dato"');
    expect(problem.hint).toBe('Did you mean "data"? It is in the pipeline\'s folder.');
  });

  it("is reported with all the others, the stage and the place in the pipeline", async () => {
    const at = { file: "p.yaml", line: 3, column: 5 };
    const groups = { train: [{ path: "a.csv" }, { path: "*.tsv" }], test: [{ path: "b.csv" }, { path: "a.csv" }] };
    const options = { directory: folderWith(), memo: FileMemo.inMemory(), stage: "load", at };
    const problems = await diagnosticsOf(planFiles(groups, options));
    expect(problems.map(({ code, stage, at }) => [code, stage, at])).toEqual([
      ["file-missing", "load", at],
      ["no-files-match", "load", at],
      ["file-missing", "load", at],
    ]);
  });
});
