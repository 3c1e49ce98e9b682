import type { TokensColumn } from "@seqloom/core";

/** For each label, whether each row has it: `[labels, rows]`. Labels that are not in `labels` are passed over. */
export function membershipOf(column: TokensColumn, labels: readonly string[]): readonly Uint8Array[] {
  const rows = column.offsets.length - 1;
  const places = new Map(labels.map((name, place) => [name, place]));
  const target = Int32Array.from(column.dictionary, (name) => places.get(name) ?? -1);
  const sets = labels.map(() => new Uint8Array(rows));
  for (let row = 0; row < rows; row++) {
    for (let at = column.offsets[row]; at < column.offsets[row + 1]; at++) {
      const place = target[column.indices[at]];
      if (place >= 0) sets[place][row] = 1;
    }
  }
  return sets;
}

/** Hits and misses of one label. */
export interface Hits {
  readonly right: number;
  readonly wrong: number;
  readonly missed: number;
}

/** Hits and misses of each label. */
export function hitsOf(actual: readonly Uint8Array[], predicted: readonly Uint8Array[]): Hits[] {
  return actual.map((has, label) => {
    let [right, wrong, missed] = [0, 0, 0];
    for (let row = 0; row < has.length; row++) {
      const said = predicted[label][row];
      if (said === 1 && has[row] === 1) right++;
      else if (said === 1) wrong++;
      else if (has[row] === 1) missed++;
    }
    return { right, wrong, missed };
  });
}

/** Precision, recall and F1 of hits and misses; 0 where there is nothing to divide by, as scikit-learn's `zero_division=0`. */
export function scoresOfHits({ right, wrong, missed }: Hits) {
  const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
  return {
    precision: share(right, right + wrong),
    recall: share(right, right + missed),
    f1: share(2 * right, 2 * right + wrong + missed),
  };
}

/** All hits and misses together: what micro averages are of. */
export function totalOf(hits: readonly Hits[]): Hits {
  const sum = (pick: (one: Hits) => number): number => hits.reduce((total, one) => total + pick(one), 0);
  return { right: sum((one) => one.right), wrong: sum((one) => one.wrong), missed: sum((one) => one.missed) };
}

/** Which labels the scores `[rows, labels]` say: those above 0 and, if asked for, at least the best. */
export function saidBy(scores: Float64Array, labels: number, atLeastOne: boolean): readonly Uint8Array[] {
  const rows = labels === 0 ? 0 : scores.length / labels;
  const said = Array.from({ length: labels }, () => new Uint8Array(rows));
  for (let row = 0; row < rows; row++) {
    let [best, any] = [0, false];
    for (let k = 0; k < labels; k++) {
      const score = scores[row * labels + k];
      if (score > scores[row * labels + best]) best = k;
      if (score > 0) {
        said[k][row] = 1;
        any = true;
      }
    }
    if (atLeastOne && !any) said[best][row] = 1;
  }
  return said;
}
