// Copies between arrays of any strides: transposes, slices, concatenation, reversal, tiling.
import { integer, pointer } from "./args";

/**
 * At most 5 dimensions, the last one innermost; strides are in entries of 4 bytes and may be 0 or negative.
 * Arguments: 0 source, 1 target, 2..6 sizes, 7..11 steps of the source, 12..16 steps of the target,
 * 17 outer indices of one chunk.
 */
export function copy(chunk: i32): void {
  const d0 = integer(2), d1 = integer(3), d2 = integer(4), d3 = integer(5), d4 = integer(6);
  const perChunk = integer(17), total = d0 * d1 * d2 * d3;
  const start = chunk * perChunk;
  const end = start + perChunk < total ? start + perChunk : total;
  const fromStep = integer(11), toStep = integer(16);
  for (let index = start; index < end; index++) {
    const i3 = index % d3, r3 = index / d3, i2 = r3 % d2, r2 = r3 / d2, i1 = r2 % d1, i0 = r2 / d1;
    let from = pointer(0) + (<usize>(i0 * integer(7) + i1 * integer(8) + i2 * integer(9) + i3 * integer(10)) << 2);
    let to = pointer(1) + (<usize>(i0 * integer(12) + i1 * integer(13) + i2 * integer(14) + i3 * integer(15)) << 2);
    if (fromStep == 1 && toStep == 1) {
      let i = 0;
      for (; i + 4 <= d4; i += 4, from += 16, to += 16) v128.store(to, v128.load(from));
      for (; i < d4; i++, from += 4, to += 4) store<i32>(to, load<i32>(from));
    } else {
      for (let i = 0; i < d4; i++, from += <usize>fromStep << 2, to += <usize>toStep << 2) store<i32>(to, load<i32>(from));
    }
  }
}
