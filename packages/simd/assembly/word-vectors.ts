// Word vectors by negative sampling (Mikolov et al. 2013): the windows of a run of words, and how replicas come together.
//
// All words of a window share their negative samples (Ji et al. 2016): scores and updates are then small matrix products, which
// read each vector once. Runs of words are trained side by side, each on a replica of its own, and joined after every round: what
// is trained depends on how many replicas there are, and not on the number of threads.
import { ceilDivide, integer, number, pointer } from "./args";
import { exp4 } from "./math";

const ROWS: i32 = 256; // of a chunk that is joined
/** Updates of a row in a round from which replicas count by their mean; below, more and more as if each had gone on from the other. */
const MANY: f32 = 1000;

// @ts-ignore: decorator
@inline
function mixed(state: u64): u64 {
  // The output function of SplitMix64 (Steele, Lea, Flood 2014).
  let z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

const GOLDEN: u64 = 0x9e3779b97f4a7c15;

// @ts-ignore: decorator
@inline
function below(random: u64, bound: i32): i32 {
  return <i32>(((random >> 32) * <u64>bound) >> 32);
}

// @ts-ignore: decorator
@inline
function total(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
  );
}

// @ts-ignore: decorator
@inline
function madd(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b));
}

/** Products of two vectors with three: six sums, to `out` and, `step` bytes on, those of the second. */
function products2(a: usize, b: usize, p: usize, q: usize, r: usize, bytes: usize, out: usize, step: usize): void {
  let ap = f32x4.splat(0), aq = ap, ar = ap, bp = ap, bq = ap, br = ap;
  for (let d: usize = 0; d < bytes; d += 16) {
    const x = v128.load(a + d), y = v128.load(b + d);
    const u = v128.load(p + d), v = v128.load(q + d), w = v128.load(r + d);
    ap = madd(ap, x, u), bp = madd(bp, y, u);
    aq = madd(aq, x, v), bq = madd(bq, y, v);
    ar = madd(ar, x, w), br = madd(br, y, w);
  }
  store<f32>(out, total(ap)), store<f32>(out, total(aq), 4), store<f32>(out, total(ar), 8);
  store<f32>(out + step, total(bp)), store<f32>(out + step, total(bq), 4), store<f32>(out + step, total(br), 8);
}

/** Products of one vector with three. */
function products1(a: usize, p: usize, q: usize, r: usize, bytes: usize, out: usize): void {
  let ap = f32x4.splat(0), aq = ap, ar = ap;
  for (let d: usize = 0; d < bytes; d += 16) {
    const x = v128.load(a + d);
    ap = madd(ap, x, v128.load(p + d)), aq = madd(aq, x, v128.load(q + d)), ar = madd(ar, x, v128.load(r + d));
  }
  store<f32>(out, total(ap)), store<f32>(out, total(aq), 4), store<f32>(out, total(ar), 8);
}

/** to (+)= sum of factor i times row i; the factors lie `step` bytes apart, `rows` are addresses. */
function combine(to: usize, fresh: bool, rows: usize, count: i32, factors: usize, step: usize, bytes: usize): void {
  const zero = f32x4.splat(0);
  let d: usize = 0;
  for (; d + 128 <= bytes; d += 128) {
    const at = to + d;
    let s0 = zero, s1 = zero, s2 = zero, s3 = zero, s4 = zero, s5 = zero, s6 = zero, s7 = zero;
    if (!fresh) {
      s0 = v128.load(at), s1 = v128.load(at, 16), s2 = v128.load(at, 32), s3 = v128.load(at, 48);
      s4 = v128.load(at, 64), s5 = v128.load(at, 80), s6 = v128.load(at, 96), s7 = v128.load(at, 112);
    }
    for (let i = 0, g = factors; i < count; i++, g += step) {
      const x = v128.load32_splat(g);
      const row = load<usize>(rows + (<usize>i << 2)) + d;
      s0 = madd(s0, x, v128.load(row)), s1 = madd(s1, x, v128.load(row, 16));
      s2 = madd(s2, x, v128.load(row, 32)), s3 = madd(s3, x, v128.load(row, 48));
      s4 = madd(s4, x, v128.load(row, 64)), s5 = madd(s5, x, v128.load(row, 80));
      s6 = madd(s6, x, v128.load(row, 96)), s7 = madd(s7, x, v128.load(row, 112));
    }
    v128.store(at, s0), v128.store(at, s1, 16), v128.store(at, s2, 32), v128.store(at, s3, 48);
    v128.store(at, s4, 64), v128.store(at, s5, 80), v128.store(at, s6, 96), v128.store(at, s7, 112);
  }
  for (; d < bytes; d += 16) {
    let sum = fresh ? zero : v128.load(to + d);
    for (let i = 0, g = factors; i < count; i++, g += step) {
      sum = madd(sum, v128.load32_splat(g), v128.load(load<usize>(rows + (<usize>i << 2)) + d));
    }
    v128.store(to + d, sum);
  }
}

// @ts-ignore: decorator
@inline
function add(to: usize, from: usize, bytes: usize): void {
  for (let d: usize = 0; d < bytes; d += 16) v128.store(to + d, f32x4.add(v128.load(to + d), v128.load(from + d)));
}

// @ts-ignore: decorator
@inline
function count(counts: usize, row: i32, more: i32): void {
  const at = counts + (<usize>row << 2);
  store<i32>(at, load<i32>(at) + more);
}

/** Bytes of a replica's scratch: addresses, scores, sums. */
export function wordScratchBytes(window: i32, negatives: i32, bytes: i32): i32 {
  const contexts = 2 * window + 2;
  const targets = ((negatives + 1 + 3) / 4 + 1) * 4;
  return (4 * (contexts + targets) + 4 * (contexts + targets) + 4 * contexts * targets + bytes * (contexts + 2) + 127) & ~63;
}

/** Trains a run of words, on the replica of the same number. */
export function trainWords(shard: i32): void {
  const isBag = integer(0) != 0;
  const ids = pointer(1);
  const end = integer(4);
  const first = integer(2) + shard * integer(3);
  const last = min(first + integer(3), end);
  const bytes = <usize>integer(5);
  const window = integer(6), negatives = integer(7);
  const size = integer(13);
  const matrix = <usize>size * bytes;
  const input = pointer(8) + <usize>shard * matrix;
  const output = pointer(9) + <usize>shard * matrix;
  const inputCounts = pointer(10) + (<usize>(shard * size) << 2);
  const outputCounts = pointer(11) + (<usize>(shard * size) << 2);
  const shares = pointer(12), others = shares + (<usize>size << 2);
  const seed = (<u64>integer(16) << 32) | (<u64>integer(17) & 0xffffffff);
  const rate = number(0);

  const mostContexts = 2 * window + 2;
  const width = ((negatives + 1 + 3) / 4 + 1) * 4; // of a row of scores: whole vectors, and room for a third of three
  const scratch = pointer(14) + <usize>shard * <usize>integer(15);
  const contextRows = scratch;
  const targetRows = contextRows + (<usize>mostContexts << 2);
  const contextIds = targetRows + (<usize>width << 2);
  const targetIds = contextIds + (<usize>mostContexts << 2);
  const scores = (targetIds + (<usize>width << 2) + 15) & ~15;
  const step = <usize>width << 2;
  const sums = scores + <usize>mostContexts * step;
  const hidden = sums + <usize>mostContexts * bytes;
  const nothing = hidden + bytes; // a row of zeros

  for (let p = first; p < last; p++) {
    const word = load<i32>(ids + (<usize>p << 2));
    if (word < 0) continue;
    let state = seed + <u64>p * GOLDEN;
    let random = mixed(state);
    const reach = 1 + below(random, window);
    let contexts = 0;
    for (let q = p - 1; q >= 0 && q >= p - reach; q--) {
      const id = load<i32>(ids + (<usize>q << 2));
      if (id < 0) break;
      store<i32>(contextIds + (<usize>(contexts++) << 2), id);
    }
    for (let q = p + 1; q < end && q <= p + reach; q++) {
      const id = load<i32>(ids + (<usize>q << 2));
      if (id < 0) break;
      store<i32>(contextIds + (<usize>(contexts++) << 2), id);
    }
    if (contexts == 0) continue;
    store<i32>(targetIds, word);
    let targets = 1;
    for (let k = 0; k < negatives; k++) {
      state = mixed(random + GOLDEN * <u64>(k + 1));
      // Walker's alias method: a place, or the one that it lends its share to.
      let id = below(state, size);
      if (<u32>state >= load<u32>(shares + (<usize>id << 2))) id = load<i32>(others + (<usize>id << 2));
      if (id != word) store<i32>(targetIds + (<usize>(targets++) << 2), id);
    }
    for (let i = 0; i < contexts; i++) {
      const id = load<i32>(contextIds + (<usize>i << 2));
      store<usize>(contextRows + (<usize>i << 2), input + <usize>id * bytes);
    }
    for (let i = 0; i < targets; i++) {
      const id = load<i32>(targetIds + (<usize>i << 2));
      store<usize>(targetRows + (<usize>i << 2), output + <usize>id * bytes);
    }
    for (let i = targets; i < width; i++) store<usize>(targetRows + (<usize>i << 2), nothing);

    const rows = isBag ? 1 : contexts;
    if (isBag) {
      const share = <f32>1 / <f32>contexts;
      for (let i = 0; i < contexts; i++) store<f32>(sums + (<usize>i << 2), share);
      combine(hidden, true, contextRows, contexts, sums, 4, bytes);
    }
    for (let t = 0; t < targets; t += 3) {
      const at = targetRows + (<usize>t << 2);
      const x = load<usize>(at), y = load<usize>(at, 4), z = load<usize>(at, 8);
      const out = scores + (<usize>t << 2);
      if (isBag) {
        products1(hidden, x, y, z, bytes, out);
        continue;
      }
      let c = 0;
      for (; c + 2 <= contexts; c += 2) {
        const a = load<usize>(contextRows + (<usize>c << 2)), b = load<usize>(contextRows + (<usize>c << 2), 4);
        products2(a, b, x, y, z, bytes, out + <usize>c * step, step);
      }
      if (c < contexts) products1(load<usize>(contextRows + (<usize>c << 2)), x, y, z, bytes, out + <usize>c * step);
    }
    // (truth - sigmoid(score)) rate: the first of a row is the word itself, the others are not.
    const one = f32x4.splat(1);
    for (let c = 0; c < rows; c++) {
      const row = scores + <usize>c * step;
      for (let t = 0; t < targets; t += 4) {
        const at = row + (<usize>t << 2);
        const sigmoid = f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(v128.load(at)))));
        v128.store(at, f32x4.mul(sigmoid, f32x4.splat(-rate)));
      }
      store<f32>(row, load<f32>(row) + rate);
    }
    if (isBag) {
      combine(sums, true, targetRows, targets, scores, 4, bytes);
      for (let t = 0; t < targets; t++) {
        const own = load<usize>(targetRows + (<usize>t << 2));
        const g = load<f32>(scores + (<usize>t << 2));
        for (let d: usize = 0; d < bytes; d += 16) {
          v128.store(own + d, madd(v128.load(own + d), f32x4.splat(g), v128.load(hidden + d)));
        }
        count(outputCounts, load<i32>(targetIds + (<usize>t << 2)), 1);
      }
      const share = f32x4.splat(<f32>1 / <f32>contexts);
      for (let d: usize = 0; d < bytes; d += 16) v128.store(sums + d, f32x4.mul(v128.load(sums + d), share));
      for (let c = 0; c < contexts; c++) {
        add(load<usize>(contextRows + (<usize>c << 2)), sums, bytes);
        count(inputCounts, load<i32>(contextIds + (<usize>c << 2)), 1);
      }
      continue;
    }
    for (let c = 0; c < contexts; c++) {
      combine(sums + <usize>c * bytes, true, targetRows, targets, scores + <usize>c * step, 4, bytes);
    }
    for (let t = 0; t < targets; t++) {
      combine(load<usize>(targetRows + (<usize>t << 2)), false, contextRows, contexts, scores + (<usize>t << 2), step, bytes);
      count(outputCounts, load<i32>(targetIds + (<usize>t << 2)), contexts);
    }
    for (let c = 0; c < contexts; c++) {
      add(load<usize>(contextRows + (<usize>c << 2)), sums + <usize>c * bytes, bytes);
      count(inputCounts, load<i32>(contextIds + (<usize>c << 2)), 1);
    }
  }
}

/**
 * Joins what the replicas learned of some rows in a round, in the order of the replicas, and gives it to all. A row that few
 * updates went to takes their sum; one that each replica brought far by itself, where a sum would overshoot, their mean.
 */
export function joinReplicas(chunk: i32): void {
  const replicas = integer(0);
  const size = integer(1);
  const bytes = <usize>integer(2);
  const matrix = <usize>size * bytes;
  const chunks = ceilDivide(size, ROWS);
  const which = chunk / chunks;
  const common = pointer(3 + which), own = pointer(5 + which), counts = pointer(7 + which);
  const from = (chunk % chunks) * ROWS;
  const to = min(from + ROWS, size);
  for (let row = from; row < to; row++) {
    let updates = 0, touched = 0;
    for (let s = 0; s < replicas; s++) {
      const at = counts + (<usize>(s * size + row) << 2);
      const some = load<i32>(at);
      if (some == 0) continue;
      updates += some;
      touched++;
      store<i32>(at, 0);
    }
    if (touched == 0) continue;
    const share: f32 = min<f32>(1, <f32>updates / MANY);
    const factor = f32x4.splat(<f32>1 / (1 + <f32>(touched - 1) * share));
    const offset = <usize>row * bytes;
    for (let d: usize = 0; d < bytes; d += 16) {
      const before = v128.load(common + offset + d);
      let change = f32x4.splat(0);
      for (let s = 0; s < replicas; s++) {
        change = f32x4.add(change, f32x4.sub(v128.load(own + <usize>s * matrix + offset + d), before));
      }
      const after = madd(before, factor, change);
      v128.store(common + offset + d, after);
      for (let s = 0; s < replicas; s++) v128.store(own + <usize>s * matrix + offset + d, after);
    }
  }
}

/** Chunks of {@link joinReplicas}: of both matrices. */
export function joinChunks(size: i32): i32 {
  return 2 * ceilDivide(size, ROWS);
}
