import { createHash } from "node:crypto";
import { type ArtifactType, fileNamed, fromJsonBytes, jsonBytes } from "./artifact.js";
import { CODECS } from "./codecs.js";

/** The words of a corpus and their ids: the id of `tokens[i]` is i. Also the classes of a label encoder. */
export interface Vocabulary {
  readonly tokens: readonly string[];
  /** How often each token occurred in the rows that it was fitted on. */
  readonly counts: readonly number[];
  /** The token that fills short sequences, if there is one. */
  readonly pad: string | null;
  /** The token that stands for every word that is not in the vocabulary, if there is one. */
  readonly unknown: string | null;
}

/** 16 hexadecimal digits of the SHA-256 of the tokens in their order: vocabularies with the same ones give the same ids. */
export function vocabularyFingerprint(tokens: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(tokens)).digest("hex").slice(0, 16);
}

/** The artifact type of {@link Vocabulary}: one JSON file. */
export const vocabulary: ArtifactType<Vocabulary, "vocabulary"> = {
  name: "vocabulary",
  codec: CODECS.vocabulary,
  encode: async ({ tokens, counts, pad, unknown }) => [
    { name: "vocabulary.json", bytes: jsonBytes({ pad, unknown, tokens, counts }) },
  ],
  decode: async (files) => fromJsonBytes<Vocabulary>(fileNamed(files, "vocabulary.json")),
  preview: ({ tokens, counts, pad, unknown }) => ({
    size: tokens.length,
    pad,
    unknown,
    first: tokens.slice(0, 20).map((token, i) => [token, counts[i] ?? 0]),
  }),
};
