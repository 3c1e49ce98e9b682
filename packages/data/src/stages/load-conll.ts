import { Dataset, dataset, defineStage } from "@seqloom/core";
import { z } from "zod";
import { CONLLU_COLUMNS, conllSentences } from "../conll.js";
import { readText } from "../detect-encoding.js";
import { encodingParam } from "../encoding.js";
import { tagsSink, tokensSink } from "../sinks.js";
import { fileGroups, fileProblems, filesParam, isSplit, partsOf } from "../sources.js";
import { SPLITS, splitColumn } from "../splits.js";

const place = z.union([z.int().positive(), z.enum(CONLLU_COLUMNS)]);

/** Loads sentences whose tokens are tagged: a token on each line, an empty line after each sentence. */
export const loadConll = defineStage({
  id: "data/load-conll",
  version: 1,
  description: "Loads tagged sentences, a token on each line: CoNLL columns (token, …, tag) or CoNLL-U.",
  params: z.strictObject({
    files: filesParam.describe("Files, gzip or not: path, glob, { url, sha256 }, a list, or such for each split"),
    format: z
      .enum(["columns", "conllu"])
      .default("columns")
      .describe("columns: those of CoNLL-2000 and 2003, WNUT; conllu: Universal Dependencies"),
    token: place.optional().describe("Column of the token, from 1, or its name in CoNLL-U: default 1, or form"),
    tags: place.optional().describe("Column of the tag, from 1, or its name in CoNLL-U: default the last, or upos"),
    separator: z
      .enum(["whitespace", "tab"])
      .default("whitespace")
      .describe("What parts columns; in CoNLL-U it is always a tab"),
    encoding: encodingParam,
    limit: z
      .int()
      .min(1)
      .optional()
      .describe("Sentences to take at most, of each split where files are given by split"),
  }),
  inputs: {},
  outputs: { data: dataset({ tokens: "tokens", tags: "tags" }) },
  outputsFor: ({ files }) => ({
    data: dataset({
      tokens: "tokens" as const,
      tags: "tags" as const,
      ...(isSplit(files) && { split: "label" as const }),
    }),
  }),
  inference: "source",
  examples: [
    { title: "parts of speech of a treebank", with: { files: "en_ewt-ud-*.conllu", format: "conllu", tags: "upos" } },
    { title: "entities, the tag in the last column", with: { files: { train: "train.conll", test: "test.conll" } } },
  ],
  files: ({ files }) => fileGroups(files),
  check: ({ files, format, token, tags }) => {
    const problems = fileProblems(files, ["files"]);
    for (const [name, value] of Object.entries({ token, tags })) {
      if (format === "conllu" || typeof value !== "string") continue;
      const message = `"${value}" is a column of CoNLL-U, and the format is columns`;
      problems.push({ path: [name], message, hint: "Give the number of the column, from 1, or set `format: conllu`." });
    }
    return problems;
  },
  async run(_, { files, format, token, tags, separator, encoding, limit = Number.POSITIVE_INFINITY }, context) {
    const form = {
      format,
      separator,
      token: placeOf(token ?? (format === "conllu" ? "form" : 1)),
      tag: tags === undefined && format === "columns" ? -1 : placeOf(tags ?? "upos"),
    };
    const [words, names] = [tokensSink(), tagsSink()];
    const splits: number[] = [];
    let rows = 0;
    for (const { split, files: its } of partsOf(files, context)) {
      const end = rows + limit;
      for (const file of its) {
        const text = await readText(file, encoding, context.signal);
        for (const sentence of conllSentences(text, file.name, form)) {
          if (rows >= end) break;
          context.signal.throwIfAborted();
          words.add(sentence.tokens);
          names.add(sentence.tags);
          if (split !== null) splits.push(SPLITS.indexOf(split));
          rows++;
        }
        context.progress({ done: rows, unit: "rows", message: file.name });
      }
    }
    const columns = {
      tokens: words.finish(),
      tags: names.finish(),
      ...(isSplit(files) && { split: splitColumn(splits) }),
    };
    return { data: Dataset.of<{ tokens: "tokens"; tags: "tags" }>(Object.entries(columns)) };
  },
});

/** From 0. */
function placeOf(column: z.output<typeof place>): number {
  return typeof column === "number" ? column - 1 : CONLLU_COLUMNS.indexOf(column);
}
