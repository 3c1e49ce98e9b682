import { exactLog } from "@seqloom/core";

/** Probabilities nearer to 0 than this count as this, as in Keras: a sure mistake costs 16, not infinity. */
const LEAST = 1e-7;

/**
 * Mean of -ln p(actual class) over the rows whose class is known. The logarithm is core's exact one, so the number is the
 * same on every engine.
 * @param probabilities `[rows, classes]`
 * @param weights what each row counts, such as a mask. Left out: 1 each.
 */
export function crossEntropy(
  probabilities: Float32Array,
  classes: number,
  actual: Int32Array,
  weights?: ArrayLike<number>,
): number {
  let loss = 0;
  let total = 0;
  for (let row = 0; row < actual.length; row++) {
    const weight = weights?.[row] ?? 1;
    if (actual[row] < 0 || weight === 0) continue;
    const probability = Math.min(Math.max(probabilities[row * classes + actual[row]], LEAST), 1);
    loss -= weight * exactLog(probability);
    total += weight;
  }
  return total === 0 ? 0 : loss / total;
}
