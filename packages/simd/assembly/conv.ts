// Convolutions as matrix products: patches [places, K] times the kernel [K, N], in blocks of patches that fit the first-level cache.
// Arguments are those of conv-patches.ts. Groups and blocks depend only on the sizes, and every sum runs in ascending order.
import { ceilDivide, integer, pointer } from "./args";
import { directPatch, fillPatches } from "./conv-patches";
import { tile } from "./gemm";

const BLOCK: i32 = 32; // places of one block
const DEPTH: i32 = 128; // entries of K, or places of the filter's gradient, that are summed up in one go
const LINE: usize = 576; // bytes from a patch to the next: DEPTH numbers, and a cache line so that patches fall into different sets

/** Bytes of scratch of one group of `convolve`. */
export function convScratchBytes(): i32 {
  return BLOCK * <i32>LINE;
}

/** Bytes of scratch of one chunk of `filterGradient`. */
export function filterScratchBytes(columns: i32): i32 {
  return DEPTH * <i32>LINE + ceilDivide(columns, 16) * DEPTH * 64;
}

/** One group of places. Arguments: 0 source, 1 kernel in panels [N / 16][K][16], 2 target [places, N], 3 scratch. */
export function convolve(group: i32): void {
  const source = pointer(0), target = pointer(2);
  const places = integer(4), n = integer(5), k = integer(6), groups = integer(25);
  const bias = pointer(23), activation = integer(24), direct = integer(26) != 0;
  const patches = pointer(3) + <usize>group * BLOCK * LINE;
  const blocks = ceilDivide(places, BLOCK);
  const end = (blocks * (group + 1)) / groups;
  const cStep = <usize>n << 2;
  for (let block = (blocks * group) / groups; block < end; block++) {
    const place0 = block * BLOCK;
    const count = places - place0 < BLOCK ? places - place0 : BLOCK;
    for (let k0 = 0; k0 < k; k0 += DEPTH) {
      const depth = k - k0 < DEPTH ? k - k0 : DEPTH;
      if (!direct) {
        fillPatches(place0, count, k0, depth, source, patches, LINE);
      } else {
        // The addresses alone, one for each place.
        for (let i = 0; i < count; i++) store<usize>(patches + (<usize>i << 2), directPatch(place0 + i, source) + (<usize>k0 << 2));
      }
      for (let column = 0; column < n; column += 16) {
        const panel = pointer(1) + (<usize>(column >> 4) * <usize>k + <usize>k0) * 64;
        const columns = n - column < 16 ? n - column : 16;
        const biasHere = bias == 0 ? 0 : bias + (<usize>column << 2);
        for (let i = 0; i < count; i += 2) {
          const rows = count - i < 2 ? 1 : 2;
          const a = direct ? load<usize>(patches + (<usize>i << 2)) : patches + <usize>i * LINE;
          const a2 = rows == 1 ? a : direct ? load<usize>(patches + (<usize>i << 2), 4) : a + LINE;
          const c = target + (<usize>(place0 + i) * <usize>n + <usize>column << 2);
          tile(a, a2, 4, panel, 64, depth, c, cStep, rows, columns, k0 == 0, k0 + depth == k, biasHere, activation);
        }
      }
    }
  }
}

/**
 * One panel of 16 input channels of a kernel [taps, C, O] that is turned round, as the gradient by the input needs it:
 * [C / 16][taps from the last, O][16]. Arguments: 0 kernel, 1 target, 2 taps, 3 C, 4 O.
 */
export function turnKernel(chunk: i32): void {
  const taps = integer(2), c = integer(3), o = integer(4);
  const channel0 = chunk * 16, count = c - channel0 < 16 ? c - channel0 : 16;
  let to = pointer(1) + (<usize>chunk * <usize>(taps * o) << 6);
  for (let tap = taps - 1; tap >= 0; tap--) {
    const from = pointer(0) + (<usize>((tap * c + channel0) * o) << 2);
    for (let i = 0; i < o; i++, to += 64) {
      for (let lane = 0; lane < 16; lane++) {
        store<f32>(to + (<usize>lane << 2), lane < count ? load<f32>(from + (<usize>(lane * o + i) << 2)) : 0);
      }
    }
  }
}

/** Packs rows of a matrix [rows, n] into panels [n / 16][DEPTH][16], zeros beyond the last column. */
function packRows(from: usize, rows: i32, n: i32, to: usize): void {
  for (let column = 0; column < n; column += 16, to += DEPTH * 64) {
    const columns = n - column < 16 ? n - column : 16;
    let line = from + (<usize>column << 2), target = to;
    for (let row = 0; row < rows; row++, line += <usize>n << 2, target += 64) {
      if (columns == 16) {
        v128.store(target, v128.load(line));
        v128.store(target, v128.load(line, 16), 16);
        v128.store(target, v128.load(line, 32), 32);
        v128.store(target, v128.load(line, 48), 48);
      } else {
        for (let i = 0; i < 16; i++) store<f32>(target + (<usize>i << 2), i < columns ? load<f32>(line + (<usize>i << 2)) : 0);
      }
    }
  }
}

/**
 * The gradient by the kernel: patches transposed times dy, for DEPTH entries of K and one group of places.
 * Arguments: 0 source, 1 dy [places, N], 2 sums [groups][K][N], 3 scratch.
 */
export function filterGradient(chunk: i32): void {
  const source = pointer(0), dy = pointer(1);
  const places = integer(4), n = integer(5), k = integer(6), groups = integer(25);
  const blocks = ceilDivide(k, DEPTH), group = chunk / blocks, k0 = (chunk % blocks) * DEPTH;
  const depth = k - k0 < DEPTH ? k - k0 : DEPTH;
  const patches = pointer(3) + <usize>chunk * <usize>filterScratchBytes(n), packed = patches + DEPTH * LINE;
  const sums = pointer(2) + (<usize>(group * k + k0) * <usize>n << 2), cStep = <usize>n << 2;
  const stretches = ceilDivide(places, DEPTH);
  const first = (stretches * group) / groups, end = (stretches * (group + 1)) / groups;
  for (let stretch = first; stretch < end; stretch++) {
    const place0 = stretch * DEPTH;
    const count = places - place0 < DEPTH ? places - place0 : DEPTH;
    fillPatches(place0, count, k0, depth, source, patches, LINE);
    packRows(dy + (<usize>place0 * <usize>n << 2), count, n, packed);
    for (let column = 0; column < n; column += 16) {
      const panel = packed + <usize>(column >> 4) * DEPTH * 64;
      const columns = n - column < 16 ? n - column : 16;
      for (let i = 0; i < depth; i += 2) {
        const rows = depth - i < 2 ? 1 : 2;
        const a = patches + (<usize>i << 2), c = sums + (<usize>(i * n + column) << 2);
        tile(a, rows > 1 ? a + 4 : a, LINE, panel, 64, count, c, cStep, rows, columns, stretch == first, false, 0, 0);
      }
    }
  }
}
