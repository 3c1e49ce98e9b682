// Functions of one or two numbers, entry by entry.
import { integer, number, pointer } from "./args";
import { exp4, expm14, f, hardSigmoid4, log1p4, log4, sigmoid4, softplus4, tanh4 } from "./math";

/** Entries of one chunk of a function of one number. */
export const STRETCH: i32 = 16384;

/** The numbers of these cases are the `Unary` table of src/tasks.ts. */
function unary4(operation: i32, x: v128, p: f32, q: f32): v128 {
  switch (operation) {
    case 0: return f32x4.neg(x);
    case 1: return f32x4.abs(x);
    case 2: return f32x4.mul(x, x);
    case 3: return f32x4.sqrt(x);
    case 4: return f32x4.div(f(1), f32x4.sqrt(x));
    case 5: return f32x4.div(f(1), x);
    case 6: return exp4(x);
    case 7: return log4(x);
    case 8: return sigmoid4(x);
    case 9: return tanh4(x);
    case 10: return v128.bitselect(f(0), x, f32x4.lt(x, f(0)));
    case 11: return f32x4.min(f32x4.max(x, f(0)), f(6));
    case 12: return softplus4(x);
    case 13: return v128.bitselect(x, expm14(x), f32x4.ge(x, f(0)));
    case 14: return v128.bitselect(f32x4.mul(x, f(p)), x, f32x4.lt(x, f(0)));
    case 15: return f32x4.max(f32x4.min(x, f(q)), f(p));
    case 16: return v128.bitselect(x, v128.bitselect(f(1), f(p), f32x4.gt(x, f(0))), f32x4.ne(x, x));
    case 17: return hardSigmoid4(x);
    case 18: return f32x4.floor(x);
    case 19: return f32x4.convert_i32x4_s(x);
    case 20: return log1p4(x);
    case 21: return expm14(x);
    // Klambauer et al. 2017: scale * (x or alpha (e^x - 1)).
    default: {
      const below = f32x4.mul(f(1.7580993408473766), expm14(x));
      return v128.bitselect(f32x4.mul(x, f(1.0507009873554805)), below, f32x4.ge(x, f(0)));
    }
  }
}

/** target = operation(source). Arguments: 0 operation, 1 source, 2 target, 3 size; numbers 0 and 1 are parameters. */
export function unary(chunk: i32): void {
  const operation = integer(0), size = integer(3), p = number(0), q = number(1);
  const start = chunk * STRETCH;
  const end = start + STRETCH < size ? start + STRETCH : size;
  const from = pointer(1), to = pointer(2);
  let i = start;
  for (; i + 4 <= end; i += 4) {
    const at = <usize>i << 2;
    v128.store(to + at, unary4(operation, v128.load(from + at), p, q));
  }
  for (; i < end; i++) {
    const at = <usize>i << 2;
    store<f32>(to + at, f32x4.extract_lane(unary4(operation, v128.load32_splat(from + at), p, q), 0));
  }
}

/** The numbers of these cases are the `Binary` table of src/tasks.ts. */
// @ts-ignore: decorator
@inline
function binary4(operation: i32, a: v128, b: v128): v128 {
  switch (operation) {
    case 0: return f32x4.add(a, b);
    case 1: return f32x4.sub(a, b);
    case 2: return f32x4.mul(a, b);
    case 3: return f32x4.div(a, b);
    case 4: return f32x4.max(a, b);
    case 5: return f32x4.min(a, b);
    case 6: {
      const d = f32x4.sub(a, b);
      return f32x4.mul(d, d);
    }
    // Gradients by the output: dy * slope(y), for relu, sigmoid and tanh.
    case 7: return v128.and(a, f32x4.gt(b, f(0)));
    case 8: return f32x4.mul(a, f32x4.mul(b, f32x4.sub(f(1), b)));
    default: return f32x4.mul(a, f32x4.sub(f(1), f32x4.mul(b, b)));
  }
}

/** One run of entries; a step of 0 repeats one entry. */
function line(operation: i32, a: usize, aStep: i32, b: usize, bStep: i32, to: usize, count: i32): void {
  let i = 0;
  const wide = count & ~3;
  if (aStep != 0 && bStep != 0) {
    for (; i < wide; i += 4) {
      const at = <usize>i << 2;
      v128.store(to + at, binary4(operation, v128.load(a + at), v128.load(b + at)));
    }
  } else if (aStep != 0) {
    const right = v128.load32_splat(b);
    for (; i < wide; i += 4) {
      const at = <usize>i << 2;
      v128.store(to + at, binary4(operation, v128.load(a + at), right));
    }
  } else {
    const left = v128.load32_splat(a);
    for (; i < wide; i += 4) {
      const at = <usize>i << 2;
      v128.store(to + at, binary4(operation, left, bStep != 0 ? v128.load(b + at) : v128.load32_splat(b)));
    }
  }
  for (; i < count; i++) {
    const left = v128.load32_splat(a + (<usize>(i * aStep) << 2)), right = v128.load32_splat(b + (<usize>(i * bStep) << 2));
    store<f32>(to + (<usize>i << 2), f32x4.extract_lane(binary4(operation, left, right), 0));
  }
}

/**
 * target = operation(a, b) with broadcasting, at most 4 dimensions once neighbours that move alike are one.
 * Arguments: 0 operation, 1 a, 2 b, 3 target, 4..7 sizes, 8..11 steps of a in entries, 12..15 steps of b, 16 lines of one chunk.
 */
export function binary(chunk: i32): void {
  const operation = integer(0), perChunk = integer(16);
  const d0 = integer(4), d1 = integer(5), d2 = integer(6), d3 = integer(7);
  const start = chunk * perChunk;
  const total = d0 * d1 * d2;
  const end = start + perChunk < total ? start + perChunk : total;
  for (let index = start; index < end; index++) {
    const i2 = index % d2, rest = index / d2;
    const i1 = rest % d1, i0 = rest / d1;
    const a = i0 * integer(8) + i1 * integer(9) + i2 * integer(10);
    const b = i0 * integer(12) + i1 * integer(13) + i2 * integer(14);
    const left = pointer(1) + (<usize>a << 2), right = pointer(2) + (<usize>b << 2);
    line(operation, left, integer(11), right, integer(15), pointer(3) + (<usize>index * <usize>d3 << 2), d3);
  }
}
