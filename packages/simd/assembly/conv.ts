// Convolutions as matrix products: patches [places, K] times the kernel [K, N], in blocks of patches that fit the first-level cache.
// Arguments are those of conv-patches.ts. Groups and blocks depend only on the sizes, and every sum runs in ascending order.
import { ceilDivide, integer, pointer } from "./args";
import { directPatch, fillPatches } from "./conv-patches";
import { packAddresses, packedBytes, packLines } from "./gemm-pack";
import { tiles } from "./gemm-tiles";
import { thread } from "./thread";

const BLOCK: i32 = 32; // places of one block
const DEPTH: i32 = 128; // entries of K, or places of the filter's gradient, that are summed up in one go
const LINE: usize = 576; // bytes from a patch to the next: DEPTH numbers, and a cache line so that patches fall into different sets

/** Bytes of scratch of each thread in `convolve`: addresses of patches, patches, and patches packed. */
export function convScratchBytes(): usize {
  return (<usize>BLOCK << 2) + <usize>BLOCK * LINE + packedBytes(BLOCK, DEPTH, 4);
}

/** Bytes of scratch of each thread in `filterGradient`: patches, both operands packed. */
export function filterScratchBytes(columns: i32): usize {
  return <usize>DEPTH * LINE + packedBytes(DEPTH, DEPTH, 4) + packedBytes(columns, DEPTH, 8);
}

/** One group of places. Arguments: 0 source, 1 kernel in panels [N / 8][K][8], 2 target [places, N], 3 scratch of the first thread. */
export function convolve(group: i32): void {
  const source = pointer(0), target = pointer(2);
  const places = integer(4), n = integer(5), k = integer(6), groups = integer(25);
  const bias = pointer(23), activation = integer(24), direct = integer(26) != 0;
  const addresses = pointer(3) + <usize>thread() * convScratchBytes();
  const patches = addresses + (<usize>BLOCK << 2), packed = patches + <usize>BLOCK * LINE;
  const blocks = ceilDivide(places, BLOCK);
  const end = (blocks * (group + 1)) / groups;
  const cStep = <usize>n << 2;
  for (let block = (blocks * group) / groups; block < end; block++) {
    const place0 = block * BLOCK;
    const count = min(BLOCK, places - place0);
    const line = target + (<usize>place0 * <usize>n << 2);
    for (let k0 = 0; k0 < k; k0 += DEPTH) {
      const depth = min(DEPTH, k - k0);
      if (!direct) fillPatches(place0, count, k0, depth, source, patches, LINE);
      for (let i = 0; i < count; i++) {
        const patch = direct ? directPatch(place0 + i, source) + (<usize>k0 << 2) : patches + <usize>i * LINE;
        store<usize>(addresses + (<usize>i << 2), patch);
      }
      packAddresses(addresses, packed, count, depth);
      for (let column = 0; column < n; column += 8) {
        const panel = pointer(1) + (<usize>(column >> 3) * <usize>k + <usize>k0 << 5);
        const at = <usize>column << 2;
        tiles(
          packed, 0, panel, depth, line + at, cStep, count, min(8, n - column), k0 == 0, k0 + depth == k,
          bias == 0 ? <usize>0 : bias + at, activation,
        );
      }
    }
  }
}

/**
 * One panel of 8 input channels of a kernel [taps, C, O] that is turned round, as the gradient by the input needs it:
 * [C / 8][taps from the last, O][8]. Arguments: 0 kernel, 1 target, 2 taps, 3 C, 4 O.
 */
export function turnKernel(chunk: i32): void {
  const taps = integer(2), c = integer(3), o = integer(4);
  const channel0 = chunk * 8, count = min(8, c - channel0);
  let to = pointer(1) + (<usize>chunk * <usize>(taps * o) << 5);
  for (let tap = taps - 1; tap >= 0; tap--) {
    const from = pointer(0) + (<usize>((tap * c + channel0) * o) << 2);
    for (let i = 0; i < o; i++, to += 32) {
      for (let lane = 0; lane < 8; lane++) {
        store<f32>(to + (<usize>lane << 2), lane < count ? load<f32>(from + (<usize>(lane * o + i) << 2)) : 0);
      }
    }
  }
}

/**
 * The gradient by the kernel: patches transposed times dy, for DEPTH entries of K and one group of places.
 * Arguments: 0 source, 1 dy [places, N], 2 sums [groups][K][N], 3 scratch of the first thread.
 */
export function filterGradient(chunk: i32): void {
  const source = pointer(0), dy = pointer(1);
  const places = integer(4), n = integer(5), k = integer(6), groups = integer(25);
  const blocks = ceilDivide(k, DEPTH), group = chunk / blocks, k0 = (chunk % blocks) * DEPTH;
  const depth = min(DEPTH, k - k0);
  const patches = pointer(3) + <usize>thread() * filterScratchBytes(n);
  const left = patches + <usize>DEPTH * LINE, right = left + packedBytes(DEPTH, DEPTH, 4);
  const sums = pointer(2) + (<usize>(group * k + k0) * <usize>n << 2), cStep = <usize>n << 2;
  const stretches = ceilDivide(places, DEPTH);
  const first = (stretches * group) / groups, end = (stretches * (group + 1)) / groups;
  for (let stretch = first; stretch < end; stretch++) {
    const place0 = stretch * DEPTH;
    const count = min(DEPTH, places - place0);
    fillPatches(place0, count, k0, depth, source, patches, LINE);
    packLines(patches, left, depth, count, 4, LINE, 4);
    packLines(dy + <usize>place0 * cStep, right, n, count, 4, cStep, 8);
    for (let column = 0; column < n; column += 8) {
      const panel = right + (<usize>(column >> 3) * <usize>count << 5), c = sums + (<usize>column << 2);
      tiles(left, 0, panel, count, c, cStep, depth, min(8, n - column), stretch == first, false, 0, 0);
    }
  }
}
