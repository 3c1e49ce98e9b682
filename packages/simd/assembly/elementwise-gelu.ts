// The Gaussian error linear unit x P(X <= x), X normal (Hendrycks and Gimpel 2016), exact or by tanh, and its slope.
import { integer, pointer } from "./args";
import { exp4, f, madd, tanh4 } from "./math";

const STRETCH: i32 = 16384;

/** The error function: a rational function of odd degree 13 over even degree 8 on [-4, 4]; a few 1e-7. */
// @ts-ignore: decorator
@inline
export function erf4(value: v128): v128 {
  const x = f32x4.max(f32x4.min(value, f(4)), f(-4));
  const z = f32x4.mul(x, x);
  let p = f(-2.72614225801306e-10);
  p = madd(p, z, f(2.77068142495902e-8));
  p = madd(p, z, f(-2.10102402082508e-6));
  p = madd(p, z, f(-5.69250639462346e-5));
  p = madd(p, z, f(-7.34990630326855e-4));
  p = madd(p, z, f(-2.95459980854025e-3));
  p = madd(p, z, f(-1.60960333262415e-2));
  let q = f(-1.45660718464996e-5);
  q = madd(q, z, f(-2.13374055278905e-4));
  q = madd(q, z, f(-1.68282697438203e-3));
  q = madd(q, z, f(-7.37332916720468e-3));
  q = madd(q, z, f(-1.42647390514189e-2));
  return f32x4.div(f32x4.mul(x, p), q);
}

/** 0.5 + 0.5 erf(x / sqrt 2). */
// @ts-ignore: decorator
@inline
function normal4(x: v128): v128 {
  return madd(erf4(f32x4.mul(x, f(0.7071067811865476))), f(0.5), f(0.5));
}

/** The inner function of the form by tanh: sqrt(2 / pi) (x + 0.044715 x^3). */
// @ts-ignore: decorator
@inline
function inner4(x: v128): v128 {
  const z = f32x4.mul(x, x);
  return f32x4.mul(x, madd(z, f(0.035677408136300125), f(0.7978845608028654)));
}

// @ts-ignore: decorator
@inline
export function gelu4(x: v128, byTanh: bool): v128 {
  if (byTanh) return f32x4.mul(f32x4.mul(x, f(0.5)), f32x4.add(tanh4(inner4(x)), f(1)));
  return f32x4.mul(x, normal4(x));
}

// @ts-ignore: decorator
@inline
export function geluSlope4(x: v128, byTanh: bool): v128 {
  if (byTanh) {
    const t = tanh4(inner4(x));
    const slope = madd(f32x4.mul(x, x), f(0.10703222440890037), f(0.7978845608028654));
    const half = f32x4.mul(f32x4.mul(x, f(0.5)), f32x4.mul(f32x4.sub(f(1), f32x4.mul(t, t)), slope));
    return f32x4.add(half, madd(t, f(0.5), f(0.5)));
  }
  const density = f32x4.mul(exp4(f32x4.mul(f32x4.mul(x, x), f(-0.5))), f(0.3989422804014327));
  return madd(x, density, normal4(x));
}

/** Arguments: 0: 1 takes the form by tanh, 1 x, 2 target, 3 size. */
export function gelu(chunk: i32): void {
  const byTanh = integer(0) != 0, from = pointer(1), to = pointer(2);
  const end = min((chunk + 1) * STRETCH, integer(3));
  let i = chunk * STRETCH;
  for (; i + 4 <= end; i += 4) v128.store(to + (<usize>i << 2), gelu4(v128.load(from + (<usize>i << 2)), byTanh));
  for (; i < end; i++) {
    store<f32>(to + (<usize>i << 2), f32x4.extract_lane(gelu4(v128.load32_splat(from + (<usize>i << 2)), byTanh), 0));
  }
}

/** target = dy slope(x). Arguments: 0: 1 takes the form by tanh, 1 dy, 2 x, 3 target, 4 size. */
export function geluGradient(chunk: i32): void {
  const byTanh = integer(0) != 0, dy = pointer(1), x = pointer(2), to = pointer(3);
  const end = min((chunk + 1) * STRETCH, integer(4));
  let i = chunk * STRETCH;
  for (; i + 4 <= end; i += 4) {
    const at = <usize>i << 2;
    v128.store(to + at, f32x4.mul(v128.load(dy + at), geluSlope4(v128.load(x + at), byTanh)));
  }
  for (; i < end; i++) {
    const at = <usize>i << 2;
    const slope = f32x4.extract_lane(geluSlope4(v128.load32_splat(x + at), byTanh), 0);
    store<f32>(to + at, load<f32>(dy + at) * slope);
  }
}
