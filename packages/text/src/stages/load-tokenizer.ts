import { readFile } from "node:fs/promises";
import { defineStage, value } from "@seqloom/core";
import { z } from "zod";
import { filesOf } from "../subwords/columns.js";
import { readTokenizer } from "../subwords/tokenizer-json.js";

/** Loads a tokenizer from the file in which Hugging Face's libraries keep it. */
export const loadTokenizer = defineStage({
  id: "text/load-tokenizer",
  version: 1,
  description: "Loads a tokenizer from a tokenizer.json, the form of Hugging Face's libraries.",
  params: z.strictObject({
    file: z
      .union([
        z.string().min(1).describe("Path, relative to the pipeline"),
        z
          .strictObject({
            url: z.string().min(1).describe("Address of the file: https, http or file"),
            sha256: z
              .string()
              .regex(/^[0-9a-f]{64}$/)
              .describe("SHA-256 of its content"),
          })
          .describe("A file to download once and keep"),
      ])
      .describe("The file tokenizer.json"),
  }),
  inputs: {},
  outputs: { tokenizer: value("files") },
  examples: [{ title: "beside the pipeline", with: { file: "tokenizer.json" } }],
  files: ({ file }) => ({ file: [typeof file === "string" ? { path: file } : file] }),
  run: async (_, __, { files, signal }) => {
    const [{ path, name }] = files.file;
    const json = await readFile(path, { encoding: "utf8", signal });
    // Read once for its faults: they are of this file.
    await readTokenizer(json, name);
    return { tokenizer: filesOf(json) };
  },
});
