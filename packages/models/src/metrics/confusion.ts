/**
 * How often each class was taken for each: `counts[actual][predicted]`. Rows where either is negative are passed over.
 * @param weights what each row counts: a mask of 0 and 1 for sequences, or sample weights. Left out: 1 each.
 */
export function confusionMatrix(
  actual: Int32Array,
  predicted: Int32Array,
  classes: number,
  weights?: ArrayLike<number>,
): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let row = 0; row < actual.length; row++) {
    if (actual[row] >= 0 && predicted[row] >= 0) counts[actual[row]][predicted[row]] += weights?.[row] ?? 1;
  }
  return counts;
}
