import { type Column, Dataset, dataset, defineSource, type ParamProblem } from "@seqloom/core";
import { z } from "zod";
import {
  type ColumnSpec,
  type CsvColumn,
  columnProblems,
  columnSpecs,
  columnsParam,
  columnTypes,
  csvColumn,
  placesOf,
} from "../csv/columns.js";
import { csvPieces, csvTextOf } from "../csv/pieces.js";
import { type CsvConsumer, readRecords } from "../csv/read.js";
import { encodingParam } from "../encoding.js";
import { fileGroups, fileProblems, filesParam, isSplit, partsOf } from "../sources.js";
import { splitOf } from "../splits.js";

const params = z.strictObject({
  files: filesParam.describe("CSV files, gzip or not: path, glob, { url, sha256 }, a list, or such for each split"),
  columns: columnsParam,
  header: z
    .union([z.boolean(), z.array(z.string().min(1)).min(1)])
    .default(true)
    .describe("Whether the first row names the columns; false: they are 0, 1, 2, …; or a list of their names"),
  delimiter: z.string().min(1).default(",").describe('What parts the cells, such as ";" or "\\t"'),
  quote: z.string().length(1).nullable().default('"').describe("What encloses cells; null if the file has no quotes"),
  encoding: encodingParam,
  missing: z.array(z.string()).default(["", "NA"]).describe("Cells of number columns that mean: no value (NaN)"),
  limit: z.int().min(1).optional().describe("Rows to read at most, of each split where files are given by split"),
});

/** Loads rows of CSV files: text, labels, numbers, and wide rows as token sequences or numeric series. */
export const loadCsv = defineSource({
  id: "data/load-csv",
  version: 1,
  description: "Loads rows of CSV files: text, labels, numbers, token sequences and numeric series.",
  params,
  outputs: { data: dataset({}) },
  outputsFor: ({ files, columns }) => ({
    data: dataset({ ...columnTypes(columnSpecs(columns)), ...(isSplit(files) && { split: "label" as const }) }),
  }),
  examples: [
    { title: "a text and a label", with: { files: "reviews.csv", columns: { text: "review", label: "sentiment" } } },
    {
      title: "a token on each cell, the split by file",
      with: {
        files: { train: "train.csv.gz", test: "test.csv.gz" },
        columns: { label: "class", tokens: { from: "0..54", pad: "PAD" } },
      },
    },
    {
      title: "no header, semicolons, and a label by number",
      with: {
        files: "tweets/*.csv",
        header: false,
        delimiter: ";",
        columns: { label: { from: 0, names: { "0": "negative", "4": "positive" } }, text: 5 },
      },
    },
  ],
  files: ({ files }) => fileGroups(files),
  check: ({ files, columns, header, delimiter, quote }) => {
    const problems: ParamProblem[] = [...fileProblems(files, ["files"]), ...columnProblems(columns)];
    const add = (path: string, message: string, hint: string): void =>
      void problems.push({ path: [path], message, hint });
    if (isSplit(files) && "split" in columns) {
      add(
        "columns",
        "the split is given twice: by file and by column",
        "Name the files without splits, or leave out split.",
      );
    }
    if (delimiter === quote)
      add("delimiter", "delimiter and quote are the same", "Set quote: null if there are no quotes.");
    if (Array.isArray(header) && new Set(header).size < header.length) {
      add("header", "two columns have the same name", "Give each column its own name.");
    }
    return problems;
  },
  pieces: async function* (params, context) {
    for (const { split, files } of partsOf(params.files, context)) {
      let left = params.limit ?? Number.POSITIVE_INFINITY;
      for (const file of files) {
        if (left === 0) break;
        for await (const { rows, identity, where, bytes } of csvPieces(file, params, left, context)) {
          left -= rows;
          yield { identity: { ...identity, split }, where: { ...where, split }, bytes };
        }
      }
    }
  },
  read: async (where, params, _, widths) => {
    const specs = columnSpecs(params.columns);
    const missing = new Set(params.missing);
    const columns = specs.map((spec) => csvColumn(spec, missing, widths?.[spec.name]));
    const limit = where.limit ?? Number.POSITIVE_INFINITY;
    await readRecords(await csvTextOf(where), params, { ...where, limit }, fill(specs, columns));
    const entries = columns.map((column, i): [string, Column] => [specs[i].name, column.finish()]);
    const data = Dataset.of(entries);
    return where.split === null ? data : data.with({ split: splitOf(where.split, data.rows) });
  },
});

/** Puts the rows of one file into columns; each file may have its headers in another order. */
function fill(specs: readonly ColumnSpec[], columns: readonly CsvColumn[]): CsvConsumer {
  let places: readonly (readonly number[])[] = [];
  return {
    header: (names) => {
      places = specs.map((spec) => placesOf(spec, names));
    },
    row: (cells) => {
      for (let i = 0; i < columns.length; i++) columns[i].add(cells, places[i]);
    },
  };
}
