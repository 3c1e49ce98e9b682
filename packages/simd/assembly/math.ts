// Elementary functions on four lanes, as polynomials: the same bits on every machine and in every version of V8.

/** A number on all four lanes. */
// @ts-ignore: decorator
@inline
export function f(x: f32): v128 {
  return f32x4.splat(x);
}

/** a b + c, rounded twice: a fused product would not give the same bits everywhere. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}

/** What is left of x after n ln 2, taken off in two parts so that the difference is exact. */
// @ts-ignore: decorator
@inline
export function lessLn2(x: v128, n: v128): v128 {
  x = f32x4.sub(x, f32x4.mul(n, f(0.693359375)));
  return f32x4.sub(x, f32x4.mul(n, f(-2.12194440e-4)));
}

/** e^x for |x| <= ln 2 / 2: the polynomial of Cephes expf. */
// @ts-ignore: decorator
@inline
export function expPolynomial(x: v128): v128 {
  let y = f(1.9875691500e-4);
  y = madd(y, x, f(1.3981999507e-3));
  y = madd(y, x, f(8.3334519073e-3));
  y = madd(y, x, f(4.1665795894e-2));
  y = madd(y, x, f(1.6666665459e-1));
  y = madd(y, x, f(5.0000001201e-1));
  return f32x4.add(madd(y, f32x4.mul(x, x), x), f(1));
}

/** ln((1 + x) 2^e) for 1 + x from the root of 1/2 to that of 2: the polynomial of Cephes logf. */
// @ts-ignore: decorator
@inline
export function logPolynomial(x: v128, e: v128): v128 {
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

/** e^x. Cephes expf: x = n ln 2 + r, |r| <= ln 2 / 2, a polynomial of degree 5 in r; within 1 unit in the last place or two. */
// @ts-ignore: decorator
@inline
export function exp4(value: v128): v128 {
  // Results below the smallest normal number become 0 and those above the largest become infinity, as selected at the end.
  const x = f32x4.max(f32x4.min(value, f(88.73)), f(-87.3365447504019));
  const n = f32x4.floor(madd(x, f(1.44269504088896341), f(0.5)));
  let y = expPolynomial(lessLn2(x, n));
  // 2^n in two factors, because n may be 128.
  const whole = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(whole, 1);
  const bias = i32x4.splat(127);
  y = f32x4.mul(y, i32x4.shl(i32x4.add(half, bias), 23));
  y = f32x4.mul(y, i32x4.shl(i32x4.add(i32x4.sub(whole, half), bias), 23));
  y = v128.bitselect(f(Infinity), y, f32x4.gt(value, f(88.7228317260742)));
  return v128.bitselect(f(0), y, f32x4.lt(value, f(-87.3365447504019)));
}

/** Natural logarithm. Cephes logf; -Infinity at 0, NaN below. */
// @ts-ignore: decorator
@inline
export function log4(value: v128): v128 {
  // Numbers below the smallest normal one are scaled up by 2^23 first.
  const tiny = f32x4.lt(value, f(1.17549435e-38));
  const scaled = v128.bitselect(f32x4.mul(value, f(8388608)), value, tiny);
  let exponent = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_u(scaled, 23), i32x4.splat(126)));
  exponent = f32x4.sub(exponent, v128.and(tiny, f(23)));
  let x = v128.or(v128.and(scaled, i32x4.splat(0x007fffff)), f(0.5)); // [0.5, 1)
  const small = f32x4.lt(x, f(0.707106781186547524));
  exponent = f32x4.sub(exponent, v128.and(small, f(1)));
  x = f32x4.add(f32x4.sub(x, f(1)), v128.and(small, x));
  let result = logPolynomial(x, exponent);
  result = v128.bitselect(f(-Infinity), result, f32x4.eq(value, f(0)));
  result = v128.bitselect(value, result, f32x4.eq(value, f(Infinity)));
  const invalid = v128.or(f32x4.lt(value, f(0)), f32x4.ne(value, value));
  return v128.bitselect(f(NaN), result, invalid);
}

// The coefficients of the activations that recurrent layers spend their time in lie in memory, four times each, below the
// arena: loading one takes one instruction, building it from an immediate takes four. The host has them written once.
const TABLE: usize = 2048;

// @ts-ignore: decorator
@inline
function coefficient(index: usize): v128 {
  return v128.load(TABLE + (index << 4));
}

/** Writes the table of coefficients. */
export function writeConstants(): void {
  let at = TABLE;
  const clamp: f32 = 7.90531110763549805;
  at = write(write(at, clamp), -clamp);
  at = write(write(at, -2.76076847742355e-16), 2.00018790482477e-13);
  at = write(write(at, -8.60467152213735e-11), 5.12229709037114e-8);
  at = write(write(at, 1.48572235717979e-5), 6.37261928875436e-4);
  at = write(write(at, 4.89352455891786e-3), 1.19825839466702e-6);
  at = write(write(at, 1.18534705686654e-4), 2.268434632439e-3);
  at = write(write(at, 4.89352518554385e-3), 0.5);
}

function write(at: usize, value: f32): usize {
  v128.store(at, f(value));
  return at + 16;
}

/** Hyperbolic tangent: the rational function of Eigen (odd degree 13 over even degree 6), a few units in the last place. */
// @ts-ignore: decorator
@inline
export function tanh4(value: v128): v128 {
  const x = f32x4.max(f32x4.min(value, coefficient(0)), coefficient(1));
  const z = f32x4.mul(x, x);
  let p = coefficient(2);
  p = madd(p, z, coefficient(3));
  p = madd(p, z, coefficient(4));
  p = madd(p, z, coefficient(5));
  p = madd(p, z, coefficient(6));
  p = madd(p, z, coefficient(7));
  p = madd(p, z, coefficient(8));
  p = f32x4.mul(p, x);
  let q = coefficient(9);
  q = madd(q, z, coefficient(10));
  q = madd(q, z, coefficient(11));
  q = madd(q, z, coefficient(12));
  return f32x4.div(p, q);
}

/**
 * tanh of 16 numbers in memory, four vectors in step, because one chain of multiplications and additions waits for itself most of
 * the time. With `gates` they are one line of a recurrent cell, i, f, c, o, of which i, f and o get the logistic function,
 * tanh(x / 2) / 2 + 1 / 2, to an absolute error of 1e-7.
 */
// @ts-ignore: decorator
@inline
export function tanh16(from: usize, to: usize, gates: bool): void {
  const half = coefficient(13);
  let a = v128.load(from), b = v128.load(from, 16), c = v128.load(from, 32), d = v128.load(from, 48);
  if (gates) a = f32x4.mul(a, half), b = f32x4.mul(b, half), d = f32x4.mul(d, half);
  let k = coefficient(0);
  a = f32x4.min(a, k), b = f32x4.min(b, k), c = f32x4.min(c, k), d = f32x4.min(d, k);
  k = coefficient(1);
  a = f32x4.max(a, k), b = f32x4.max(b, k), c = f32x4.max(c, k), d = f32x4.max(d, k);
  const za = f32x4.mul(a, a), zb = f32x4.mul(b, b), zc = f32x4.mul(c, c), zd = f32x4.mul(d, d);
  let pa = coefficient(2), pb = pa, pc = pa, pd = pa;
  k = coefficient(3);
  pa = madd(pa, za, k), pb = madd(pb, zb, k), pc = madd(pc, zc, k), pd = madd(pd, zd, k);
  k = coefficient(4);
  pa = madd(pa, za, k), pb = madd(pb, zb, k), pc = madd(pc, zc, k), pd = madd(pd, zd, k);
  k = coefficient(5);
  pa = madd(pa, za, k), pb = madd(pb, zb, k), pc = madd(pc, zc, k), pd = madd(pd, zd, k);
  k = coefficient(6);
  pa = madd(pa, za, k), pb = madd(pb, zb, k), pc = madd(pc, zc, k), pd = madd(pd, zd, k);
  k = coefficient(7);
  pa = madd(pa, za, k), pb = madd(pb, zb, k), pc = madd(pc, zc, k), pd = madd(pd, zd, k);
  k = coefficient(8);
  pa = madd(pa, za, k), pb = madd(pb, zb, k), pc = madd(pc, zc, k), pd = madd(pd, zd, k);
  pa = f32x4.mul(pa, a), pb = f32x4.mul(pb, b), pc = f32x4.mul(pc, c), pd = f32x4.mul(pd, d);
  a = coefficient(9), b = a, c = a, d = a;
  k = coefficient(10);
  a = madd(a, za, k), b = madd(b, zb, k), c = madd(c, zc, k), d = madd(d, zd, k);
  k = coefficient(11);
  a = madd(a, za, k), b = madd(b, zb, k), c = madd(c, zc, k), d = madd(d, zd, k);
  k = coefficient(12);
  a = madd(a, za, k), b = madd(b, zb, k), c = madd(c, zc, k), d = madd(d, zd, k);
  a = f32x4.div(pa, a), b = f32x4.div(pb, b), c = f32x4.div(pc, c), d = f32x4.div(pd, d);
  if (gates) a = madd(a, half, half), b = madd(b, half, half), d = madd(d, half, half);
  v128.store(to, a);
  v128.store(to, b, 16);
  v128.store(to, c, 32);
  v128.store(to, d, 48);
}

/** Logistic function by tanh, as `tanh16` has it. */
// @ts-ignore: decorator
@inline
export function gate4(value: v128): v128 {
  const half = coefficient(13);
  return madd(tanh4(f32x4.mul(value, half)), half, half);
}

/** Logistic function with a small relative error, for outputs. */
// @ts-ignore: decorator
@inline
export function sigmoid4(value: v128): v128 {
  return f32x4.div(f(1), f32x4.add(f(1), exp4(f32x4.neg(value))));
}

/** The hard sigmoid of Keras 2: clip(0.2 x + 0.5, 0, 1). */
// @ts-ignore: decorator
@inline
export function hardSigmoid4(value: v128): v128 {
  return f32x4.min(f32x4.max(madd(value, f(0.2), f(0.5)), f(0)), f(1));
}

/** log(1 + x) without cancellation: log(u) x / (u - 1) with u = 1 + x, and x where u rounds to 1 (Kahan). */
// @ts-ignore: decorator
@inline
export function log1p4(x: v128): v128 {
  const u = f32x4.add(f(1), x);
  const quotient = f32x4.div(f32x4.mul(log4(u), x), f32x4.sub(u, f(1)));
  const unchanged = v128.or(f32x4.eq(u, f(1)), f32x4.eq(x, f(Infinity)));
  return v128.bitselect(x, quotient, unchanged);
}

/** e^x - 1 without cancellation: (u - 1) x / log(u) with u = e^x (Kahan), and u - 1 where x is large. */
// @ts-ignore: decorator
@inline
export function expm14(x: v128): v128 {
  const u = exp4(x);
  const difference = f32x4.sub(u, f(1));
  const corrected = f32x4.div(f32x4.mul(difference, x), log4(u));
  const small = v128.bitselect(x, corrected, f32x4.eq(u, f(1)));
  return v128.bitselect(small, difference, f32x4.lt(f32x4.abs(x), f(1)));
}

/** log(1 + e^x) without overflow: max(x, 0) + log(1 + e^-|x|). */
// @ts-ignore: decorator
@inline
export function softplus4(value: v128): v128 {
  return f32x4.add(f32x4.max(value, f(0)), log1p4(exp4(f32x4.neg(f32x4.abs(value)))));
}
