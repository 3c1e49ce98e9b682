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
 * w -= rate m / (sqrt(v) + epsilon), with the bias corrections inside the rate.
 * Arguments: 0 w, 1 m, 2 v, 3 g, 4 size; numbers: 0 rate, 1 1 - b1, 2 1 - b2, 3 epsilon, 4 factor of g.
 */
export function adam(chunk: i32): void {
  const size = integer(4);
  const w = pointer(0), m = pointer(1), v = pointer(2), g = pointer(3);
  const rate = f32x4.splat(number(0)), first = f32x4.splat(number(1)), second = f32x4.splat(number(2));
  const epsilon = f32x4.splat(number(3)), factor = f32x4.splat(number(4));
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
    v128.store(w + at, f32x4.sub(v128.load(w + at), step));
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
