import { defineStage, value } from "@seqloom/core";
import { z } from "zod";
import { VECTOR_FORMATS } from "../vectors/read.js";
import { type WordVectorRows, wordVectors } from "../vectors/words.js";
import { writeVectors as bytesOf } from "../vectors/write.js";

/** Writes word vectors for other programs; `seqloom export` puts the file into a folder. */
export const writeVectors = defineStage({
  id: "text/write-vectors",
  version: 1,
  description: "Writes word vectors as a file for other programs, which `seqloom export` puts into a folder.",
  inputs: { vectors: wordVectors },
  outputs: { files: value("files") },
  params: z.strictObject({
    format: z
      .enum(VECTOR_FORMATS)
      .default("word2vec_text")
      .describe("word2vec's text or binary format, or GloVe's text"),
    name: z.string().min(1).default("vectors.txt").describe("Name of the file"),
  }),
  run: ({ vectors }, { format, name }) => {
    const rows = vectors as WordVectorRows;
    const { values, width } = rows.column("vector");
    const bytes = bytesOf({ words: rows.column("word").values, values, width }, format);
    const mediaType = format === "word2vec_binary" ? "application/octet-stream" : "text/plain";
    return { files: [{ name, mediaType, bytes }] };
  },
});
