import { type Dataset, dataset, editDistance, fail } from "@seqloom/core";

/** Word vectors as they travel between stages: a dataset with a row for each word. */
export const WORD_VECTORS = { word: "utf8", vector: "vector" } as const;

/** The port of a stage that takes word vectors. */
export const wordVectors = dataset(WORD_VECTORS);

/** A dataset of word vectors. */
export type WordVectorRows = Dataset<typeof WORD_VECTORS>;

/** Word vectors to look words up in and to compare: each is brought to length 1. */
export class WordSpace {
  readonly words: readonly string[];
  /** `[words, width]`, row by row; a vector of zeros stays one. */
  readonly units: Float32Array;
  readonly width: number;
  /** Place of each word. Of a word that is there twice, the first. */
  readonly #places = new Map<string, number>();

  constructor(data: WordVectorRows) {
    this.words = data.column("word").values;
    const { values, width } = data.column("vector");
    this.width = width;
    this.units = new Float32Array(values.length);
    for (const [place, word] of this.words.entries()) {
      if (!this.#places.has(word)) this.#places.set(word, place);
      let squares = 0;
      for (let at = place * width; at < (place + 1) * width; at++) squares += values[at] * values[at];
      const length = Math.sqrt(squares);
      if (!Number.isFinite(length)) {
        throw fail("not-finite", `the vector of "${word}" holds what is no number`, {
          hint: "Leave the word out, or repair the stage or the file that gives it.",
        });
      }
      for (let at = place * width; at < (place + 1) * width; at++)
        this.units[at] = length === 0 ? 0 : values[at] / length;
    }
  }

  /** The place of a word as it is, or else in lower case; undefined where it is not there. */
  find(word: string): number | undefined {
    return this.#places.get(word) ?? this.#places.get(word.toLowerCase());
  }

  /** @throws DiagnosticError `unknown-word`, with the words that are spelled most like it. */
  place(word: string): number {
    const place = this.find(word);
    if (place !== undefined) return place;
    const near = this.#spelledLike(word, 3).map((one) => `"${one}"`);
    throw fail("unknown-word", `"${word}" is not among the ${this.words.length} words that have a vector`, {
      hint: near.length === 0 ? "There is no word." : `Closest in spelling: ${near.join(", ")}.`,
    });
  }

  unit(place: number): Float32Array {
    return this.units.subarray(place * this.width, (place + 1) * this.width);
  }

  #spelledLike(word: string, count: number): string[] {
    const wanted = word.toLowerCase().slice(0, 64);
    const near = this.words
      .filter((other) => Math.abs(other.length - wanted.length) <= 2)
      .map((other, place) => ({ other, place, distance: editDistance(wanted, other.toLowerCase()) }))
      .sort((a, b) => a.distance - b.distance || a.place - b.place);
    return [...new Set((near.length > 0 ? near.map(({ other }) => other) : this.words).slice(0, count))];
  }
}

/** The sum of products of two vectors, in float64 and in order. */
export function product(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
