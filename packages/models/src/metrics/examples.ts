/** A row to show: its place, and the probability that it was given to its prediction. */
export interface Example {
  readonly row: number;
  readonly confidence: number;
}

/**
 * Rows that show what a classifier does: of the wrong ones those that it was most sure of, of the right ones a spread from
 * the surest to the least sure. Of equals the first comes first.
 */
export function pickExamples(
  actual: Int32Array,
  predicted: Int32Array,
  confidence: (row: number) => number,
  count: number,
): { readonly wrong: readonly Example[]; readonly right: readonly Example[] } {
  const wrong: Example[] = [];
  const right: Example[] = [];
  for (let row = 0; row < actual.length; row++) {
    if (actual[row] < 0) continue;
    (actual[row] === predicted[row] ? right : wrong).push({ row, confidence: confidence(row) });
  }
  const surestFirst = (a: Example, b: Example): number => b.confidence - a.confidence || a.row - b.row;
  wrong.sort(surestFirst);
  right.sort(surestFirst);
  return { wrong: wrong.slice(0, count), right: spread(right, count) };
}

function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  const step = count === 1 ? 0 : (items.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, i) => items[Math.floor(i * step)]);
}
