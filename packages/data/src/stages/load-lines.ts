import {
  type Column,
  Dataset,
  dataset,
  defineSource,
  fail,
  type ParamProblem,
  type ResolvedFile,
  type StageContext,
  utf8,
} from "@seqloom/core";
import { z } from "zod";
import { decodeText, type Encoding, encodingParam } from "../encoding.js";
import { type LinesPlace, linePieces, linesOf, parallelLines } from "../reading/lines.js";
import { bytesOf, type Region } from "../reading/regions.js";
import { labelSink } from "../sinks.js";
import { fileGroups, fileProblems, filesParam, isSplit, partsOf } from "../sources.js";
import { splitOf } from "../splits.js";

const params = z.strictObject({
  files: filesParam.describe("Text files, gzip or not: path, glob, { url, sha256 }, a list, or such for each split"),
  labels: filesParam
    .optional()
    .describe(
      "Files with a label on each line: as many files as `files`, as many lines in each; by split if those are",
    ),
  file_label: z
    .boolean()
    .default(false)
    .describe("Whether the name of a file, without its folder and ending, is the label of each of its lines"),
  names: z.record(z.string(), z.string()).default({}).describe('What to call a label of the file: { "0": negative }'),
  skip_blank: z.boolean().default(false).describe("Whether to pass over lines of white space only, and their labels"),
  min_characters: z
    .int()
    .min(0)
    .default(0)
    .describe("Lines of fewer characters, white space at their ends not counted, are passed over, such as headings"),
  encoding: encodingParam,
  limit: z.int().min(1).optional().describe("Rows to take at most, of each split where files are given by split"),
});

/** Loads text files, one row per line, with labels from parallel files or from the names of the files. */
export const loadLines = defineSource({
  id: "data/load-lines",
  version: 2,
  description: "Loads text files, one row per line, with labels from parallel files or from the names of the files.",
  params,
  outputs: { data: dataset({ text: "utf8" }) },
  outputsFor: ({ files, labels, file_label }) => ({
    data: dataset({
      text: "utf8" as const,
      ...((labels !== undefined || file_label) && { label: "label" as const }),
      ...(isSplit(files) && { split: "label" as const }),
    }),
  }),
  examples: [
    {
      title: "texts and labels in parallel files",
      with: {
        files: { train: "train_text.txt", test: "test_text.txt" },
        labels: { train: "train_labels.txt", test: "test_labels.txt" },
        names: { "0": "negative", "1": "neutral", "2": "positive" },
      },
    },
    {
      title: "a file for each language: eng.txt, fra.txt, …",
      with: { files: "udhr/*.txt", file_label: true, names: { eng: "English" } },
    },
  ],
  fileNamesMatter: true,
  files: ({ files, labels }) => ({ ...fileGroups(files), ...(labels !== undefined && fileGroups(labels, "labels")) }),
  check: ({ files, labels, file_label }) => {
    const problems: ParamProblem[] = [
      ...fileProblems(files, ["files"]),
      ...(labels === undefined ? [] : fileProblems(labels, ["labels"])),
    ];
    const splitsOf = (given: typeof files): string => (isSplit(given) ? Object.keys(fileGroups(given)).join(", ") : "");
    if (labels !== undefined && file_label) {
      const message = "the labels are given twice: by files and by the names of files";
      problems.push({ path: ["file_label"], message, hint: "Leave out labels, or file_label." });
    }
    if (labels !== undefined && splitsOf(files) !== splitsOf(labels)) {
      const hint = `Name the labels as the files: ${isSplit(files) ? `by split (${splitsOf(files)})` : "without splits"}.`;
      problems.push({ path: ["labels"], message: "files and labels are not of the same splits", hint });
    }
    return problems;
  },
  pieces: async function* (
    { files, labels, file_label, skip_blank, min_characters, encoding, limit = Number.POSITIVE_INFINITY },
    context,
  ) {
    const labelParts = labels === undefined ? [] : partsOf(labels, context, "labels");
    for (const [part, { split, files: its }] of partsOf(files, context).entries()) {
      const labelFiles = labels === undefined ? null : labelParts[part].files;
      if (labelFiles !== null && labelFiles.length !== its.length) throw unpaired(its, labelFiles);
      let left = limit;
      for (const [place, file] of its.entries()) {
        if (left === 0) break;
        const read = { encoding, most: left, isRow: rowTest(skip_blank, min_characters) };
        for await (const piece of paired(file, labelFiles?.[place] ?? null, read, context)) {
          left -= piece.rows;
          const labelled = piece.labels;
          const label = file_label ? stemOf(file.name) : null;
          const identity = { ...piece.identity, split, label, labels: labelled === null ? null : labelled.digest };
          yield { identity, where: { ...piece.where, split, label, labels: labelled }, bytes: piece.bytes };
        }
      }
    }
  },
  read: async (
    { split, label: own, labels: labelled, limit, ...where },
    { names, skip_blank, min_characters, labels, file_label },
  ) => {
    const isRow = rowTest(skip_blank, min_characters);
    const lines = await textsOf(where);
    const known = labelled === null ? null : await textsOf(labelled);
    const texts: string[] = [];
    const sink = labelSink();
    const named = (label: string): string => (Object.hasOwn(names, label) ? names[label] : label);
    for (let line = 0; line < lines.length && texts.length < (limit ?? Number.POSITIVE_INFINITY); line++) {
      if (!isRow(lines[line])) continue;
      texts.push(lines[line]);
      if (own !== null) sink.add(named(own));
      if (known === null) continue;
      const label = known[line].trim();
      sink.add(label === "" ? null : named(label));
    }
    const columns: [string, Column][] = [["text", utf8(texts)]];
    if (labels !== undefined || file_label) columns.push(["label", sink.finish()]);
    if (split !== null) columns.push(["split", splitOf(split, texts.length)]);
    return Dataset.of<{ text: "utf8" }>(columns);
  },
});

/** The name of a file without its folder and its endings: `eng` of `udhr/eng.txt.gz`. */
function stemOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1).replace(/(?<=.)\.[^.]+(\.gz)?$/, "");
}

/** Which lines are rows. */
function rowTest(skipBlank: boolean, least: number): (line: string) => boolean {
  return (line) => {
    if (!skipBlank && least === 0) return true;
    const text = line.trim();
    return text !== "" && text.length >= least;
  };
}

/** Some lines of a file. */
type TextPlace = Region & Pick<LinesPlace, "file" | "encoding">;

async function textsOf(where: TextPlace): Promise<string[]> {
  const { file, encoding, line, start } = where;
  return linesOf(decodeText(await bytesOf(where, file), encoding, file, { line, offset: start }));
}

/** The pieces of a file, each with the lines of the file of labels that belong to its own. */
async function* paired(
  file: ResolvedFile,
  labelFile: ResolvedFile | null,
  {
    encoding,
    most,
    isRow,
  }: { readonly encoding: Encoding; readonly most: number; readonly isRow: (line: string) => boolean },
  context: StageContext,
) {
  const labels = labelFile === null ? null : await parallelLines(labelFile, encoding, context);
  let all = 0;
  let found = 0;
  let rows = 0;
  for await (const piece of linePieces(file, encoding, most, isRow, context)) {
    all += piece.lines;
    rows += piece.rows;
    const own = labels?.take(piece.lines);
    found += own?.lines ?? 0;
    // Fewer labels: the lines are counted to the end, for the message.
    if (labels !== null && found < all) continue;
    const place =
      own === undefined ? null : { ...own.region, file: labelFile?.name ?? "", encoding: labels?.encoding ?? encoding };
    yield { ...piece, labels: place satisfies TextPlace | null };
  }
  if (labels === null || labelFile === null || rows === most) return;
  found += labels.take(Number.POSITIVE_INFINITY).lines;
  if (found !== all) throw uneven(file, all, labelFile, found);
}

function unpaired(files: readonly ResolvedFile[], labels: readonly ResolvedFile[]) {
  const listed = (list: readonly ResolvedFile[]): string =>
    list
      .map(({ name }) => `"${name}"`)
      .slice(0, 5)
      .join(", ");
  return fail("lines-unpaired", `${files.length} files of text and ${labels.length} of labels`, {
    hint: `Each file needs one of labels. Text: ${listed(files)}. Labels: ${listed(labels)}.`,
  });
}

function uneven(file: ResolvedFile, lines: number, labelFile: ResolvedFile, labels: number) {
  const shorter = lines < labels ? file : labelFile;
  const line = Math.min(lines, labels) + 1;
  return fail("lines-uneven", `"${file.name}" has ${lines} lines, "${labelFile.name}" has ${labels}`, {
    hint: `Line n of one file belongs to line n of the other; "${shorter.name}" ends before line ${line}.`,
    at: { file: (shorter === file ? labelFile : file).name, line, column: 1 },
  });
}
