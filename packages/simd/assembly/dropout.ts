// Factors of dropout from the counter-based generator Philox-4x32-10 (Salmon and others 2011, as in packages/core/src/random).
//
// Number i is decided by 16 bits: the low half of word i / 2 of the stream for even i, the high half for odd i. So each number is
// a function of the key and i alone, whatever part of a mask a thread makes.
import { integer, number, pointer } from "./args";

/** Numbers of one chunk: a multiple of 32. */
export const DROPOUT_STRETCH: i32 = 8192;

/** High words of the products of four numbers with a constant. */
// @ts-ignore: decorator
@inline
function highWords(a: v128, by: v128): v128 {
  const first = i64x2.extmul_low_i32x4_u(a, by), second = i64x2.extmul_high_i32x4_u(a, by);
  return v128.shuffle<i32>(first, second, 1, 3, 5, 7);
}

/** Eight factors from the four words of a block. */
// @ts-ignore: decorator
@inline
function writeFactors(words: v128, threshold: v128, scale: v128, to: usize): void {
  const keep = i16x8.ge_u(words, threshold);
  v128.store(to, v128.and(i32x4.extend_low_i16x8_s(keep), scale));
  v128.store(to, v128.and(i32x4.extend_high_i16x8_s(keep), scale), 16);
}

/**
 * target = 0 where the bits are below the threshold, else the scale. The last eight numbers are written whole.
 * Arguments: 0 target, 1 size, 2 threshold (0 to 65535), 3 and 4 the key; numbers: 0 scale.
 */
export function dropoutFactors(chunk: i32): void {
  const size = integer(1);
  const threshold = i16x8.splat(<i16>integer(2)), scale = f32x4.splat(number(0));
  const m0 = i32x4.splat(<i32>0xd2511f53), m1 = i32x4.splat(<i32>0xcd9e8d57);
  const start = chunk * DROPOUT_STRETCH;
  const end = start + DROPOUT_STRETCH < size ? start + DROPOUT_STRETCH : size;
  for (let i = start; i < end; i += 32) {
    let c0 = i32x4.add(i32x4.splat(i >> 3), i32x4(0, 1, 2, 3));
    let c1 = i32x4.splat(0), c2 = c1, c3 = c1;
    let k0 = integer(3), k1 = integer(4);
    for (let round = 0; round < 10; round++, k0 += <i32>0x9e3779b9, k1 += <i32>0xbb67ae85) {
      const high0 = highWords(c0, m0), low0 = i32x4.mul(c0, m0);
      const high1 = highWords(c2, m1), low1 = i32x4.mul(c2, m1);
      c0 = v128.xor(v128.xor(high1, c1), i32x4.splat(k0));
      c1 = low1;
      c2 = v128.xor(v128.xor(high0, c3), i32x4.splat(k1));
      c3 = low0;
    }
    // From [word][block] to [block][word].
    const a = v128.shuffle<i32>(c0, c1, 0, 4, 1, 5), b = v128.shuffle<i32>(c2, c3, 0, 4, 1, 5);
    const c = v128.shuffle<i32>(c0, c1, 2, 6, 3, 7), d = v128.shuffle<i32>(c2, c3, 2, 6, 3, 7);
    const to = pointer(0) + (<usize>i << 2);
    writeFactors(v128.shuffle<i64>(a, b, 0, 2), threshold, scale, to);
    if (i + 8 < end) writeFactors(v128.shuffle<i64>(a, b, 1, 3), threshold, scale, to + 32);
    if (i + 16 < end) writeFactors(v128.shuffle<i64>(c, d, 0, 2), threshold, scale, to + 64);
    if (i + 24 < end) writeFactors(v128.shuffle<i64>(c, d, 1, 3), threshold, scale, to + 96);
  }
}
