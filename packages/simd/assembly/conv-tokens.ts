// A convolution over a sequence of tokens. Steps with the same token have the same numbers, so the products of each distinct token
// with each tap of the kernel are worked out once, and added up for each place.
import { integer, pointer } from "./args";
import { activate, tile } from "./gemm";

/**
 * One panel of 16 filters. Arguments: 0 source [steps, K], 1 kernel in panels [taps][panels][K][16], 2 target [places, N], 3 bias or 0,
 * 4 places, 5 N, 6 taps, 7 K, 8 time, 9 places of a sequence, 10 stride, 11 dilation, 12 padding before, 13 activation,
 * 14 the first step of each distinct token, 15 how many there are, 16 which of them each step has, 17 scratch of
 * [tokens, taps, 16] numbers for each panel.
 */
export function convolveTokens(panel: i32): void {
  const n = integer(5), taps = integer(6), k = integer(7), tokens = integer(15);
  const panels = (n + 15) >> 4;
  const tapBytes: usize = 64, rowBytes = <usize>taps * tapBytes, kBytes = <usize>k << 2;
  const products = pointer(17) + <usize>panel * <usize>tokens * rowBytes;
  for (let token = 0; token < tokens; token += 2) {
    const rows = tokens - token < 2 ? 1 : 2;
    const first = pointer(14) + (<usize>token << 2);
    const a = pointer(0) + <usize>load<i32>(first) * kBytes;
    const a2 = rows == 1 ? a : pointer(0) + <usize>load<i32>(first, 4) * kBytes;
    let c = products + <usize>token * rowBytes;
    for (let tap = 0; tap < taps; tap++, c += tapBytes) {
      tile(a, a2, 4, pointer(1) + <usize>((tap * panels + panel) * k) * 64, 64, k, c, rowBytes, rows, 16, true, false, 0, 0);
    }
  }
  addUp(products, rowBytes, panel * 16);
}

/** Adds up the products of 16 filters for all places. */
// @ts-ignore: decorator
@inline
function addUp(products: usize, rowBytes: usize, column: i32): void {
  const places = integer(4), n = integer(5), taps = integer(6), time = integer(8), outTime = integer(9);
  const stride = integer(10), dilation = integer(11), bias = pointer(3), activation = integer(13);
  const columns = n - column < 16 ? n - column : 16, nBytes = <usize>n << 2;
  let to = pointer(2) + (<usize>column << 2), tokens = pointer(16);
  let start = -integer(12), inSequence = 0;
  for (let place = 0; place < places; place++, to += nBytes) {
    let a = f32x4.splat(0), b = a, c = a, d = a;
    let step = start, tapAt = products;
    for (let tap = 0; tap < taps; tap++, step += dilation, tapAt += 64) {
      if (step < 0 || step >= time) continue;
      const from = tapAt + <usize>load<i32>(tokens + (<usize>step << 2)) * rowBytes;
      a = f32x4.add(a, v128.load(from)), b = f32x4.add(b, v128.load(from, 16));
      c = f32x4.add(c, v128.load(from, 32)), d = f32x4.add(d, v128.load(from, 48));
    }
    if (columns == 16) {
      if (bias != 0) {
        const add = bias + (<usize>column << 2);
        a = f32x4.add(a, v128.load(add)), b = f32x4.add(b, v128.load(add, 16));
        c = f32x4.add(c, v128.load(add, 32)), d = f32x4.add(d, v128.load(add, 48));
      }
      v128.store(to, activate(a, activation)), v128.store(to, activate(b, activation), 16);
      v128.store(to, activate(c, activation), 32), v128.store(to, activate(d, activation), 48);
    } else {
      for (let i = 0; i < columns; i++) {
        const block = i < 4 ? a : i < 8 ? b : i < 12 ? c : d;
        const half = (i & 2) == 0 ? block : i64x2.shuffle(block, block, 1, 1);
        let sum = (i & 1) == 0 ? f32x4.extract_lane(half, 0) : f32x4.extract_lane(half, 1);
        if (bias != 0) sum += load<f32>(bias + (<usize>(column + i) << 2));
        store<f32>(to + (<usize>i << 2), f32x4.extract_lane(activate(f32x4.splat(sum), activation), 0));
      }
    }
    start += stride;
    if (++inSequence == outTime) {
      inSequence = 0;
      start = -integer(12);
      tokens += <usize>time << 2;
    }
  }
}
