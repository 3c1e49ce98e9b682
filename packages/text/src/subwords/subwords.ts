/** @file Text to the ids of subwords, and back: byte-level BPE and unigram models, with what several texts have in common kept. */
import type { Bpe } from "./bpe.js";
import { byteLevelWords, bytesOfCharacters, toByteCharacters } from "./byte-level.js";
import type { Unigram } from "./unigram.js";

/** A tokenizer of subwords. */
export interface Subwords {
  /** The tokens by id. */
  readonly tokens: readonly string[];
  encode(text: string): readonly number[];
  decode(ids: Iterable<number>): string;
}

/** What "▁" stands for in the pieces of unigram models. */
export const SPACE = "▁";
/** A space and what follows it, up to the next. */
export const SPACED_WORD = `${SPACE}?[^${SPACE}]+|${SPACE}`;

/** Words that a cache holds before it starts anew. */
const KNOWN = 1 << 17;
/** Words are cut after so many characters: a file may be one word. */
const LONGEST = 1 << 16;

/** Byte-level BPE. `specials` are found in the text as they are spelled. */
export function byteLevelSubwords(tokens: readonly string[], bpe: Bpe, specials: readonly string[]): Subwords {
  const isSpecial = new Set(specials);
  const pieces = remembering((word) => slices(toByteCharacters(word)).flatMap((part) => bpe.encode(part)));
  return {
    tokens,
    encode: aroundSpecials(tokens, specials, (text, out) => {
      for (const word of byteLevelWords(text)) for (const id of pieces(word)) out.push(id);
    }),
    decode: (ids) => {
      const written = new Written();
      for (const id of ids) {
        const token = tokens[id] ?? "";
        if (isSpecial.has(token)) written.text(token);
        else for (const byte of bytesOfCharacters(token)) written.byte(byte);
      }
      return written.finish();
    },
  };
}

/** A unigram model: `idOf` gives the id of a piece by its place, and `byteIds` those of the 256 bytes. */
export function unigramSubwords(
  tokens: readonly string[],
  model: Unigram,
  idOf: Int32Array,
  byteIds: readonly number[],
  specials: readonly string[],
): Subwords {
  const bytes = new Map(byteIds.map((id, byte) => [id, byte]));
  const encoder = new TextEncoder();
  const pieces = remembering((word) =>
    slices(word).flatMap((part) =>
      model
        .cut(part)
        .flatMap((place) =>
          place >= 0
            ? [idOf[place]]
            : Array.from(encoder.encode(String.fromCodePoint(-place - 1)), (byte) => byteIds[byte]),
        ),
    ),
  );
  const words = new RegExp(SPACED_WORD, "gu");
  return {
    tokens,
    encode: aroundSpecials(tokens, specials, (text, out) => {
      for (const word of text.replaceAll(" ", SPACE).match(words) ?? []) for (const id of pieces(word)) out.push(id);
    }),
    decode: (ids) => {
      const written = new Written();
      for (const id of ids) {
        const byte = bytes.get(id);
        if (byte === undefined) written.text((tokens[id] ?? "").replaceAll(SPACE, " "));
        else written.byte(byte);
      }
      return written.finish();
    },
  };
}

/** Text that is written partly as text, partly as bytes of UTF-8; bytes that are none become U+FFFD. */
class Written {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #text = "";
  #bytes: number[] = [];

  byte(byte: number): void {
    this.#bytes.push(byte);
  }

  text(text: string): void {
    this.#text = this.finish() + text;
  }

  finish(): string {
    if (this.#bytes.length > 0) {
      this.#text += this.#decoder.decode(Uint8Array.from(this.#bytes));
      this.#bytes = [];
    }
    return this.#text;
  }
}

function remembering(cut: (word: string) => readonly number[]): (word: string) => readonly number[] {
  const known = new Map<string, readonly number[]>();
  return (word) => {
    let ids = known.get(word);
    if (ids === undefined) {
      ids = cut(word);
      if (known.size >= KNOWN) known.clear();
      if (word.length <= 64) known.set(word, ids);
    }
    return ids;
  };
}

function slices(word: string): string[] {
  if (word.length <= LONGEST) return [word];
  const parts: string[] = [];
  for (let start = 0; start < word.length; ) {
    let end = Math.min(start + LONGEST, word.length);
    if (end < word.length && (word.codePointAt(end - 1) ?? 0) > 0xffff) end--;
    parts.push(word.slice(start, end));
    start = end;
  }
  return parts;
}

/** Encodes what lies between the special tokens of a text, and these by their ids; of several the longest. */
function aroundSpecials(
  tokens: readonly string[],
  specials: readonly string[],
  encodePlain: (text: string, out: number[]) => void,
): (text: string) => readonly number[] {
  const ids = new Map(specials.map((special) => [special, tokens.indexOf(special)]));
  const longestFirst = [...ids.keys()].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  const pattern = new RegExp(longestFirst.map((one) => one.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("|"), "g");
  return (text) => {
    const out: number[] = [];
    let end = 0;
    if (ids.size > 0) {
      for (const { 0: special, index } of text.matchAll(pattern)) {
        encodePlain(text.slice(end, index), out);
        out.push(ids.get(special) ?? 0);
        end = index + special.length;
      }
    }
    encodePlain(end === 0 ? text : text.slice(end), out);
    return out;
  };
}
