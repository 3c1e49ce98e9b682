import { EMOJI, isInvisible, REST, WORD } from "./patterns.js";

const TOKEN = new RegExp(`${EMOJI}|${WORD}|${REST}`, "gsu");

/**
 * Words, emoji and punctuation of a chunk, for any script that puts spaces between words. See {@link WORD} for what a
 * word is; every other character is a token of its own, together with its repetitions; what cannot be seen is dropped.
 */
export function splitWords(chunk: string): readonly string[] {
  // Most chunks are plain letters.
  if (PLAIN.test(chunk)) return [chunk];
  return (chunk.match(TOKEN) ?? []).filter((token) => !isInvisible(token));
}

const PLAIN = /^[A-Za-z]+$/;
