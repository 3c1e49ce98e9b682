// The two matrix products of the LSTM's gradient, on values in panel order.
import { ROWS } from "./lstm-layout";

/**
 * product [ROWS, 8 * panels] = dz of one step, times transposed weights packed in panels of 8 columns.
 * Four rows by eight columns at a time: 8 accumulators, 2 weights, 1 input.
 */
export function timesTransposed(dz: usize, blocks: i32, packed: usize, panels: i32, product: usize): void {
  const stride = <usize>panels << 5;
  for (let panel = 0; panel < panels; panel++) {
    for (let r = 0; r < ROWS; r += 4) {
      const zero = f32x4.splat(0);
      let c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero;
      let a = dz + (<usize>r << 6);
      let b = packed + (<usize>(panel * blocks) << 9);
      for (let block = 0; block < blocks; block++) {
        const end = a + 64;
        while (a < end) {
          const b0 = v128.load(b), b1 = v128.load(b, 16);
          let s = v128.load32_splat(a);
          c00 = f32x4.add(c00, f32x4.mul(s, b0));
          c01 = f32x4.add(c01, f32x4.mul(s, b1));
          s = v128.load32_splat(a, 64);
          c10 = f32x4.add(c10, f32x4.mul(s, b0));
          c11 = f32x4.add(c11, f32x4.mul(s, b1));
          s = v128.load32_splat(a, 128);
          c20 = f32x4.add(c20, f32x4.mul(s, b0));
          c21 = f32x4.add(c21, f32x4.mul(s, b1));
          s = v128.load32_splat(a, 192);
          c30 = f32x4.add(c30, f32x4.mul(s, b0));
          c31 = f32x4.add(c31, f32x4.mul(s, b1));
          a += 4;
          b += 32;
        }
        a += <usize>(ROWS - 1) << 6;
      }
      let to = product + <usize>r * stride + (<usize>panel << 5);
      v128.store(to, c00);
      v128.store(to, c01, 16);
      to += stride;
      v128.store(to, c10);
      v128.store(to, c11, 16);
      to += stride;
      v128.store(to, c20);
      v128.store(to, c21, 16);
      to += stride;
      v128.store(to, c30);
      v128.store(to, c31, 16);
    }
  }
}

/**
 * sums [block][column][16] += left^T dz over some steps. left: [steps][ROWS][columns], columns a multiple of 4.
 * Two columns by one block at a time: 8 accumulators, 4 gradients, 2 inputs.
 */
export function accumulateWeights(
  left: usize, columns: i32, dz: usize, blocks: i32, steps: i32, sums: usize, sumRows: i32,
): void {
  const leftRow = <usize>columns << 2;
  const gap = <usize>((blocks - 1) * ROWS) << 6; // from the end of a block's rows to the same block of the next step
  for (let block = 0; block < blocks; block++) {
    for (let column = 0; column < columns; column += 2) {
      const sum = sums + (<usize>(block * sumRows + column) << 6);
      let p0 = v128.load(sum), p1 = v128.load(sum, 16), p2 = v128.load(sum, 32), p3 = v128.load(sum, 48);
      let q0 = v128.load(sum, 64), q1 = v128.load(sum, 80), q2 = v128.load(sum, 96), q3 = v128.load(sum, 112);
      let a = left + (<usize>column << 2);
      let b = dz + (<usize>(block * ROWS) << 6);
      for (let step = 0; step < steps; step++) {
        const end = b + (<usize>ROWS << 6);
        while (b < end) {
          const s = v128.load32_splat(a), t = v128.load32_splat(a, 4);
          const g0 = v128.load(b), g1 = v128.load(b, 16), g2 = v128.load(b, 32), g3 = v128.load(b, 48);
          p0 = f32x4.add(p0, f32x4.mul(s, g0));
          p1 = f32x4.add(p1, f32x4.mul(s, g1));
          p2 = f32x4.add(p2, f32x4.mul(s, g2));
          p3 = f32x4.add(p3, f32x4.mul(s, g3));
          q0 = f32x4.add(q0, f32x4.mul(t, g0));
          q1 = f32x4.add(q1, f32x4.mul(t, g1));
          q2 = f32x4.add(q2, f32x4.mul(t, g2));
          q3 = f32x4.add(q3, f32x4.mul(t, g3));
          a += leftRow;
          b += 64;
        }
        b += gap;
      }
      v128.store(sum, p0);
      v128.store(sum, p1, 16);
      v128.store(sum, p2, 32);
      v128.store(sum, p3, 48);
      v128.store(sum, q0, 64);
      v128.store(sum, q1, 80);
      v128.store(sum, q2, 96);
      v128.store(sum, q3, 112);
    }
  }
}
