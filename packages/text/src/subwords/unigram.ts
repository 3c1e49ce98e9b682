/**
 * @file A unigram language model of pieces (Kudo 2018), applied: of all the ways to cut a word into pieces, the most likely
 * one. A character that no piece spells becomes its bytes.
 */

/** A piece and the logarithm of its probability. */
export type Piece = readonly [piece: string, score: number];

/** What an unknown character costs more than the least likely piece. */
const PENALTY = 10;

/** Pieces by their spelling, and every beginning of one: what is none need not be looked for further. */
export class PieceIndex {
  readonly #places = new Map<string, number>();

  constructor(pieces: Iterable<string>) {
    let place = 0;
    for (const piece of pieces) {
      for (let end = 1; end < piece.length; end++) {
        const beginning = piece.slice(0, end);
        if (!this.#places.has(beginning)) this.#places.set(beginning, -1);
      }
      this.#places.set(piece, place++);
    }
  }

  /** Calls `found` for each piece that stands at `start` of the word, shorter ones first. */
  at(word: string, start: number, found: (end: number, place: number) => void): void {
    for (let end = start + 1; end <= word.length; end++) {
      const place = this.#places.get(word.slice(start, end));
      if (place === undefined) return;
      if (place >= 0) found(end, place);
    }
  }
}

/** Cuts words into pieces. */
export class Unigram {
  readonly #index: PieceIndex;
  readonly #scores: Float64Array;
  readonly #unknown: number;

  constructor(pieces: readonly Piece[]) {
    this.#index = new PieceIndex(pieces.map(([piece]) => piece));
    this.#scores = Float64Array.from(pieces, ([, score]) => score);
    this.#unknown = this.#scores.reduce((least, score) => Math.min(least, score), 0) - PENALTY;
  }

  /** The places of the pieces of a word, in order; a character that is none is given as its code point, negative and less one. */
  cut(word: string): number[] {
    const best = new Float64Array(word.length + 1).fill(Number.NEGATIVE_INFINITY);
    const from = new Int32Array(word.length + 1);
    const piece = new Int32Array(word.length + 1);
    best[0] = 0;
    const offer = (start: number, end: number, score: number, place: number): void => {
      const total = best[start] + score;
      if (total <= best[end]) return;
      best[end] = total;
      from[end] = start;
      piece[end] = place;
    };
    for (let start = 0; start < word.length; ) {
      const code = word.codePointAt(start) ?? 0;
      const next = start + (code > 0xffff ? 2 : 1);
      let single = false;
      this.#index.at(word, start, (end, place) => {
        if (end === next) single = true;
        offer(start, end, this.#scores[place], place);
      });
      if (!single) offer(start, next, this.#unknown, -code - 1);
      start = next;
    }
    const result: number[] = [];
    for (let end = word.length; end > 0; end = from[end]) result.push(piece[end]);
    return result.reverse();
  }
}
