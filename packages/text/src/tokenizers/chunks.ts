/**
 * @file The loop under `text/tokenize`: texts to dictionary-encoded tokens. Text is cut at white space into chunks, and each
 * *distinct* chunk is split into tokens once; after that it is found again by its characters, without making a string.
 * So the rules of a tokenizer may be as careful, and as slow, as they need to be.
 */
import type { TokensColumn } from "@seqloom/core";
import { COUNT, FIRST, FORM, FormTable, grown, HASH_FACTOR, HASH_START } from "./forms.js";

/**
 * Splits a chunk, which holds no white space and is not empty, into tokens. It must not look at anything else, except
 * that `final` says that the last period of the chunk ends the text.
 */
export type ChunkSplitter = (chunk: string, final: boolean) => readonly string[];

/** What {@link tokenizeChunks} may be told. */
export interface ChunkOptions {
  /** Whether to look for the period that ends each text. */
  readonly findFinalPeriod?: boolean;
  /** Called before every 4096th row: the place to honour an abort signal. */
  readonly onRow?: (row: number) => void;
}

/** Tokens of each text; the dictionary is in order of first appearance. */
export function tokenizeChunks(
  texts: readonly string[],
  split: ChunkSplitter,
  { findFinalPeriod = false, onRow }: ChunkOptions = {},
): TokensColumn {
  const table = new FormTable(split, texts.length);
  const offsets = new Int32Array(texts.length + 1);
  let chunk = new Uint16Array(1024); // The characters of the chunk that is being read.
  let indices = new Int32Array(Math.max(1024, texts.length * 24));
  let count = 0;

  for (let row = 0; row < texts.length; row++) {
    if ((row & 4095) === 0) onRow?.(row);
    const text = texts[row];
    const end = text.length;
    if (end > chunk.length) chunk = new Uint16Array(end * 2);
    const finalAt = findFinalPeriod ? finalPeriod(text) : -1;
    let length = 0;
    let hash = HASH_START;
    for (let i = 0; i <= end; i++) {
      const code = i < end ? text.charCodeAt(i) : SPACE;
      if (IS_SPACE[code] === 0) {
        hash = Math.imul(hash ^ code, HASH_FACTOR);
        chunk[length++] = code;
      } else if (length > 0) {
        const form = table.chunk(chunk, length, hash, finalAt >= i - length && finalAt < i, text, i) * FORM;
        const tokens = table.forms[form + COUNT];
        const first = table.forms[form + FIRST];
        if (count + tokens > indices.length) indices = grown(indices, count + tokens);
        if (tokens === 1) indices[count++] = first;
        else for (let at = first; at < first + tokens; at++) indices[count++] = table.tokens[at];
        length = 0;
        hash = HASH_START;
      }
    }
    offsets[row + 1] = count;
  }
  return { type: "tokens", dictionary: table.dictionary, indices: indices.slice(0, count), offsets };
}

/** The place of the period that ends a text, closing quotes, brackets and spaces not counted; -1 if there is none. */
function finalPeriod(text: string): number {
  let at = text.length - 1;
  while (at >= 0 && (IS_SPACE[text.charCodeAt(at)] !== 0 || CLOSERS.includes(text[at]))) at--;
  return at > 0 && text[at] === "." && text[at - 1] !== "." ? at : -1;
}

const CLOSERS = "])}>\"'»”’";
const SPACE = 0x20;

/** By code unit: what `\s` matches, the other separators of ASCII, and the next-line control. */
const IS_SPACE = new Uint8Array(0x1_0000);
for (const [first, last] of [
  [0x09, 0x0d],
  [0x1c, 0x20],
  [0x85, 0x85],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
]) {
  IS_SPACE.fill(1, first, last + 1);
}
