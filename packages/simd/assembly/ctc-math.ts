// Sums in log space. Log 0 is a number so low that nothing adds to it, rather than -Infinity: then no difference is NaN, and the
// functions of math.ts can be done without their care for numbers that cannot occur here.
import { expPolynomial, f, lessLn2, logPolynomial, madd } from "./math";

/** Stands for log 0. */
// @ts-ignore: decorator
@inline
export const NOTHING: f32 = -1e30;

/** e^x for x <= 0, at least e^-87: Cephes expf, as exp4 of math.ts. NaN stays NaN. */
// @ts-ignore: decorator
@inline
export function expBelow4(value: v128): v128 {
  const x = f32x4.max(value, f(-87));
  const n = f32x4.floor(madd(x, f(1.44269504088896341), f(0.5)));
  const y = expPolynomial(lessLn2(x, n));
  return f32x4.mul(y, i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23));
}

/** ln x for x of at least 1 and finite: Cephes logf, as log4 of math.ts. */
// @ts-ignore: decorator
@inline
export function logAbove4(value: v128): v128 {
  // x = 2^e m, with m from the root of 1/2 to that of 2.
  const shifted = i32x4.sub(value, i32x4.splat(0x3f3504f3));
  const whole = i32x4.shr_s(shifted, 23);
  const e = f32x4.convert_i32x4_s(whole);
  const x = f32x4.sub(i32x4.sub(value, i32x4.shl(whole, 23)), f(1));
  return logPolynomial(x, e);
}

/** log(e^a + e^b). */
// @ts-ignore: decorator
@inline
export function logSum2(a: v128, b: v128): v128 {
  const high = f32x4.max(a, b);
  const rest = expBelow4(f32x4.sub(f32x4.min(a, b), high));
  return f32x4.add(high, logAbove4(f32x4.add(f(1), rest)));
}

/** log(e^a + e^b + e^c). */
// @ts-ignore: decorator
@inline
export function logSum3(a: v128, b: v128, c: v128): v128 {
  const high = f32x4.max(a, b), low = f32x4.min(a, b);
  const highest = f32x4.max(high, c), middle = f32x4.min(high, c);
  const rest = f32x4.add(expBelow4(f32x4.sub(middle, highest)), expBelow4(f32x4.sub(low, highest)));
  return f32x4.add(highest, logAbove4(f32x4.add(f(1), rest)));
}
