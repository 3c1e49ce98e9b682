import type { TokensColumn } from "@seqloom/core";

/** See the parameters of `text/n-grams`. */
export interface NGramOptions {
  readonly shortest: number;
  readonly longest: number;
  readonly separator: string;
}

/**
 * The runs of `shortest` to `longest` tokens of each row, the shorter ones first. A run of n is a pair of the run of n - 1
 * that it begins with and a token, so each distinct run becomes a string once, and the rest is whole numbers.
 */
export function nGramsOf(
  column: TokensColumn,
  { shortest, longest, separator }: NGramOptions,
  onRow: (row: number) => void,
): TokensColumn {
  const { indices, offsets } = column;
  const rows = offsets.length - 1;
  const kept: string[] = [];
  const offsetsKept = countRuns(offsets, shortest, longest);
  const into = new Int32Array(offsetsKept[rows]);
  const cursor = offsetsKept.slice(0, rows);
  // The run that starts at each token, of the length of this turn; as a place in `runs`.
  let current: Int32Array = indices.slice();
  let runs: readonly string[] = column.dictionary;
  for (let length = 1; length <= longest; length++) {
    if (length > 1) {
      const pairs = new Pairs(indices.length);
      for (let row = 0; row < rows; row++) {
        onRow(row);
        for (let at = offsets[row]; at + length <= offsets[row + 1]; at++)
          current[at] = pairs.place(current[at], indices[at + length - 1]);
      }
      const shorter = runs;
      runs = Array.from({ length: pairs.size }, (_, i) => {
        return `${shorter[pairs.first[i]]}${separator}${column.dictionary[pairs.second[i]]}`;
      });
    }
    if (length < shortest) continue;
    const places = new Int32Array(runs.length).fill(-1);
    for (let row = 0; row < rows; row++) {
      for (let at = offsets[row]; at + length <= offsets[row + 1]; at++) {
        const run = current[at];
        if (places[run] < 0) places[run] = kept.push(runs[run]) - 1;
        into[cursor[row]++] = places[run];
      }
    }
    current = current.slice();
  }
  return united({ type: "tokens", dictionary: kept, indices: into, offsets: offsetsKept });
}

function countRuns(offsets: Int32Array, shortest: number, longest: number): Int32Array {
  const starts = new Int32Array(offsets.length);
  for (let row = 0; row + 1 < offsets.length; row++) {
    const tokens = offsets[row + 1] - offsets[row];
    let runs = 0;
    for (let length = shortest; length <= Math.min(longest, tokens); length++) runs += tokens - length + 1;
    starts[row + 1] = starts[row] + runs;
  }
  return starts;
}

/** Runs of two lengths may be spelled alike: with no separator, `ab` is one token or two. Entries are in order of first use. */
function united(column: TokensColumn): TokensColumn {
  const places = new Map<string, number>();
  const target = new Int32Array(column.dictionary.length).fill(-1);
  const dictionary: string[] = [];
  const indices = column.indices.map((index) => {
    if (target[index] < 0) {
      const word = column.dictionary[index];
      let place = places.get(word);
      if (place === undefined) {
        place = dictionary.push(word) - 1;
        places.set(word, place);
      }
      target[index] = place;
    }
    return target[index];
  });
  return { ...column, dictionary, indices };
}

/** Gives each distinct pair of numbers the next place: a hash table in flat arrays, open addressing. */
class Pairs {
  readonly first: Int32Array;
  readonly second: Int32Array;
  size = 0;
  readonly #slots: Int32Array;
  readonly #mask: number;

  /** @param most pairs that there can be */
  constructor(most: number) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(most, 1) * 2 + 1));
    this.first = new Int32Array(most);
    this.second = new Int32Array(most);
    this.#slots = new Int32Array(slots).fill(-1);
    this.#mask = slots - 1;
  }

  place(first: number, second: number): number {
    let hash = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    for (let slot = (hash ^ (hash >>> 13)) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const place = this.#slots[slot];
      if (place < 0) {
        this.#slots[slot] = this.size;
        this.first[this.size] = first;
        this.second[this.size] = second;
        return this.size++;
      }
      if (this.first[place] === first && this.second[place] === second) return place;
    }
  }
}
