// The activations of recurrent cells over stretches of memory, and their derivatives by their values.
import { hardSigmoid4, tanh16 } from "./math";

/** The logistic function in place, tanh(x / 2) / 2 + 1 / 2, to an absolute error of 1e-7. `bytes` is a multiple of 64. */
function sigmoids(at: usize, bytes: usize): void {
  const half = f32x4.splat(0.5);
  for (const end = at + bytes; at < end; at += 64) {
    v128.store(at, f32x4.mul(v128.load(at), half));
    v128.store(at, f32x4.mul(v128.load(at, 16), half), 16);
    v128.store(at, f32x4.mul(v128.load(at, 32), half), 32);
    v128.store(at, f32x4.mul(v128.load(at, 48), half), 48);
    tanh16(at, at, false);
    v128.store(at, f32x4.add(f32x4.mul(v128.load(at), half), half));
    v128.store(at, f32x4.add(f32x4.mul(v128.load(at, 16), half), half), 16);
    v128.store(at, f32x4.add(f32x4.mul(v128.load(at, 32), half), half), 32);
    v128.store(at, f32x4.add(f32x4.mul(v128.load(at, 48), half), half), 48);
  }
}

/** The activation of the gates, in place. */
export function activateGates(at: usize, bytes: usize, hard: bool): void {
  if (!hard) return sigmoids(at, bytes);
  for (const end = at + bytes; at < end; at += 16) v128.store(at, hardSigmoid4(v128.load(at)));
}

/** The activation of states, in place: 0 tanh, 1 relu, 2 linear, 3 sigmoid. */
export function activateStates(at: usize, bytes: usize, kind: i32): void {
  const end = at + bytes;
  if (kind == 0) for (; at < end; at += 64) tanh16(at, at, false);
  else if (kind == 1) for (; at < end; at += 16) v128.store(at, f32x4.max(v128.load(at), f32x4.splat(0)));
  else if (kind == 3) sigmoids(at, bytes);
}

/** Derivative of a gate by its input, from its value. */
// @ts-ignore: decorator
@inline
export function gateSlope(value: v128, hard: bool): v128 {
  const one = f32x4.splat(1);
  if (!hard) return f32x4.mul(value, f32x4.sub(one, value));
  return v128.and(f32x4.splat(0.2), v128.and(f32x4.gt(value, f32x4.splat(0)), f32x4.lt(value, one)));
}

/** Derivative of an activation of states by its input, from its value. */
// @ts-ignore: decorator
@inline
export function stateSlope(value: v128, kind: i32): v128 {
  const one = f32x4.splat(1);
  if (kind == 0) return f32x4.sub(one, f32x4.mul(value, value));
  if (kind == 1) return v128.and(one, f32x4.gt(value, f32x4.splat(0)));
  return kind == 3 ? f32x4.mul(value, f32x4.sub(one, value)) : one;
}
