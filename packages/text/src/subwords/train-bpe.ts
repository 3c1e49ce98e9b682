/**
 * @file Byte-pair encoding, learned (Sennrich et al. 2016): the most frequent pair of neighbours becomes one symbol, again and
 * again. Of pairs that are as frequent the one with the lower ids comes first, so that the same counts give the same merges.
 */
import { Heap } from "./heap.js";

/** What was learned. */
export interface Merges {
  /** Symbols by id: the alphabet, then what was merged. */
  readonly symbols: readonly string[];
  /** Pairs of symbols in the order in which they are merged. */
  readonly merges: readonly (readonly [left: string, right: string])[];
}

interface Candidate {
  readonly pair: number;
  readonly count: number;
}

/** Ids are below this: pairs of them fit into one number exactly. */
const SPAN = 2 ** 26;

/**
 * Learns merges from words and how often they occur, until there are `size` symbols or no pair occurs `minCount` times.
 * @param alphabet every character of the words
 */
export function trainBpe(
  words: ReadonlyMap<string, number>,
  alphabet: readonly string[],
  size: number,
  minCount: number,
  onMerge: () => void = () => {},
): Merges {
  const symbols = [...alphabet];
  const ids = new Map(symbols.map((symbol, id) => [symbol, id]));
  const spelled = Array.from(words.keys(), (word) => Array.from(word, (character) => ids.get(character) ?? 0));
  const counts = [...words.values()];
  const pairs = new Map<number, number>();
  const places = new Map<number, Set<number>>();
  const change = (left: number, right: number, by: number, word: number): void => {
    const pair = left * SPAN + right;
    pairs.set(pair, (pairs.get(pair) ?? 0) + by);
    if (by < 0) return;
    const known = places.get(pair);
    if (known === undefined) places.set(pair, new Set([word]));
    else known.add(word);
  };
  for (const [word, spelling] of spelled.entries()) {
    for (let at = 1; at < spelling.length; at++) change(spelling[at - 1], spelling[at], counts[word], word);
  }
  const queue = new Heap<Candidate>((a, b) => a.count > b.count || (a.count === b.count && a.pair < b.pair));
  for (const [pair, count] of pairs) queue.push({ pair, count });

  const merges: (readonly [string, string])[] = [];
  while (symbols.length < size) {
    const best = queue.pop();
    if (best === undefined || best.count < minCount) break;
    const count = pairs.get(best.pair) ?? 0;
    // Its count has changed since it was queued.
    if (count !== best.count) {
      if (count > 0) queue.push({ pair: best.pair, count });
      continue;
    }
    onMerge();
    const [left, right] = [Math.floor(best.pair / SPAN), best.pair % SPAN];
    const merged = symbols[left] + symbols[right];
    // Two ways may lead to one symbol: ab + c and a + bc.
    const id = ids.get(merged) ?? symbols.push(merged) - 1;
    ids.set(merged, id);
    merges.push([symbols[left], symbols[right]]);
    const raised = new Set<number>();
    for (const word of places.get(best.pair) ?? []) {
      const before = spelled[word];
      const after = mergedSpelling(before, left, right, id);
      if (after.length === before.length) continue;
      for (let at = 1; at < before.length; at++) change(before[at - 1], before[at], -counts[word], word);
      for (let at = 1; at < after.length; at++) {
        change(after[at - 1], after[at], counts[word], word);
        if (after[at - 1] === id || after[at] === id) raised.add(after[at - 1] * SPAN + after[at]);
      }
      spelled[word] = after;
    }
    pairs.delete(best.pair);
    places.delete(best.pair);
    for (const pair of raised) queue.push({ pair, count: pairs.get(pair) ?? 0 });
  }
  return { symbols, merges };
}

function mergedSpelling(spelling: readonly number[], left: number, right: number, id: number): number[] {
  const result: number[] = [];
  for (let at = 0; at < spelling.length; at++) {
    if (spelling[at] === left && spelling[at + 1] === right) {
      result.push(id);
      at++;
    } else result.push(spelling[at]);
  }
  return result;
}
