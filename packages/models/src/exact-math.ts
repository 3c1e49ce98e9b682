/** @file Elementary functions from + - * / alone: the same bits on every JavaScript engine, which `Math` does not promise. */

/** e^x for x <= 0, by e^x = 2^n e^r and a series in r, |r| <= ln 2 / 2. */
export function exactExp(x: number): number {
  const n = Math.round(x / Math.LN2);
  if (n < -1074) return 0;
  const rest = x - n * Math.LN2;
  let sum = 1;
  for (let k = 16; k >= 1; k--) sum = 1 + (sum * rest) / k;
  return sum * HALVES[-n];
}

/** 2^-n, which is exact. */
const HALVES = Float64Array.from({ length: 1075 }, (_, n) => 2 ** -n);

/** ln x for x > 0: x is brought near 1 by halving or doubling it, which is exact. */
export function exactLog(x: number): number {
  let [rest, n] = [x, 0];
  for (; rest > Math.SQRT2; n++) rest /= 2;
  for (; rest < Math.SQRT1_2; n--) rest *= 2;
  return n * Math.LN2 + 2 * artanh((rest - 1) / (rest + 1));
}

/** ln(1 + x) for x >= 0, exact where x is small. */
export function exactLog1p(x: number): number {
  return x > 1 ? exactLog(1 + x) : 2 * artanh(x / (2 + x));
}

const ODD_SHARES = Float64Array.from({ length: 18 }, (_, k) => 1 / (2 * k + 1));

/** By its series, for |z| <= 1/3. */
function artanh(z: number): number {
  const square = z * z;
  let sum = 0;
  for (let k = ODD_SHARES.length - 1; k >= 0; k--) sum = sum * square + ODD_SHARES[k];
  return z * sum;
}

/** cos(pi x) for 0 <= x <= 1, by a series in the angle, at most pi / 2. */
export function exactCosine(x: number): number {
  if (x > 0.5) return -exactCosine(1 - x);
  const square = x * Math.PI * (x * Math.PI);
  let sum = 1;
  for (let k = 20; k >= 2; k -= 2) sum = 1 - (sum * square) / (k * (k - 1));
  return sum;
}
