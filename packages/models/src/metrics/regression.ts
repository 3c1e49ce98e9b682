/** How far predictions are from what they should be. */
export interface RegressionScores {
  /** Mean of the squares of the errors. */
  readonly mse: number;
  /** Its root: in the unit of the targets. */
  readonly rmse: number;
  /** Mean of the sizes of the errors. */
  readonly mae: number;
  /**
   * 1 less the errors' share of the targets' spread, as scikit-learn's r2_score: the mean over the columns. 0 is what the mean
   * of the targets gets. A column without spread counts 1 when it is met, else 0.
   */
  readonly r2: number;
}

/**
 * Scores of `[rows, width]` numbers.
 * @param weights what each row counts. Left out: 1 each.
 */
export function regressionScores(
  actual: ArrayLike<number>,
  predicted: ArrayLike<number>,
  width: number,
  weights?: ArrayLike<number>,
): RegressionScores {
  const rows = actual.length / width;
  const scores = Array.from({ length: width }, (_, column) => {
    let [total, mean, squares, sizes, spread] = [0, 0, 0, 0, 0];
    for (let row = 0; row < rows; row++) {
      const weight = weights?.[row] ?? 1;
      const error = predicted[row * width + column] - actual[row * width + column];
      total += weight;
      mean += weight * actual[row * width + column];
      squares += weight * error * error;
      sizes += weight * Math.abs(error);
    }
    mean /= total;
    for (let row = 0; row < rows; row++) {
      const distance = actual[row * width + column] - mean;
      spread += (weights?.[row] ?? 1) * distance * distance;
    }
    const r2 = spread === 0 ? Number(squares === 0) : 1 - squares / spread;
    return { mse: squares / total, mae: sizes / total, r2 };
  });
  const over = (pick: (score: { mse: number; mae: number; r2: number }) => number): number =>
    scores.reduce((sum, score) => sum + pick(score), 0) / width;
  const mse = over((score) => score.mse);
  return { mse, rmse: Math.sqrt(mse), mae: over((score) => score.mae), r2: over((score) => score.r2) };
}
