// The matrix product of a step of a recurrent layer, and the two of the gradients of the GRU and the SimpleRNN, on values in panel order.
import { packLines } from "./gemm-pack";
import { tiles } from "./gemm-tiles";
import { ROWS } from "./lstm-layout";

/**
 * to = bias + operands times weights, for panels of 8 columns: weights [panel][rows][8], of which `depth` rows from `first` on are
 * taken, and operands packed in the same way, [4 rows of ROWS][rows][4]. `to` is in panel order, [block][ROWS][panels of a block][8].
 * Four rows that are all masked get nothing but the bias.
 */
export function multiply(
  panels: i32, bias: usize, operands: usize, weights: usize, rows: i32, first: i32, depth: i32, to: usize, ofBlock: i32,
  rowMask: usize,
): void {
  const step = <usize>ofBlock << 5, gap = <usize>(rows - depth) << 4;
  const a = operands + (<usize>first << 4), half = a + (<usize>rows << 4);
  const upper = (load<u64>(rowMask) | load<u64>(rowMask, 8)) != 0, lower = (load<u64>(rowMask, 16) | load<u64>(rowMask, 24)) != 0;
  for (let panel = 0; panel < panels; panel++, bias += 32) {
    const c = to + <usize>(panel / ofBlock * ROWS) * step + (<usize>(panel % ofBlock) << 5);
    const b = weights + (<usize>(panel * rows + first) << 5);
    const b0 = v128.load(bias), b1 = v128.load(bias, 16);
    for (let r = 0; r < ROWS; r++) v128.store(c + <usize>r * step, b0), v128.store(c + <usize>r * step, b1, 16);
    if (upper) tiles(a, gap, b, depth, c, step, lower ? ROWS : 4, 8, false, false, 0, 0);
    else if (lower) tiles(half, gap, b, depth, c + 4 * step, step, 4, 8, false, false, 0, 0);
  }
}

/** Packs the rows of one operand of a step, [ROWS][padded], as `multiply` reads them: `depth` of `rows`, from `first` on. */
export function packOperand(from: usize, padded: i32, operands: usize, rows: i32, first: i32, depth: i32): void {
  packLines(from, operands + (<usize>first << 4), ROWS, depth, <usize>padded << 2, 4, 4, <usize>(rows - depth) << 4);
}

/**
 * product [ROWS, 8 * panels] = values in panel order [depthPanels][ROWS][8] times transposed weights in panels of 8 columns, of
 * which each begins `panelBytes` after the one before. Four rows by eight columns at a time.
 */
export function timesPanels(values: usize, depthPanels: i32, packed: usize, panelBytes: usize, panels: i32, product: usize): void {
  const stride = <usize>panels << 5;
  for (let panel = 0; panel < panels; panel++) {
    for (let r = 0; r < ROWS; r += 4) {
      const zero = f32x4.splat(0);
      let c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero;
      let a = values + (<usize>r << 5);
      let b = packed + <usize>panel * panelBytes;
      for (let depth = 0; depth < depthPanels; depth++) {
        const end = a + 32;
        while (a < end) {
          const b0 = v128.load(b), b1 = v128.load(b, 16);
          let s = v128.load32_splat(a);
          c00 = f32x4.add(c00, f32x4.mul(s, b0));
          c01 = f32x4.add(c01, f32x4.mul(s, b1));
          s = v128.load32_splat(a, 32);
          c10 = f32x4.add(c10, f32x4.mul(s, b0));
          c11 = f32x4.add(c11, f32x4.mul(s, b1));
          s = v128.load32_splat(a, 64);
          c20 = f32x4.add(c20, f32x4.mul(s, b0));
          c21 = f32x4.add(c21, f32x4.mul(s, b1));
          s = v128.load32_splat(a, 96);
          c30 = f32x4.add(c30, f32x4.mul(s, b0));
          c31 = f32x4.add(c31, f32x4.mul(s, b1));
          a += 4;
          b += 32;
        }
        a += <usize>(ROWS - 1) << 5;
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
 * sums [panel][column][8] += left^T values over some steps. left: [ROWS][columns] at each step, columns a multiple of 4;
 * values in panel order. Four columns by eight at a time.
 */
export function accumulatePanels(
  left: usize, leftStep: usize, columns: i32, values: usize, valuesStep: usize, panels: i32, steps: i32, sums: usize,
): void {
  const leftRow = <usize>columns << 2;
  for (let panel = 0; panel < panels; panel++) {
    for (let column = 0; column < columns; column += 4) {
      const sum = sums + (<usize>(panel * columns + column) << 5);
      let c00 = v128.load(sum), c01 = v128.load(sum, 16), c10 = v128.load(sum, 32), c11 = v128.load(sum, 48);
      let c20 = v128.load(sum, 64), c21 = v128.load(sum, 80), c30 = v128.load(sum, 96), c31 = v128.load(sum, 112);
      let leftHere = left + (<usize>column << 2);
      let valuesHere = values + (<usize>(panel * ROWS) << 5);
      for (let step = 0; step < steps; step++) {
        let a = leftHere, b = valuesHere;
        const end = b + (<usize>ROWS << 5);
        while (b < end) {
          const b0 = v128.load(b), b1 = v128.load(b, 16);
          let s = v128.load32_splat(a);
          c00 = f32x4.add(c00, f32x4.mul(s, b0));
          c01 = f32x4.add(c01, f32x4.mul(s, b1));
          s = v128.load32_splat(a, 4);
          c10 = f32x4.add(c10, f32x4.mul(s, b0));
          c11 = f32x4.add(c11, f32x4.mul(s, b1));
          s = v128.load32_splat(a, 8);
          c20 = f32x4.add(c20, f32x4.mul(s, b0));
          c21 = f32x4.add(c21, f32x4.mul(s, b1));
          s = v128.load32_splat(a, 12);
          c30 = f32x4.add(c30, f32x4.mul(s, b0));
          c31 = f32x4.add(c31, f32x4.mul(s, b1));
          a += leftRow;
          b += 32;
        }
        leftHere += leftStep;
        valuesHere += valuesStep;
      }
      v128.store(sum, c00);
      v128.store(sum, c01, 16);
      v128.store(sum, c10, 32);
      v128.store(sum, c11, 48);
      v128.store(sum, c20, 64);
      v128.store(sum, c21, 80);
      v128.store(sum, c30, 96);
      v128.store(sum, c31, 112);
    }
  }
}
