/**
 * @file A unigram language model of pieces, learned (Kudo 2018, "Subword regularization", section 3.2): from the frequent parts
 * of words, by expectation and maximisation, leaving out again and again the pieces that are missed least.
 */
import { Lattices } from "./lattices.js";
import type { Piece } from "./unigram.js";

/** Code units of the longest piece. */
const LONGEST = 12;
/** How many times more parts of words than pieces are wanted there are at first, at most. */
const SEEDS = 8;
/** What is left of the pieces in each round. */
const SHRINK = 0.75;
/** The most frequent words that are learned from. */
const WORDS = 1 << 18;

/**
 * Learns about `size` pieces with their scores, the most likely first; every character of the words is one.
 * Fewer where the words have no more parts that occur twice.
 */
export function trainUnigram(
  given: ReadonlyMap<string, number>,
  size: number,
  onRound: () => void = () => {},
): Piece[] {
  // Sums depend on their order, in the last bits; the model must not.
  const words = new Map([...given].sort(([a], [b]) => (a < b ? -1 : 1)));
  const { characters, parts } = partsOf(words);
  const seeds = mostOf(parts, size * SEEDS, 2, (part) => part.length);
  const pieces = [...characters.keys(), ...seeds.map(([part]) => part)];
  const learned = mostOf(words, WORDS, 1, () => 1);
  const counts = learned.map(([, count]) => count);
  const text = new Lattices(
    learned.map(([word]) => word),
    pieces,
  );
  const own = new Lattices(pieces, pieces);
  let scores = scoresOf(
    Float64Array.from([...characters.values(), ...seeds.map(([, count]) => count)]),
    characters.size,
  );
  for (;;) {
    for (let step = 0; step < 2; step++) {
      onRound();
      scores = scoresOf(text.expected(counts, scores), characters.size);
    }
    const left = scores.reduce((sum, score) => sum + Number(score > Number.NEGATIVE_INFINITY), 0);
    // Characters stay, however many there are.
    if (left <= Math.max(size, characters.size)) break;
    const kept = Math.max(size, Math.floor(left * SHRINK));
    scores = withoutLeast(scores, left - kept, lossesOf(text, own, counts, scores), characters.size, pieces);
  }
  return pieces
    .map((piece, place): Piece => [piece, scores[place]])
    .filter(([, score]) => score > Number.NEGATIVE_INFINITY)
    .sort(([a, score], [b, other]) => other - score || (a < b ? -1 : 1));
}

/** How often each character occurs, and each part of several. */
function partsOf(words: ReadonlyMap<string, number>) {
  const characters = new Map<string, number>();
  const parts = new Map<string, number>();
  for (const [word, count] of words) {
    const starts: number[] = [];
    for (let at = 0; at < word.length; at += (word.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) starts.push(at);
    starts.push(word.length);
    for (let i = 0; i + 1 < starts.length; i++) {
      const single = word.slice(starts[i], starts[i + 1]);
      characters.set(single, (characters.get(single) ?? 0) + count);
      for (let j = i + 2; j < starts.length && starts[j] - starts[i] <= LONGEST; j++) {
        const part = word.slice(starts[i], starts[j]);
        parts.set(part, (parts.get(part) ?? 0) + count);
      }
    }
  }
  return { characters, parts };
}

/** The entries that occur at least so often and count most, weighed; ties by code unit. */
function mostOf(
  counts: ReadonlyMap<string, number>,
  most: number,
  least: number,
  weight: (text: string) => number,
): (readonly [string, number])[] {
  const entries = [...counts].filter(([, count]) => count >= least);
  const weights = Float64Array.from(entries, ([text, count]) => count * weight(text));
  return entries
    .map((_, at) => at)
    .sort((a, b) => weights[b] - weights[a] || (entries[a][0] < entries[b][0] ? -1 : 1))
    .slice(0, most)
    .map((at) => entries[at]);
}

/** Counts as logarithms of probabilities: −∞ for pieces that are used too little, but not for characters, which are first. */
function scoresOf(counts: Float64Array, characters: number): Float64Array {
  const kept = counts.map((count, place) => (place < characters ? Math.max(count, 1e-3) : count < 0.5 ? 0 : count));
  const total = Math.log(kept.reduce((sum, count) => sum + count, 0));
  return kept.map((count) => Math.log(count) - total);
}

/** What the text would lose without each piece: how often it is used, times what the best way to spell it by others costs. */
function lossesOf(text: Lattices, own: Lattices, counts: readonly number[], scores: Float64Array): Float64Array {
  const uses = new Float64Array(scores.length);
  text.best(scores, false, (word, _, places) => {
    for (const place of places) uses[place] += counts[word];
  });
  const losses = new Float64Array(scores.length);
  own.best(scores, true, (piece, score) => {
    losses[piece] = uses[piece] === 0 ? 0 : uses[piece] * (scores[piece] - score);
  });
  return losses;
}

/** Without so many of the pieces that have a score and are no characters, those of the least loss. */
function withoutLeast(
  scores: Float64Array,
  count: number,
  losses: Float64Array,
  characters: number,
  pieces: readonly string[],
): Float64Array {
  const order: number[] = [];
  for (let place = characters; place < scores.length; place++) {
    if (scores[place] > Number.NEGATIVE_INFINITY) order.push(place);
  }
  order.sort((a, b) => losses[a] - losses[b] || (pieces[a] < pieces[b] ? 1 : -1));
  const kept = scores.slice();
  for (const place of order.slice(0, count)) kept[place] = Number.NEGATIVE_INFINITY;
  return kept;
}
