import { exactLog, type Random } from "@seqloom/core";

/** Classes drawn to stand for all others, and how often each class is expected among them. */
export interface Candidates {
  /** The drawn classes; one may be there more than once. */
  readonly ids: Int32Array;
  /** Logarithm of the number of times that a class is expected among the drawn. */
  logExpected(id: number): number;
}

/**
 * Draws classes by Zipf's law, P(k) = log((k + 2) / (k + 1)) / log(classes + 1): for vocabularies sorted by how common words are,
 * the most common first.
 */
export function logUniformCandidates(random: Random, classes: number, count: number): Candidates {
  const cumulative = new Float64Array(classes);
  for (let k = 0; k < classes; k++) cumulative[k] = log(k + 2);
  return candidatesOf(random, cumulative, count);
}

/** Draws classes in proportion to a power of how often each occurs; word2vec's (Mikolov and others 2013) is 3/4. */
export function powerCandidates(random: Random, counts: ArrayLike<number>, count: number, power = 0.75): Candidates {
  const cumulative = new Float64Array(counts.length);
  let sum = 0;
  for (let k = 0; k < counts.length; k++) {
    sum += powerOf(counts[k] as number, power);
    cumulative[k] = sum;
  }
  if (!(sum > 0)) throw new RangeError("powerCandidates: at least one class must occur");
  return candidatesOf(random, cumulative, count);
}

/** x^0.75 and x^0.5 without Math.pow, whose last bit differs between engines; draws must not. */
function powerOf(x: number, power: number): number {
  if (power === 1) return x;
  if (power === 0.75) return Math.sqrt(x) * Math.sqrt(Math.sqrt(x));
  if (power === 0.5) return Math.sqrt(x);
  if (power === 0) return x > 0 ? 1 : 0;
  throw new RangeError(`powerCandidates: power must be 0, 0.5, 0.75 or 1. Received: ${power}`);
}

function candidatesOf(random: Random, cumulative: Float64Array, count: number): Candidates {
  const total = cumulative[cumulative.length - 1] as number;
  const ids = Int32Array.from({ length: count }, () => search(cumulative, random.uniform() * total));
  const share = (id: number): number =>
    ((cumulative[id] as number) - (id === 0 ? 0 : (cumulative[id - 1] as number))) / total;
  return { ids, logExpected: (id) => log(count * share(id)) };
}

/** The same on every engine; core's is for numbers up to 1. */
function log(x: number): number {
  return x > 1 ? -exactLog(1 / x) : exactLog(x);
}

/** The first place whose sum is above a number. */
function search(cumulative: Float64Array, wanted: number): number {
  let [low, high] = [0, cumulative.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cumulative[middle] as number) > wanted) high = middle;
    else low = middle + 1;
  }
  return low;
}
