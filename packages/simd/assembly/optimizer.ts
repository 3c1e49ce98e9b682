// Updates of the weights in place, and the norm of a gradient.
import { integer, number, pointer } from "./args";

/** Entries of one chunk; sums of squares are kept one per chunk and added in their order. */
export const UPDATE_STRETCH: i32 = 8192;

// @ts-ignore: decorator
@inline
function end(chunk: i32, size: i32): i32 {
  return min((chunk + 1) * UPDATE_STRETCH, size);
}

/**
 * Adam (Kingma and Ba 2015, the form at the end of section 2, as in Keras): m += (1 - b1)(g - m); v += (1 - b2)(g^2 - v);
 * w = kept w - rate m / (sqrt(v) + epsilon), with the bias corrections inside the rate. What is kept is 1, or less with decoupled
 * weight decay (Loshchilov and Hutter 2019).
 * Arguments: 0 w, 1 m, 2 v, 3 g, 4 size; numbers: 0 rate, 1 1 - b1, 2 1 - b2, 3 epsilon, 4 factor of g, 5 kept.
 */
export function adam(chunk: i32): void {
  const size = integer(4);
  const w = pointer(0), m = pointer(1), v = pointer(2), g = pointer(3);
  const rate = f32x4.splat(number(0)), first = f32x4.splat(number(1)), second = f32x4.splat(number(2));
  const epsilon = f32x4.splat(number(3)), factor = f32x4.splat(number(4)), kept = f32x4.splat(number(5));
  const stop = end(chunk, size);
  // Blocks are a multiple of 64 bytes, so the last vector may run over the end of the array.
  for (let i = chunk * UPDATE_STRETCH; i < stop; i += 4) {
    const at = <usize>i << 2;
    const gradient = f32x4.mul(v128.load(g + at), factor);
    const m0 = v128.load(m + at), v0 = v128.load(v + at);
    const m1 = f32x4.add(m0, f32x4.mul(f32x4.sub(gradient, m0), first));
    const v1 = f32x4.add(v0, f32x4.mul(f32x4.sub(f32x4.mul(gradient, gradient), v0), second));
    v128.store(m + at, m1);
    v128.store(v + at, v1);
    const step = f32x4.div(f32x4.mul(rate, m1), f32x4.add(f32x4.sqrt(v1), epsilon));
    v128.store(w + at, f32x4.sub(f32x4.mul(v128.load(w + at), kept), step));
  }
}

/**
 * Gradient descent with momentum (Keras): velocity = momentum velocity - rate g; w += velocity, or with Nesterov's
 * w += momentum velocity - rate g. Arguments: 0 w, 1 velocity or 0, 2 g, 3 size, 4 nesterov; numbers: 0 rate, 1 momentum,
 * 2 factor of g.
 */
export function descend(chunk: i32): void {
  const size = integer(3), nesterov = integer(4);
  const w = pointer(0), velocity = pointer(1), g = pointer(2);
  const rate = f32x4.splat(number(0)), momentum = f32x4.splat(number(1)), factor = f32x4.splat(number(2));
  const stop = end(chunk, size);
  for (let i = chunk * UPDATE_STRETCH; i < stop; i += 4) {
    const at = <usize>i << 2;
    const step = f32x4.mul(rate, f32x4.mul(v128.load(g + at), factor));
    let change = f32x4.neg(step);
    if (velocity != 0) {
      const speed = f32x4.sub(f32x4.mul(momentum, v128.load(velocity + at)), step);
      v128.store(velocity + at, speed);
      change = nesterov != 0 ? f32x4.sub(f32x4.mul(momentum, speed), step) : speed;
    }
    v128.store(w + at, f32x4.add(v128.load(w + at), change));
  }
}

/**
 * RMSProp (Hinton 2012, as in Keras): v = rho v + (1 - rho) g^2; step = rate g / sqrt(v - a^2 + epsilon), where a is the running
 * mean of g if there is one; w -= step, or with momentum: velocity = momentum velocity + step; w -= velocity.
 * Arguments: 0 w, 1 v, 2 a or 0, 3 velocity or 0, 4 g, 5 size; numbers: 0 rate, 1 rho, 2 1 - rho, 3 momentum, 4 epsilon,
 * 5 factor of g.
 */
export function rmsprop(chunk: i32): void {
  const size = integer(5);
  const w = pointer(0), v = pointer(1), a = pointer(2), velocity = pointer(3), g = pointer(4);
  const rate = f32x4.splat(number(0)), rho = f32x4.splat(number(1)), rest = f32x4.splat(number(2));
  const momentum = f32x4.splat(number(3)), epsilon = f32x4.splat(number(4)), factor = f32x4.splat(number(5));
  const stop = end(chunk, size);
  for (let i = chunk * UPDATE_STRETCH; i < stop; i += 4) {
    const at = <usize>i << 2;
    const gradient = f32x4.mul(v128.load(g + at), factor);
    const v1 = f32x4.add(f32x4.mul(rho, v128.load(v + at)), f32x4.mul(rest, f32x4.mul(gradient, gradient)));
    v128.store(v + at, v1);
    let spread = v1;
    if (a != 0) {
      const mean = f32x4.add(f32x4.mul(rho, v128.load(a + at)), f32x4.mul(rest, gradient));
      v128.store(a + at, mean);
      spread = f32x4.sub(v1, f32x4.mul(mean, mean));
    }
    let step = f32x4.div(f32x4.mul(rate, gradient), f32x4.sqrt(f32x4.add(spread, epsilon)));
    if (velocity != 0) {
      step = f32x4.add(f32x4.mul(momentum, v128.load(velocity + at)), step);
      v128.store(velocity + at, step);
    }
    v128.store(w + at, f32x4.sub(v128.load(w + at), step));
  }
}

/**
 * Adagrad (Duchi and others 2011, as in Keras): v += g^2; w -= rate g / sqrt(v + epsilon).
 * Arguments: 0 w, 1 v, 2 g, 3 size; numbers: 0 rate, 1 epsilon, 2 factor of g.
 */
export function adagrad(chunk: i32): void {
  const size = integer(3);
  const w = pointer(0), v = pointer(1), g = pointer(2);
  const rate = f32x4.splat(number(0)), epsilon = f32x4.splat(number(1)), factor = f32x4.splat(number(2));
  const stop = end(chunk, size);
  for (let i = chunk * UPDATE_STRETCH; i < stop; i += 4) {
    const at = <usize>i << 2;
    const gradient = f32x4.mul(v128.load(g + at), factor);
    const v1 = f32x4.add(v128.load(v + at), f32x4.mul(gradient, gradient));
    v128.store(v + at, v1);
    const step = f32x4.div(f32x4.mul(rate, gradient), f32x4.sqrt(f32x4.add(v1, epsilon)));
    v128.store(w + at, f32x4.sub(v128.load(w + at), step));
  }
}

/**
 * Nadam (Dozat 2016, as in Keras): m and v as in Adam; w -= rate (p m + q g) / (sqrt(r v) + epsilon), where p, q and r hold the
 * corrections of this step.
 * Arguments: 0 w, 1 m, 2 v, 3 g, 4 size; numbers: 0 rate, 1 1 - b1, 2 1 - b2, 3 epsilon, 4 factor of g, 5 p, 6 q, 7 r.
 */
export function nadam(chunk: i32): void {
  const size = integer(4);
  const w = pointer(0), m = pointer(1), v = pointer(2), g = pointer(3);
  const rate = f32x4.splat(number(0)), first = f32x4.splat(number(1)), second = f32x4.splat(number(2));
  const epsilon = f32x4.splat(number(3)), factor = f32x4.splat(number(4));
  const p = f32x4.splat(number(5)), q = f32x4.splat(number(6)), r = f32x4.splat(number(7));
  const stop = end(chunk, size);
  for (let i = chunk * UPDATE_STRETCH; i < stop; i += 4) {
    const at = <usize>i << 2;
    const gradient = f32x4.mul(v128.load(g + at), factor);
    const m0 = v128.load(m + at), v0 = v128.load(v + at);
    const m1 = f32x4.add(m0, f32x4.mul(f32x4.sub(gradient, m0), first));
    const v1 = f32x4.add(v0, f32x4.mul(f32x4.sub(f32x4.mul(gradient, gradient), v0), second));
    v128.store(m + at, m1);
    v128.store(v + at, v1);
    const ahead = f32x4.add(f32x4.mul(p, m1), f32x4.mul(q, gradient));
    const step = f32x4.div(f32x4.mul(rate, ahead), f32x4.add(f32x4.sqrt(f32x4.mul(r, v1)), epsilon));
    v128.store(w + at, f32x4.sub(v128.load(w + at), step));
  }
}

/** Sum of squares of one chunk, in double precision. Arguments: 0 source, 1 sums (f64, one per chunk), 2 size. */
export function squares(chunk: i32): void {
  const from = pointer(0);
  const stop = end(chunk, integer(2));
  let sum: f64 = 0;
  for (let i = chunk * UPDATE_STRETCH; i < stop; i++) {
    const x = <f64>load<f32>(from + (<usize>i << 2));
    sum += x * x;
  }
  store<f64>(pointer(1) + (<usize>chunk << 3), sum);
}

/** l1 sum |w| + l2 sum w^2 of one chunk, in double precision. Arguments: 0 w, 1 sums (f64, one per chunk), 2 size; numbers: 0 l1, 1 l2. */
export function penalty(chunk: i32): void {
  const from = pointer(0);
  const stop = end(chunk, integer(2));
  let sizes: f64 = 0, powers: f64 = 0;
  for (let i = chunk * UPDATE_STRETCH; i < stop; i++) {
    const x = <f64>load<f32>(from + (<usize>i << 2));
    sizes += abs(x);
    powers += x * x;
  }
  store<f64>(pointer(1) + (<usize>chunk << 3), <f64>number(0) * sizes + <f64>number(1) * powers);
}

/** dw = dy (l1 sign(w) + 2 l2 w). Arguments: 0 w, 1 dw, 2 dy (one number), 3 size; numbers: 0 l1, 1 2 l2. */
export function penaltyGradient(chunk: i32): void {
  const from = pointer(0), to = pointer(1);
  const dy = f32x4.splat(load<f32>(pointer(2)));
  const l1 = f32x4.splat(number(0)), l2 = f32x4.splat(number(1)), zero = f32x4.splat(0);
  const stop = end(chunk, integer(3));
  for (let i = chunk * UPDATE_STRETCH; i < stop; i += 4) {
    const at = <usize>i << 2;
    const w = v128.load(from + at);
    const sign = f32x4.sub(v128.and(l1, f32x4.gt(w, zero)), v128.and(l1, f32x4.lt(w, zero)));
    v128.store(to + at, f32x4.mul(dy, f32x4.add(sign, f32x4.mul(l2, w))));
  }
}
