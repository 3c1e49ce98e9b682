import { exactExp, exactLog1p } from "../exact-math.js";

/** Makes probabilities of scores, in place, and gives the logarithm of the sum of their exponentials. */
export function softmax(scores: Float64Array): number {
  let best = 0;
  for (let k = 1; k < scores.length; k++) if (scores[k] > scores[best]) best = k;
  const most = scores[best];
  let others = 0;
  for (let k = 0; k < scores.length; k++) {
    scores[k] = exactExp(scores[k] - most);
    if (k !== best) others += scores[k];
  }
  for (let k = 0; k < scores.length; k++) scores[k] /= 1 + others;
  return most + exactLog1p(others);
}
