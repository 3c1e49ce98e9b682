/** @file Byte-pair encoding, applied: of the pairs of a word the one that was learned first is merged, from left to right. */
import { Heap } from "./heap.js";

interface Candidate {
  readonly rank: number;
  readonly at: number;
  /** The symbols that it is a pair of: what stands there later may be another. */
  readonly left: number;
  readonly right: number;
}

/** Ids are below this: pairs of them fit into one number exactly. */
const SPAN = 2 ** 26;

/** Cuts words, spelled in the characters of the alphabet, into symbols. */
export class Bpe {
  readonly #ids: ReadonlyMap<string, number>;
  readonly #ranks = new Map<number, { readonly rank: number; readonly id: number }>();

  /** @param ids symbols and their ids; a merge whose symbols are not among them is passed over */
  constructor(ids: ReadonlyMap<string, number>, merges: readonly (readonly [string, string])[]) {
    this.#ids = ids;
    for (const [rank, [left, right]] of merges.entries()) {
      const [a, b, id] = [left, right, left + right].map((symbol) => ids.get(symbol));
      if (a === undefined || b === undefined || id === undefined) continue;
      const pair = a * SPAN + b;
      if (!this.#ranks.has(pair)) this.#ranks.set(pair, { rank, id });
    }
  }

  /** The ids of the symbols of a word; characters that are none are left out. Time is n log n in its length. */
  encode(word: string): number[] {
    const ids = Array.from(word, (character) => this.#ids.get(character) ?? -1).filter((id) => id >= 0);
    const next = Int32Array.from(ids, (_, at) => at + 1);
    const previous = Int32Array.from(ids, (_, at) => at - 1);
    const queue = new Heap<Candidate>((a, b) => a.rank < b.rank || (a.rank === b.rank && a.at < b.at));
    const offer = (at: number): void => {
      if (at < 0 || next[at] >= ids.length) return;
      const [left, right] = [ids[at], ids[next[at]]];
      const known = this.#ranks.get(left * SPAN + right);
      if (known !== undefined) queue.push({ rank: known.rank, at, left, right });
    };
    for (let at = 0; at < ids.length; at++) offer(at);
    for (let best = queue.pop(); best !== undefined; best = queue.pop()) {
      const { at, left, right } = best;
      const after = next[at];
      if (ids[at] !== left || after >= ids.length || ids[after] !== right) continue;
      ids[at] = this.#ranks.get(left * SPAN + right)?.id ?? left;
      ids[after] = -1;
      next[at] = next[after];
      if (next[at] < ids.length) previous[next[at]] = at;
      offer(previous[at]);
      offer(at);
    }
    return ids.filter((id) => id >= 0);
  }
}
