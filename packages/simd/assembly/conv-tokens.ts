// A convolution over a sequence of tokens. Steps with the same token have the same numbers, so the products of each distinct token
// with each tap of the kernel are worked out once, and added up for each place.
import { ceilDivide, integer, pointer } from "./args";
import { activate } from "./gemm";
import { packAddresses } from "./gemm-pack";
import { tiles } from "./gemm-tiles";
import { thread } from "./thread";

const BLOCK: i32 = 32; // tokens whose numbers stay in the first-level cache, with the kernels of a panel

/**
 * Packs the numbers of one block of distinct tokens. Arguments: 0 addresses of the tokens' numbers, 1 target [tokens / 4][K][4],
 * 2 tokens, 3 K.
 */
export function packTokens(block: i32): void {
  const token0 = block * BLOCK, k = integer(3);
  packAddresses(pointer(0) + (<usize>token0 << 2), pointer(1) + (<usize>(token0 * k) << 2), min(BLOCK, integer(2) - token0), k);
}

/**
 * One panel of 16 filters. Arguments: 0 numbers of the distinct tokens, packed, 1 kernel in panels [taps][N / 8][K][8],
 * 2 target [places, N], 3 bias or 0, 4 places, 5 N, 6 taps, 7 K, 8 time, 9 places of a sequence, 10 stride, 11 dilation,
 * 12 padding before, 13 activation, 14 how many distinct tokens there are, 15 which of them each step has, 16 threads, 17 scratch:
 * [tokens, taps, 16] numbers for each thread, which stay in its caches from panel to panel, or for each panel if these are fewer.
 */
export function convolveTokens(panel: i32): void {
  const n = integer(5), taps = integer(6), k = integer(7), tokens = integer(14);
  const halves = ceilDivide(n, 8), rowBytes = <usize>taps << 6, panelBytes = <usize>k << 5;
  const own = 2 * integer(16) < halves ? thread() : panel;
  const products = pointer(17) + <usize>own * <usize>tokens * rowBytes;
  for (let token = 0; token < tokens; token += BLOCK) {
    const a = pointer(0) + (<usize>(token * k) << 2), rows = min(BLOCK, tokens - token);
    let c = products + <usize>token * rowBytes;
    for (let tap = 0; tap < taps; tap++, c += 64) {
      const b = pointer(1) + <usize>(tap * halves + 2 * panel) * panelBytes;
      tiles(a, 0, b, k, c, rowBytes, rows, 8, true, false, 0, 0);
      // What stands in the other half of the last panel, if it is not there, is not stored.
      if (2 * panel + 1 < halves) tiles(a, 0, b + panelBytes, k, c + 32, rowBytes, rows, 8, true, false, 0, 0);
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
  let to = pointer(2) + (<usize>column << 2), tokens = pointer(15);
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
