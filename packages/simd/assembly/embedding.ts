// Rows of a table by their numbers, and the gradient: rows added up by number.
import { ceilDivide, integer, pointer } from "./args";

/** Indices of one chunk of a gather, and parts of the table in a scatter. */
export const GATHER_ROWS: i32 = 512;
export const SCATTER_PARTS: i32 = 16;

// @ts-ignore: decorator
@inline
function copyRow(from: usize, to: usize, width: i32): void {
  let i = 0;
  for (; i + 4 <= width; i += 4) v128.store(to + (<usize>i << 2), v128.load(from + (<usize>i << 2)));
  for (; i < width; i++) store<f32>(to + (<usize>i << 2), load<f32>(from + (<usize>i << 2)));
}

/** Arguments: 0 table [rows, width], 1 indices, 2 target [count, width], 3 rows, 4 width, 5 count. Indices are checked before. */
export function gather(chunk: i32): void {
  const width = integer(4), count = integer(5);
  const start = chunk * GATHER_ROWS;
  const end = start + GATHER_ROWS < count ? start + GATHER_ROWS : count;
  const bytes = <usize>width << 2;
  for (let i = start; i < end; i++) {
    const index = load<i32>(pointer(1) + (<usize>i << 2));
    copyRow(pointer(0) + <usize>index * bytes, pointer(2) + <usize>i * bytes, width);
  }
}

/**
 * Each part of the table looks through all indices and adds its own rows, in the order of the indices.
 * Arguments: 0 gradient [count, width], 1 indices, 2 target [rows, width], 3 rows, 4 width, 5 count. Others are left out.
 */
export function scatterAdd(chunk: i32): void {
  const rows = integer(3), width = integer(4), count = integer(5);
  const perPart = ceilDivide(rows, SCATTER_PARTS);
  const first = chunk * perPart;
  const beyond = first + perPart < rows ? first + perPart : rows;
  if (first >= beyond) return;
  const bytes = <usize>width << 2;
  const target = pointer(2), gradient = pointer(0), indices = pointer(1);
  memory.fill(target + <usize>first * bytes, 0, <usize>(beyond - first) * bytes);
  const span = <u32>(beyond - first);
  for (let i = 0; i < count; i++) {
    const index = load<i32>(indices + (<usize>i << 2));
    if (<u32>(index - first) >= span) continue;
    const from = gradient + <usize>i * bytes, to = target + <usize>index * bytes;
    let column = 0;
    for (; column + 4 <= width; column += 4) {
      const p = <usize>column << 2;
      v128.store(to + p, f32x4.add(v128.load(to + p), v128.load(from + p)));
    }
    for (; column < width; column++) {
      const p = <usize>column << 2;
      store<f32>(to + p, load<f32>(to + p) + load<f32>(from + p));
    }
  }
}

/** 1 when all of `count` indices are in [0, rows), else 0. */
export function indicesFit(indices: usize, count: i32, rows: i32): i32 {
  for (let i = 0; i < count; i++) if (<u32>load<i32>(indices + (<usize>i << 2)) >= <u32>rows) return 0;
  return 1;
}
