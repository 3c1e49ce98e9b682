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
import { decodeText, type EncodingParam, encodingParam } from "../encoding.js";
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
  targets: filesParam
    .optional()
    .describe(
      "Files with a text on each line that belongs to it, such as its translation: the column target_text; named as labels are",
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

/** Loads text files, one row per line, with labels or translations from parallel files, or labels from names of files. */
export const loadLines = defineSource({
  id: "data/load-lines",
  version: 2,
  description:
    "Loads text files, one row per line, with labels or translations from parallel files, or labels from names of files.",
  params,
  outputs: { data: dataset({ text: "utf8" }) },
  outputsFor: ({ files, labels, targets, file_label }) => ({
    data: dataset({
      text: "utf8" as const,
      ...(targets !== undefined && { target_text: "utf8" as const }),
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
      title: "a text and its translation on the same line of two files",
      with: { files: "train.en.gz", targets: "train.de.gz" },
    },
    {
      title: "a file for each language: eng.txt, fra.txt, …",
      with: { files: "udhr/*.txt", file_label: true, names: { eng: "English" } },
    },
  ],
  fileNamesMatter: true,
  files: ({ files, labels, targets }) => ({
    ...fileGroups(files),
    ...(labels !== undefined && fileGroups(labels, "labels")),
    ...(targets !== undefined && fileGroups(targets, "targets")),
  }),
  check: ({ files, labels, targets, file_label }) => {
    const problems: ParamProblem[] = fileProblems(files, ["files"]);
    const splitsOf = (given: typeof files): string => (isSplit(given) ? Object.keys(fileGroups(given)).join(", ") : "");
    if (labels !== undefined && file_label) {
      const message = "the labels are given twice: by files and by the names of files";
      problems.push({ path: ["file_label"], message, hint: "Leave out labels, or file_label." });
    }
    for (const [name, given] of Object.entries({ labels, targets })) {
      if (given === undefined) continue;
      problems.push(...fileProblems(given, [name]));
      if (splitsOf(files) === splitsOf(given)) continue;
      const hint = `Name the ${name} as the files: ${isSplit(files) ? `by split (${splitsOf(files)})` : "without splits"}.`;
      problems.push({ path: [name], message: `files and ${name} are not of the same splits`, hint });
    }
    return problems;
  },
  pieces: async function* (
    { files, labels, targets, file_label, skip_blank, min_characters, encoding, limit = Number.POSITIVE_INFINITY },
    context,
  ) {
    const beside = Object.entries({ labels, targets }).map(([name, given]) => ({
      name,
      parts: given === undefined ? null : partsOf(given, context, name),
    }));
    for (const [part, { split, files: its }] of partsOf(files, context).entries()) {
      const others = beside.map(({ parts }) => parts?.[part].files ?? null);
      for (const [i, found] of others.entries()) {
        if (found !== null && found.length !== its.length) throw unpaired(its, found, beside[i].name);
      }
      let left = limit;
      for (const [place, file] of its.entries()) {
        if (left === 0) break;
        const read = { encoding, most: left, isRow: rowTest(skip_blank, min_characters) };
        const own = others.map((found) => found?.[place] ?? null);
        for await (const { beside: places, ...piece } of paired(file, own, read, context)) {
          left -= piece.rows;
          const [labelled, translated] = places;
          const label = file_label ? stemOf(file.name) : null;
          const identity = {
            ...piece.identity,
            split,
            label,
            labels: labelled?.digest ?? null,
            ...(translated !== null && { targets: translated.digest }),
          };
          const where = { ...piece.where, split, label, labels: labelled, targets: translated };
          yield { identity, where, bytes: piece.bytes };
        }
      }
    }
  },
  read: async (
    { split, label: own, labels: labelled, targets: translated, limit, ...where },
    { names, skip_blank, min_characters, labels, targets, file_label },
  ) => {
    const isRow = rowTest(skip_blank, min_characters);
    const lines = await textsOf(where);
    const known = labelled === null ? null : await textsOf(labelled);
    const translations = translated === null ? null : await textsOf(translated);
    const texts: string[] = [];
    const others: string[] = [];
    const sink = labelSink();
    const named = (label: string): string => (Object.hasOwn(names, label) ? names[label] : label);
    for (let line = 0; line < lines.length && texts.length < (limit ?? Number.POSITIVE_INFINITY); line++) {
      if (!isRow(lines[line])) continue;
      texts.push(lines[line]);
      if (translations !== null) others.push(translations[line]);
      if (own !== null) sink.add(named(own));
      if (known === null) continue;
      const label = known[line].trim();
      sink.add(label === "" ? null : named(label));
    }
    const columns: [string, Column][] = [["text", utf8(texts)]];
    if (targets !== undefined) columns.push(["target_text", utf8(others)]);
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

/** Some lines of a file: plain data. */
type TextPlace = { readonly [K in keyof Region]: Region[K] } & {
  readonly file: string;
  readonly encoding: LinesPlace["encoding"];
};

async function textsOf(where: TextPlace): Promise<string[]> {
  const { file, encoding, line, start } = where;
  return linesOf(decodeText(await bytesOf(where, file), encoding, file, { line, offset: start }));
}

/** The pieces of a file, each with the lines of other files that belong to its own. */
async function* paired(
  file: ResolvedFile,
  others: readonly (ResolvedFile | null)[],
  {
    encoding,
    most,
    isRow,
  }: { readonly encoding: EncodingParam; readonly most: number; readonly isRow: (line: string) => boolean },
  context: StageContext,
) {
  const opened = await Promise.all(
    others.map(async (one) =>
      one === null ? null : { file: one, lines: await parallelLines(one, encoding, context) },
    ),
  );
  const found = others.map(() => 0);
  let all = 0;
  let rows = 0;
  for await (const piece of linePieces(file, encoding, most, isRow, context)) {
    all += piece.lines;
    rows += piece.rows;
    const beside = opened.map((other, i): TextPlace | null => {
      if (other === null) return null;
      const own = other.lines.take(piece.lines);
      found[i] += own.lines;
      return { ...own.region, file: other.file.name, encoding: other.lines.encoding };
    });
    // Fewer of another file: the lines are counted to the end, for the message.
    if (opened.some((other, i) => other !== null && found[i] < all)) continue;
    yield { ...piece, beside };
  }
  if (rows === most) return;
  for (const [i, other] of opened.entries()) {
    if (other === null) continue;
    const lines = found[i] + other.lines.take(Number.POSITIVE_INFINITY).lines;
    if (lines !== all) throw uneven(file, all, other.file, lines);
  }
}

function unpaired(files: readonly ResolvedFile[], others: readonly ResolvedFile[], what: string) {
  const listed = (list: readonly ResolvedFile[]): string =>
    list
      .map(({ name }) => `"${name}"`)
      .slice(0, 5)
      .join(", ");
  return fail("lines-unpaired", `${files.length} files of text and ${others.length} of ${what}`, {
    hint: `Each file needs one of ${what}. Text: ${listed(files)}. ${what[0].toUpperCase()}${what.slice(1)}: ${listed(others)}.`,
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
