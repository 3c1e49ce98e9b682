/**
 * @file Text as bytes, each written as one visible character, as GPT-2 does (Radford et al. 2019) and "ByteLevel" of
 * `tokenizer.json`: every text can be spelled, and comes back as it was.
 */

/** The character of each byte: itself where it is visible in Latin-1, else the next free one from U+0100 on. */
export const BYTE_CHARACTERS: readonly string[] = (() => {
  const isVisible = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let free = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isVisible(byte) ? byte : free++));
})();

const BYTES = new Map(BYTE_CHARACTERS.map((character, byte) => [character, byte]));
const ENCODER = new TextEncoder();

/** A text, in UTF-8, a character for each byte. */
export function toByteCharacters(text: string): string {
  let result = "";
  for (const byte of ENCODER.encode(text)) result += BYTE_CHARACTERS[byte];
  return result;
}

/** The bytes that such characters stand for; others stand for none. */
export function bytesOfCharacters(characters: string): number[] {
  return Array.from(characters, (character) => BYTES.get(character) ?? -1).filter((byte) => byte >= 0);
}

const WORD = /'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** Words with the space before them, numbers, punctuation and white space: what merges do not cross. All of the text. */
export function byteLevelWords(text: string): readonly string[] {
  return text.match(WORD) ?? [];
}
