// The main road of matrix products: both operands packed, tiles of 4 rows by 8 columns. See gemm.ts.
import { ceilDivide, integer, pointer } from "./args";
import { packLines } from "./gemm-pack";
import { tiles } from "./gemm-tiles";
import { thread } from "./thread";

const TILE_ROWS: i32 = 32;
const TILE_COLUMNS: i32 = 128;
/** Steps of K that are packed at a time: what a chunk then reads again and again stays in the caches of its core. */
const DEPTH: i32 = 256;
/** Between stripes, so that they do not fall into the same lines of the cache. */
const GAP: usize = 64;

const LEFT_BYTES: usize = <usize>(TILE_ROWS / 4) * ((<usize>DEPTH << 4) + GAP);
const RIGHT_BYTES: usize = <usize>(TILE_COLUMNS / 8) * ((<usize>DEPTH << 5) + GAP);

/** Bytes of scratch that each thread needs. */
export function gemmScratchBytes(): usize {
  return LEFT_BYTES + RIGHT_BYTES;
}

/**
 * One block of TILE_ROWS by TILE_COLUMNS of one matrix of the batch. It packs its own part of A, and of B if that was not packed before.
 * Arguments: 0 A, 1 B, 2 C, 3 M, 4 N, 5 K, 6 bias [N] or 0, 7 activation, 8, 9, 10 bytes from a matrix of A, B, C to the next of the
 * batch, 11 bytes from a row of A to the next, 12 from one k to the next, 13 bytes from a column of B to the next, 14 from one k to
 * the next, or 0 where B is packed: [panel][k][8], 15 scratch of the first thread.
 */
export function gemmPacked(chunk: i32): void {
  const m = integer(3), n = integer(4), k = integer(5);
  const down = ceilDivide(m, TILE_ROWS), across = ceilDivide(n, TILE_COLUMNS);
  const matrix = chunk / (down * across), inMatrix = chunk % (down * across);
  const row0 = (inMatrix / across) * TILE_ROWS, column0 = (inMatrix % across) * TILE_COLUMNS;
  const rows = min(TILE_ROWS, m - row0), columns = min(TILE_COLUMNS, n - column0);
  const a = pointer(0) + <usize>matrix * pointer(8) + <usize>row0 * pointer(11);
  const b = pointer(1) + <usize>matrix * pointer(9), ready = integer(14) == 0;
  const c = pointer(2) + <usize>matrix * pointer(10) + (<usize>row0 * <usize>n << 2), cStep = <usize>n << 2;
  const bias = pointer(6), activation = integer(7);
  const left = pointer(15) + <usize>thread() * gemmScratchBytes(), right = left + LEFT_BYTES;
  for (let k0 = 0; k0 < k; k0 += DEPTH) {
    const depth = min(DEPTH, k - k0);
    packLines(a + <usize>k0 * pointer(12), left, rows, depth, pointer(11), pointer(12), 4, GAP);
    let panel = right, panelBytes = (<usize>depth << 5) + GAP;
    if (ready) {
      panel = b + (<usize>column0 * <usize>k + (<usize>k0 << 3) << 2), panelBytes = <usize>k << 5;
    } else {
      const source = b + <usize>column0 * pointer(13) + <usize>k0 * pointer(14);
      packLines(source, right, columns, depth, pointer(13), pointer(14), 8, GAP);
    }
    for (let column = 0; column < columns; column += 8, panel += panelBytes) {
      const at = <usize>(column0 + column) << 2;
      tiles(
        left, GAP, panel, depth, c + at, cStep, rows, min(8, columns - column), k0 == 0, k0 + depth == k,
        bias == 0 ? <usize>0 : bias + at, activation,
      );
    }
  }
}
