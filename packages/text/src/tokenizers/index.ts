import { filterDictionary, type TokensColumn } from "@seqloom/core";
import { tokenizeCharacters } from "./characters.js";
import { type ChunkSplitter, tokenizeChunks } from "./chunks.js";
import { isPunctuation } from "./patterns.js";
import { splitTreebank } from "./treebank.js";
import { isEmoticon, splitTweet } from "./tweet.js";
import { splitWords } from "./words.js";

/** The tokenizers that work on what stands between white space, by name. */
export const splitters = {
  words: splitWords,
  treebank: splitTreebank,
  tweet: splitTweet,
  whitespace: (chunk: string) => [chunk],
} as const satisfies Record<string, ChunkSplitter>;

/** How to tokenize: see the parameters of `text/tokenize`. */
export interface TokenizeOptions {
  readonly kind: keyof typeof splitters | "characters";
  readonly punctuation?: "keep" | "drop";
  readonly unit?: "code_point" | "grapheme";
  /** Called before every 4096th row. */
  readonly onRow?: (row: number) => void;
}

/** Tokens of each text, dictionary-encoded; the dictionary is in order of first appearance. */
export function tokenizeTexts(texts: readonly string[], options: TokenizeOptions): TokensColumn {
  const { kind, punctuation = "keep", unit = "code_point", onRow } = options;
  if (kind === "characters") return tokenizeCharacters(texts, unit, onRow);
  const column = tokenizeChunks(texts, splitters[kind], {
    findFinalPeriod: kind === "treebank",
    ...(onRow && { onRow }),
  });
  if (punctuation === "keep") return column;
  return filterDictionary(column, (token) => !isPunctuation(token) || (kind === "tweet" && isEmoticon(token)));
}
