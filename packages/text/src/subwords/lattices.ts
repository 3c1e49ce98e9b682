/**
 * @file All the ways to cut many words into pieces: for each word the pieces that it has, and where. They are found once, in
 * flat arrays; which of the pieces are still there, and how likely, is said by their scores each time they are gone through.
 */
import { PieceIndex } from "./unigram.js";

const NONE = Number.NEGATIVE_INFINITY;

/** Lattices of words over one list of pieces. A piece with the score −∞ is not used. */
export class Lattices {
  readonly #words: readonly string[];
  /** Edges of word i: `first[i] … first[i + 1]`, by their start. */
  readonly #first: Int32Array;
  readonly #starts: Uint16Array;
  readonly #ends: Uint16Array;
  readonly #places: Int32Array;

  /** @param words of fewer than 65,536 code units */
  constructor(words: readonly string[], pieces: Iterable<string>) {
    const index = new PieceIndex(pieces);
    const [starts, ends, places]: [number[], number[], number[]] = [[], [], []];
    this.#words = words;
    this.#first = new Int32Array(words.length + 1);
    for (const [i, word] of words.entries()) {
      for (let start = 0; start < word.length; start++) {
        index.at(word, start, (end, place) => {
          starts.push(start);
          ends.push(end);
          places.push(place);
        });
      }
      this.#first[i + 1] = places.length;
    }
    this.#starts = Uint16Array.from(starts);
    this.#ends = Uint16Array.from(ends);
    this.#places = Int32Array.from(places);
  }

  /** How often each piece occurs over all the ways to cut the words, weighed by how likely they are. */
  expected(counts: ArrayLike<number>, scores: Float64Array): Float64Array {
    const result = new Float64Array(scores.length);
    for (let i = 0; i < this.#words.length; i++) {
      const { length } = this.#words[i];
      const [first, last] = [this.#first[i], this.#first[i + 1]];
      const before = new Float64Array(length + 1).fill(NONE);
      const after = new Float64Array(length + 1).fill(NONE);
      before[0] = 0;
      after[length] = 0;
      for (let edge = first; edge < last; edge++) {
        const score = scores[this.#places[edge]];
        const reached = before[this.#starts[edge]];
        if (score === NONE || reached === NONE) continue;
        const end = this.#ends[edge];
        before[end] = logSum(before[end], reached + score);
      }
      for (let edge = last - 1; edge >= first; edge--) {
        const score = scores[this.#places[edge]];
        const rest = after[this.#ends[edge]];
        const start = this.#starts[edge];
        if (score === NONE || rest === NONE || before[start] === NONE) continue;
        after[start] = logSum(after[start], rest + score);
        const share = before[start] + score + rest - before[length];
        if (share > -30) result[this.#places[edge]] += counts[i] * Math.exp(share);
      }
    }
    return result;
  }

  /**
   * The most likely way to cut each word: `onWord` gets its score, and the places of its pieces, last first.
   * @param without whether a word may not be a piece of itself
   */
  best(scores: Float64Array, without: boolean, onWord: (word: number, score: number, places: number[]) => void): void {
    for (let i = 0; i < this.#words.length; i++) {
      const { length } = this.#words[i];
      const best = new Float64Array(length + 1).fill(NONE);
      const through = new Int32Array(length + 1);
      best[0] = 0;
      for (let edge = this.#first[i]; edge < this.#first[i + 1]; edge++) {
        const [start, end] = [this.#starts[edge], this.#ends[edge]];
        const total = best[start] + scores[this.#places[edge]];
        if (total <= best[end] || (without && end - start === length)) continue;
        best[end] = total;
        through[end] = edge;
      }
      const places: number[] = [];
      if (best[length] > NONE) {
        for (let end = length; end > 0; end = this.#starts[through[end]]) places.push(this.#places[through[end]]);
      }
      onWord(i, best[length], places);
    }
  }
}

function logSum(a: number, b: number): number {
  const most = Math.max(a, b);
  const least = Math.min(a, b);
  return least === NONE ? most : most + Math.log1p(Math.exp(least - most));
}
