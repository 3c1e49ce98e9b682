import { stat } from "node:fs/promises";
import { type Column, Dataset, dataset, defineSource, fail, type ParamProblem } from "@seqloom/core";
import { z } from "zod";
import { fieldProblems, fieldsParam, fieldTypes, jsonColumns } from "../jsonl-columns.js";
import { parquetGroups, parquetRows } from "../parquet.js";
import { CellProblem } from "../sinks.js";
import { fileGroups, fileProblems, filesParam, isSplit, partsOf } from "../sources.js";
import { splitOf } from "../splits.js";

const params = z.strictObject({
  files: filesParam.describe("Parquet files: path, glob, { url, sha256 }, a list, or such for each split"),
  columns: fieldsParam,
  limit: z.int().min(1).optional().describe("Rows to take at most, of each split where files are given by split"),
});

/** Loads Parquet files, by their groups of rows; columns that are not asked for are not read. */
export const loadParquet = defineSource({
  id: "data/load-parquet",
  version: 1,
  description: "Loads Parquet files, group of rows by group of rows; only the columns that are asked for.",
  params,
  outputs: { data: dataset({}) },
  outputsFor: ({ files, columns }) => ({
    data: dataset({ ...fieldTypes(columns), ...(isSplit(files) && { split: "label" as const }) }),
  }),
  examples: [
    {
      title: "reviews with their stars",
      with: { files: "reviews-*.parquet", columns: { text: "review", label: { from: "stars", as: "label" } } },
    },
  ],
  files: ({ files }) => fileGroups(files),
  check: ({ files, columns }) => {
    const problems: ParamProblem[] = [...fileProblems(files, ["files"]), ...fieldProblems(columns)];
    if (isSplit(files) && "split" in columns) {
      const hint = "Name the files without splits, or leave out split.";
      problems.push({ path: ["columns"], message: "the split is given twice: by file and by field", hint });
    }
    return problems;
  },
  pieces: async function* ({ files, limit = Number.POSITIVE_INFINITY }, context) {
    for (const { split, files: its } of partsOf(files, context)) {
      let left = limit;
      let rows = 0;
      for (const { path, name, digest } of its) {
        const { size } = await stat(path);
        const groups = await parquetGroups(path, name);
        for (const { start, end } of groups) {
          context.signal.throwIfAborted();
          if (left === 0) break;
          const last = Math.min(end, start + left);
          left -= last - start;
          rows += last - start;
          yield {
            identity: { digest, start, end: last, split },
            where: { path, file: name, start, end: last, split },
            bytes: Math.ceil(size / groups.length),
          };
        }
      }
      if (rows === 0) throw noRows(its.map(({ name }) => name));
    }
  },
  read: async ({ path, file, start, end, split }, { columns }, context, widths) => {
    const readers = jsonColumns(columns, widths ?? {});
    const fields = Object.values(columns).map((field) => (typeof field === "string" ? field : field.from));
    for (const [place, row] of (await parquetRows(path, file, fields, start, end)).entries()) {
      if (place % 4096 === 0) context.signal.throwIfAborted();
      try {
        for (const reader of readers) reader.add(row);
      } catch (error) {
        if (!(error instanceof CellProblem)) throw error;
        throw fail(error.code, `row ${start + place + 1} of "${file}": ${error.message}`, { hint: error.hint });
      }
    }
    const entries = readers.map((reader): [string, Column] => [reader.name, reader.finish()]);
    if (split !== null) entries.push(["split", splitOf(split, end - start)]);
    return Dataset.of(entries);
  },
});

function noRows(names: readonly string[]) {
  return fail("no-rows", `there is no row in ${names.map((name) => `"${name}"`).join(", ")}`, {
    hint: "A loader needs at least one row.",
  });
}
