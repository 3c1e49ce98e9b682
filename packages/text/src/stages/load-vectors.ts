import { Dataset, defineStage, utf8 } from "@seqloom/core";
import { fileGroups, fileProblems, filesParam, isSplit, readBytes } from "@seqloom/data";
import { z } from "zod";
import { readVectors, VECTOR_FORMATS } from "../vectors/read.js";
import { type WORD_VECTORS, wordVectors } from "../vectors/words.js";

/** Loads word vectors that were learned elsewhere. */
export const loadVectors = defineStage({
  id: "text/load-vectors",
  version: 1,
  description: "Loads word vectors from a file of word2vec (text or binary) or of GloVe, gzip or not.",
  inputs: {},
  outputs: { vectors: wordVectors },
  inference: "source",
  params: z.strictObject({
    file: filesParam.describe("The file: a path, or { url, sha256 }"),
    format: z
      .enum(VECTOR_FORMATS)
      .optional()
      .describe("Default: by the first line, and by whether digits come after the first word"),
    limit: z.int().min(1).optional().describe("Words to take at most, the first ones: as a rule the most frequent"),
  }),
  examples: [{ title: "GloVe's", with: { file: "glove.6B.100d.txt.gz", limit: 100_000 } }],
  files: ({ file }) => fileGroups(file),
  check: ({ file }) => {
    const one = isSplit(file) || (Array.isArray(file) && file.length !== 1);
    return one
      ? [{ path: ["file"], message: "several files are named", hint: "Name one." }]
      : fileProblems(file, ["file"]);
  },
  async run(_, { format, limit = Number.POSITIVE_INFINITY }, context) {
    const [file] = context.files.files;
    const bytes = await readBytes(file, context.signal);
    const { words, values, width } = readVectors(bytes, file.name, format ?? null, limit);
    const twice = words.length - new Set(words).size;
    if (twice > 0) context.log(`${twice} words of ${file.name} are there again: the first of each is looked up`);
    return {
      vectors: Dataset.of<typeof WORD_VECTORS>({ word: utf8(words), vector: { type: "vector", values, width } }),
    };
  },
});
