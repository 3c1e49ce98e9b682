import { product, type WordSpace } from "./words.js";

/** Words that count for an answer, and words that count against it. */
export interface Question {
  readonly for: readonly number[];
  readonly against: readonly number[];
}

/** How cosines become one score: their sum (3CosAdd), or their product over those against (3CosMul, Levy and Goldberg 2014). */
export type Scoring = "add" | "multiply";

/** A word by its place, and how well it answers. */
export interface Answer {
  readonly place: number;
  readonly score: number;
}

/** What keeps the quotient of 3CosMul from dividing by zero. */
const LEAST = 0.001;

/** The words that answer best, best first; ties by place. Those of the question are none. */
export function answersTo(space: WordSpace, question: Question, scoring: Scoring, count: number): Answer[] {
  const scores = scoring === "add" ? sums(space, question) : products(space, question);
  const asked = new Set([...question.for, ...question.against]);
  const best: Answer[] = [];
  for (let place = 0; place < scores.length; place++) {
    const score = scores[place];
    if ((best.length === count && score <= best[count - 1].score) || asked.has(place)) continue;
    let at = Math.min(best.length, count - 1);
    while (at > 0 && best[at - 1].score < score) {
      best[at] = best[at - 1];
      at--;
    }
    best[at] = { place, score };
  }
  return best;
}

/** The cosine of each word with the sum of the question's unit vectors: one pass over all words. */
function sums(space: WordSpace, question: Question): Float64Array {
  const sum = new Float64Array(space.width);
  for (const [places, sign] of [
    [question.for, 1],
    [question.against, -1],
  ] as const) {
    for (const place of places) for (const [i, value] of space.unit(place).entries()) sum[i] += sign * value;
  }
  const length = Math.sqrt(product(sum, sum));
  if (length > 0) for (let i = 0; i < sum.length; i++) sum[i] /= length;
  return cosines(space, sum);
}

function products(space: WordSpace, question: Question): Float64Array {
  const scores = new Float64Array(space.words.length).fill(1);
  const each = (places: readonly number[], change: (score: number, cosine: number) => number): void => {
    for (const place of places) {
      // From 0 to 1, so that two that are both opposite do not make a good one.
      const found = cosines(space, space.unit(place));
      for (let i = 0; i < found.length; i++) scores[i] = change(scores[i], (found[i] + 1) / 2);
    }
  };
  each(question.for, (score, cosine) => score * cosine);
  each(question.against, (score, cosine) => score / (cosine + LEAST));
  return scores;
}

/** The cosine of every word with a unit vector; four sums at a time, since one alone waits for itself. */
function cosines({ units, width, words }: WordSpace, vector: ArrayLike<number>): Float64Array {
  const own = Float64Array.from(vector);
  const found = new Float64Array(words.length);
  for (let place = 0, at = 0; place < found.length; place++) {
    let [a, b, c, d] = [0, 0, 0, 0];
    let i = 0;
    for (; i + 4 <= width; i += 4, at += 4) {
      a += own[i] * units[at];
      b += own[i + 1] * units[at + 1];
      c += own[i + 2] * units[at + 2];
      d += own[i + 3] * units[at + 3];
    }
    for (; i < width; i++, at++) a += own[i] * units[at];
    found[place] = a + b + (c + d);
  }
  return found;
}
