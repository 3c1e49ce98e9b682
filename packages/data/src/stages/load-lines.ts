import { type Column, Dataset, dataset, defineStage, fail, type ResolvedFile, utf8 } from "@seqloom/core";
import { z } from "zod";
import { readBytes } from "../bytes.js";
import { decodeText, type Encoding, encodingParam } from "../encoding.js";
import { labelSink } from "../sinks.js";
import { fileGroups, fileProblems, filesParam, isSplit, partsOf, rowsProgress } from "../sources.js";
import { SPLITS, splitColumn } from "../splits.js";

const params = z.strictObject({
  files: filesParam.describe("Text files, gzip or not: path, glob, { url, sha256 }, a list, or such for each split"),
  labels: filesParam
    .optional()
    .describe(
      "Files with a label on each line: as many files as `files`, as many lines in each; by split if those are",
    ),
  names: z.record(z.string(), z.string()).default({}).describe('What to call a label of the file: { "0": negative }'),
  skip_blank: z.boolean().default(false).describe("Whether to pass over lines of white space only, and their labels"),
  encoding: encodingParam,
  limit: z.int().min(1).optional().describe("Rows to take at most, of each split where files are given by split"),
});

/** Loads text files, one row per line, with the labels from parallel files. */
export const loadLines = defineStage({
  id: "data/load-lines",
  version: 1,
  description: "Loads text files, one row per line, with the labels from parallel files.",
  params,
  inputs: {},
  outputs: { data: dataset({ text: "utf8" }) },
  outputsFor: ({ files, labels }) => ({
    data: dataset({
      text: "utf8" as const,
      ...(labels !== undefined && { label: "label" as const }),
      ...(isSplit(files) && { split: "label" as const }),
    }),
  }),
  inference: "source",
  examples: [
    {
      title: "texts and labels in parallel files",
      with: {
        files: { train: "train_text.txt", test: "test_text.txt" },
        labels: { train: "train_labels.txt", test: "test_labels.txt" },
        names: { "0": "negative", "1": "neutral", "2": "positive" },
      },
    },
  ],
  files: ({ files, labels }) => ({ ...fileGroups(files), ...(labels !== undefined && fileGroups(labels, "labels")) }),
  check: ({ files, labels }) => {
    const problems = [
      ...fileProblems(files, ["files"]),
      ...(labels === undefined ? [] : fileProblems(labels, ["labels"])),
    ];
    const splitsOf = (given: typeof files): string => (isSplit(given) ? Object.keys(fileGroups(given)).join(", ") : "");
    if (labels !== undefined && splitsOf(files) !== splitsOf(labels)) {
      const hint = `Name the labels as the files: ${isSplit(files) ? `by split (${splitsOf(files)})` : "without splits"}.`;
      problems.push({ path: ["labels"], message: "files and labels are not of the same splits", hint });
    }
    return problems;
  },
  run: async (_, { files, labels, names, skip_blank, encoding, limit = Number.POSITIVE_INFINITY }, context) => {
    const texts: string[] = [];
    const sink = labelSink();
    const splits: number[] = [];
    const progress = rowsProgress(context);
    const labelParts = labels === undefined ? [] : partsOf(labels, context, "labels");
    for (const [part, { split, files: its }] of partsOf(files, context).entries()) {
      const labelFiles = labels === undefined ? undefined : labelParts[part].files;
      if (labelFiles !== undefined && labelFiles.length !== its.length) throw unpaired(its, labelFiles);
      const end = texts.length + limit;
      for (const [place, file] of its.entries()) {
        const lines = await linesOf(file, encoding, context.signal);
        const labelFile = labelFiles?.[place];
        const known = labelFile && (await linesOf(labelFile, encoding, context.signal));
        if (known !== undefined && known.length !== lines.length) throw uneven(file, lines, labelFile!, known);
        for (let line = 0; line < lines.length && texts.length < end; line++) {
          if (skip_blank && lines[line].trim() === "") continue;
          texts.push(lines[line]);
          if (split !== null) splits.push(SPLITS.indexOf(split));
          if (known === undefined) continue;
          const label = known[line].trim();
          sink.add(label === "" ? null : Object.hasOwn(names, label) ? names[label] : label);
        }
        progress(texts.length, file.name);
      }
    }
    const columns: [string, Column][] = [["text", utf8(texts)]];
    if (labels !== undefined) columns.push(["label", sink.finish()]);
    if (isSplit(files)) columns.push(["split", splitColumn(splits)]);
    return { data: Dataset.of<{ text: "utf8" }>(columns) };
  },
});

/** Lines end with `\n` or `\r\n`; the last needs no end. */
async function linesOf(file: ResolvedFile, encoding: Encoding, signal: AbortSignal): Promise<string[]> {
  const lines = decodeText(await readBytes(file, signal), encoding, file.name).split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
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

function uneven(file: ResolvedFile, lines: readonly string[], labelFile: ResolvedFile, labels: readonly string[]) {
  const shorter = lines.length < labels.length ? file : labelFile;
  const line = Math.min(lines.length, labels.length) + 1;
  return fail("lines-uneven", `"${file.name}" has ${lines.length} lines, "${labelFile.name}" has ${labels.length}`, {
    hint: `Line n of one file belongs to line n of the other; "${shorter.name}" ends before line ${line}.`,
    at: { file: (shorter === file ? labelFile : file).name, line, column: 1 },
  });
}
