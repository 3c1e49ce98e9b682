import { type Column, Dataset, dataset, defineSource, fail, type Json } from "@seqloom/core";
import { z } from "zod";
import { decodeText, encodingParam } from "../encoding.js";
import { jsonFault } from "../json-fault.js";
import { fieldProblems, fieldsParam, fieldTypes, type JsonColumn, jsonColumns } from "../jsonl-columns.js";
import { type LinesPlace, linePieces } from "../reading/lines.js";
import { bytesOf } from "../reading/regions.js";
import { CellProblem } from "../sinks.js";
import { fileGroups, fileProblems, filesParam, isSplit, partsOf } from "../sources.js";
import { splitOf } from "../splits.js";

const params = z.strictObject({
  files: filesParam.describe(
    "JSON lines files, gzip or not: path, glob, { url, sha256 }, a list, or such for each split",
  ),
  columns: fieldsParam,
  encoding: encodingParam,
  limit: z.int().min(1).optional().describe("Rows to take at most, of each split where files are given by split"),
});

/** Loads JSON lines: an object on each line. */
export const loadJsonl = defineSource({
  id: "data/load-jsonl",
  version: 1,
  description: "Loads JSON lines: an object on each line.",
  params,
  outputs: { data: dataset({}) },
  outputsFor: ({ files, columns }) => ({
    data: dataset({ ...fieldTypes(columns), ...(isSplit(files) && { split: "label" as const }) }),
  }),
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
  pieces: async function* ({ files, encoding, limit = Number.POSITIVE_INFINITY }, context) {
    for (const { split, files: its } of partsOf(files, context)) {
      let left = limit;
      for (const file of its) {
        if (left === 0) break;
        let rows = 0;
        for await (const piece of linePieces(file, encoding, left, isRow, context)) {
          if (piece.rows === 0) continue;
          rows += piece.rows;
          left -= piece.rows;
          yield { identity: { ...piece.identity, split }, where: { ...piece.where, split }, bytes: piece.bytes };
        }
        if (rows === 0) throw noRows(file.name);
      }
    }
  },
  read: async (where, { columns }, context, widths) => {
    const readers = jsonColumns(columns, widths ?? {});
    const { file, encoding, line, start, split } = where;
    const text = decodeText(await bytesOf(where, file), encoding, file, { line, offset: start });
    const rows = readObjects(text, where, readers, context.signal);
    for (const reader of readers) {
      const note = reader.note();
      if (note !== null) context.log(note);
    }
    const entries = readers.map((reader): [string, Column] => [reader.name, reader.finish()]);
    if (split !== null) entries.push(["split", splitOf(split, rows)]);
    return Dataset.of(entries);
  },
});

function isRow(line: string): boolean {
  return line.trim() !== "";
}

/** Reads objects and gives their number; blank lines are passed over. */
function readObjects(
  text: string,
  { file, line: first, limit }: Pick<LinesPlace, "file" | "line" | "limit">,
  readers: readonly JsonColumn[],
  signal: AbortSignal,
): number {
  let rows = 0;
  for (const [place, line] of text.split(/\r?\n/).entries()) {
    if (!isRow(line)) continue;
    if (rows === limit) break;
    if (rows % 4096 === 0) signal.throwIfAborted();
    const at = { file, line: first + place, column: 1 };
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
  return rows;
}

function noRows(file: string) {
  return fail("json-no-rows", `"${file}" has only blank lines`, {
    hint: "A loader needs at least one row.",
    at: { file, line: 1, column: 1 },
  });
}
