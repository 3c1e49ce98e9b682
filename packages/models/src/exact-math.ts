/** @file Elementary functions from + - * / alone: the same bits on every JavaScript engine, which `Math` does not promise. */

/** e^x for x <= 0, by e^x = 2^n e^r and a series in r, |r| <= ln 2 / 2. */
export function exactExp(x: number): number {
  const n = Math.round(x / Math.LN2);
  if (n < -1074) return 0;
  const rest = x - n * Math.LN2;
  let sum = 1;
  for (let k = 16; k >= 1; k--) sum = 1 + (sum * rest) / k;
  for (let halvings = n; halvings < 0; halvings++) sum /= 2;
  return sum;
}

/** cos(pi x) for 0 <= x <= 1, by a series in the angle, at most pi / 2. */
export function exactCosine(x: number): number {
  if (x > 0.5) return -exactCosine(1 - x);
  const square = x * Math.PI * (x * Math.PI);
  let sum = 1;
  for (let k = 20; k >= 2; k -= 2) sum = 1 - (sum * square) / (k * (k - 1));
  return sum;
}
