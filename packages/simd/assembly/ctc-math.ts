// Sums in log space. Log 0 is a number so low that nothing adds to it, rather than -Infinity: then no difference is NaN, and the
// functions of math.ts can be done without their care for numbers that cannot occur here.

/** Stands for log 0. */
// @ts-ignore: decorator
@inline
export const NOTHING: f32 = -1e30;

// @ts-ignore: decorator
@inline
function f(x: f32): v128 {
  return f32x4.splat(x);
}

// @ts-ignore: decorator
@inline
function madd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}

/** e^x for x <= 0, at least e^-87: Cephes expf, as exp4 of math.ts. NaN stays NaN. */
// @ts-ignore: decorator
@inline
export function expBelow4(value: v128): v128 {
  let x = f32x4.max(value, f(-87));
  const n = f32x4.floor(madd(x, f(1.44269504088896341), f(0.5)));
  x = f32x4.sub(x, f32x4.mul(n, f(0.693359375)));
  x = f32x4.sub(x, f32x4.mul(n, f(-2.12194440e-4)));
  let y = f(1.9875691500e-4);
  y = madd(y, x, f(1.3981999507e-3));
  y = madd(y, x, f(8.3334519073e-3));
  y = madd(y, x, f(4.1665795894e-2));
  y = madd(y, x, f(1.6666665459e-1));
  y = madd(y, x, f(5.0000001201e-1));
  y = f32x4.add(madd(y, f32x4.mul(x, x), x), f(1));
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
  const z = f32x4.mul(x, x);
  let y = f(7.0376836292e-2);
  y = madd(y, x, f(-1.1514610310e-1));
  y = madd(y, x, f(1.1676998740e-1));
  y = madd(y, x, f(-1.2420140846e-1));
  y = madd(y, x, f(1.4249322787e-1));
  y = madd(y, x, f(-1.6668057665e-1));
  y = madd(y, x, f(2.0000714765e-1));
  y = madd(y, x, f(-2.4999993993e-1));
  y = madd(y, x, f(3.3333331174e-1));
  y = f32x4.mul(f32x4.mul(y, x), z);
  y = madd(e, f(-2.12194440e-4), y);
  y = f32x4.sub(y, f32x4.mul(z, f(0.5)));
  return madd(e, f(0.693359375), f32x4.add(x, y));
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
