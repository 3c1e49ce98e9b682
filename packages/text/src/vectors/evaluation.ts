import { answersTo, type Scoring } from "./search.js";
import { product, type WordSpace } from "./words.js";

/** Two words, and how alike people find them. */
export interface RatedPair {
  readonly words: readonly [string, string];
  readonly rating: number;
}

/** How the cosines of pairs go with people's ratings. */
export interface PairScores {
  /** Spearman's rank correlation over the pairs whose words both have a vector; NaN of fewer than two. */
  readonly correlation: number;
  readonly covered: number;
}

export function ratePairs(space: WordSpace, pairs: readonly RatedPair[]): PairScores {
  const known = pairs.flatMap(({ words, rating }) => {
    const [a, b] = words.map((word) => space.find(word));
    return a === undefined || b === undefined ? [] : [{ rating, cosine: product(space.unit(a), space.unit(b)) }];
  });
  const correlation = pearson(ranks(known.map(({ rating }) => rating)), ranks(known.map(({ cosine }) => cosine)));
  return { correlation, covered: known.length };
}

/** Ranks from 1; equal values share the mean of theirs. */
function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b]);
  const found = new Array<number>(values.length).fill(0);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let at = from; at < to; at++) found[order[at]] = (from + to + 1) / 2;
    from = to;
  }
  return found;
}

function pearson(x: readonly number[], y: readonly number[]): number {
  const centred = (values: readonly number[]): number[] => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.map((value) => value - mean);
  };
  const [a, b] = [centred(x), centred(y)];
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

/** Analogies of one kind: a is to b as c is to d. */
export interface AnalogySection {
  readonly name: string;
  readonly questions: readonly (readonly [string, string, string, string])[];
}

/** How many analogies of a kind are answered right. */
export interface AnalogyScores {
  readonly name: string;
  readonly asked: number;
  /** Those whose four words all have a vector: only these are answered. */
  readonly covered: number;
  readonly right: number;
}

export function answerAnalogies(
  space: WordSpace,
  { name, questions }: AnalogySection,
  scoring: Scoring,
  pause: () => void,
): AnalogyScores {
  let [covered, right] = [0, 0];
  for (const question of questions) {
    const [a, b, c, d] = question.map((word) => space.find(word));
    if (a === undefined || b === undefined || c === undefined || d === undefined) continue;
    pause();
    covered++;
    const [answer] = answersTo(space, { for: [b, c], against: [a] }, scoring, 1);
    if (answer?.place === d) right++;
  }
  return { name, asked: questions.length, covered, right };
}
