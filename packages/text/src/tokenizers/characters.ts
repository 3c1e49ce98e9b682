import { Collector, type TokensColumn } from "@seqloom/core";

/** Cuts a text into its characters. */
type Cutter = (text: string) => Iterable<string>;

/**
 * The characters of each text, white space too; the dictionary is in order of first appearance.
 * @param unit a code point, or a grapheme: what a reader takes for one character, such as a letter with its accents.
 */
export function tokenizeCharacters(
  texts: readonly string[],
  unit: "code_point" | "grapheme",
  onRow?: (row: number) => void,
): TokensColumn {
  const cut: Cutter = unit === "grapheme" ? graphemes() : (text) => text;
  const collector = new Collector();
  const ascii = new Int32Array(128).fill(-1);
  const offsets = new Int32Array(texts.length + 1);
  const indices = new Int32Array(texts.reduce((sum, text) => sum + text.length, 0));
  let count = 0;
  for (let row = 0; row < texts.length; row++) {
    if ((row & 4095) === 0) onRow?.(row);
    for (const character of cut(texts[row])) {
      const code = character.length === 1 ? character.charCodeAt(0) : 128;
      if (code < 128 && ascii[code] < 0) ascii[code] = collector.index(character);
      indices[count++] = code < 128 ? ascii[code] : collector.index(character);
    }
    offsets[row + 1] = count;
  }
  return { type: "tokens", dictionary: collector.dictionary, indices: indices.slice(0, count), offsets };
}

/**
 * Places where a new grapheme surely begins: after a letter or mark of ASCII or of a script with simple clusters, unless
 * something that joins follows. Elsewhere the engine's segmenter decides. It takes time quadratic in the length of the
 * text on some versions of Node, so it only ever sees the short pieces between these places, each distinct one once.
 */
const SIMPLE = ["Latin", "Greek", "Cyrillic", "Hebrew", "Han", "Hiragana", "Katakana"].map(
  (script) => `\\p{sc=${script}}`,
);
const JOINS = "[\\p{Grapheme_Extend}\\p{M}\\p{Emoji_Modifier}\\u0e33\\u0eb3]|\\u200d";
const SURE = new RegExp(`(?<=[\\u0020-\\u007e${SIMPLE.join("")}])(?!${JOINS})`, "u");

function graphemes(): Cutter {
  const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });
  const known = new Map<string, readonly string[]>();
  return function* (text) {
    for (const piece of text.split(SURE)) {
      let parts = known.get(piece);
      if (parts === undefined) {
        parts = Array.from(segmenter.segment(piece), ({ segment }) => segment);
        known.set(piece, parts);
      }
      yield* parts;
    }
  };
}
