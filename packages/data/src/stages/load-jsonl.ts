import { type Column, Dataset, dataset, defineStage, fail, type Json, type ResolvedFile } from "@seqloom/core";
import { z } from "zod";
import { readBytes } from "../bytes.js";
import { decodeText, encodingParam } from "../encoding.js";
import { jsonFault } from "../json-fault.js";
import { fieldProblems, fieldsParam, fieldTypes, type JsonColumn, jsonColumns } from "../jsonl-columns.js";
import { CellProblem } from "../sinks.js";
import { fileGroups, fileProblems, filesParam, isSplit, partsOf, rowsProgress } from "../sources.js";
import { SPLITS, splitColumn } from "../splits.js";

const params = z.strictObject({
  files: filesParam.describe(
    "JSON lines files, gzip or not: path, glob, { url, sha256 }, a list, or such for each split",
  ),
  columns: fieldsParam,
  encoding: encodingParam,
  limit: z.int().min(1).optional().describe("Rows to take at most, of each split where files are given by split"),
});

/** Loads JSON lines: an object on each line. */
export const loadJsonl = defineStage({
  id: "data/load-jsonl",
  version: 1,
  description: "Loads JSON lines: an object on each line.",
  params,
  inputs: {},
  outputs: { data: dataset({}) },
  outputsFor: ({ files, columns }) => ({
    data: dataset({ ...fieldTypes(columns), ...(isSplit(files) && { split: "label" as const }) }),
  }),
  inference: "source",
  examples: [
    {
      title: "fields of objects in objects",
      with: { files: "posts.jsonl.gz", columns: { text: "body", label: "author.team" } },
    },
  ],
  files: ({ files }) => fileGroups(files),
  check: ({ files, columns }) => {
    const problems = [...fileProblems(files, ["files"]), ...fieldProblems(columns)];
    if (isSplit(files) && "split" in columns) {
      const hint = "Name the files without splits, or leave out split.";
      problems.push({ path: ["columns"], message: "the split is given twice: by file and by field", hint });
    }
    return problems;
  },
  run: async (_, { files, columns, encoding, limit = Number.POSITIVE_INFINITY }, context) => {
    const readers = jsonColumns(columns);
    const splits: number[] = [];
    const progress = rowsProgress(context);
    for (const { split, files: its } of partsOf(files, context)) {
      let rows = 0;
      for (const file of its) {
        if (rows === limit) break;
        const text = decodeText(await readBytes(file, context.signal), encoding, file.name);
        rows += readObjects(text, file, readers, limit - rows, context.signal);
        progress(splits.length + rows, file.name);
      }
      if (split !== null) for (let row = 0; row < rows; row++) splits.push(SPLITS.indexOf(split));
    }
    for (const reader of readers) {
      const note = reader.note();
      if (note !== null) context.log(note);
    }
    const entries = readers.map((reader): [string, Column] => [reader.name, reader.finish()]);
    if (isSplit(files)) entries.push(["split", splitColumn(splits)]);
    return { data: Dataset.of(entries) };
  },
});

/** Reads at most `limit` objects and gives their number; blank lines are passed over. */
function readObjects(
  text: string,
  file: ResolvedFile,
  readers: readonly JsonColumn[],
  limit: number,
  signal: AbortSignal,
): number {
  let rows = 0;
  for (const [place, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    if (rows === limit) break;
    if (rows % 4096 === 0) signal.throwIfAborted();
    const at = { file: file.name, line: place + 1, column: 1 };
    let object: Json;
    try {
      object = JSON.parse(line) as Json;
    } catch {
      const { message, offset } = jsonFault(line);
      const hint =
        "Each line must be one whole JSON value; a pretty-printed file has to be written on one line per row.";
      throw fail("json-syntax", message, { hint, at: { ...at, column: offset + 1 } });
    }
    try {
      for (const reader of readers) reader.add(object);
    } catch (error) {
      if (!(error instanceof CellProblem)) throw error;
      throw fail(error.code, error.message, { hint: error.hint, at });
    }
    rows++;
  }
  if (rows === 0) {
    const hint = "A loader needs at least one row.";
    throw fail("json-no-rows", `"${file.name}" has only blank lines`, {
      hint,
      at: { file: file.name, line: 1, column: 1 },
    });
  }
  return rows;
}
