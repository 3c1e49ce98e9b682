// The three matrix products of the GRU and the SimpleRNN, on values in panel order. Tiles hold 8 accumulators.
import { ROWS } from "./lstm-layout";

/**
 * to [panel][ROWS][8] = bias + x W + h U, for panels of W and U in the order [panel][depth][8]; a depth of 0 leaves a product out.
 * Four rows by eight columns at a time. Four rows that are all masked are left as they are.
 */
export function multiply(
  panels: i32, bias: usize, x: usize, inputs: i32, w: usize, h: usize, units: i32, paddedUnits: i32, u: usize, to: usize,
  rowMask: usize, paddedInputs: i32,
): void {
  for (let panel = 0; panel < panels; panel++, bias += 32) {
    const wPanel = w + (<usize>(panel * inputs) << 5), uPanel = u + (<usize>(panel * units) << 5);
    for (let r = 0; r < ROWS; r += 4) {
      if ((load<u64>(rowMask + (<usize>r << 2)) | load<u64>(rowMask + (<usize>r << 2), 8)) == 0) continue;
      let c00 = v128.load(bias), c01 = v128.load(bias, 16);
      let c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01;
      let a = x, stride = <usize>paddedInputs << 2, b = wPanel, end = wPanel + (<usize>inputs << 5);
      for (let part = 0; part < 2; part++) {
        a += <usize>r * stride;
        let a1 = a + stride, a2 = a1 + stride, a3 = a2 + stride;
        // Not unrolled by hand: V8 does it, and better, while the body is small.
        while (b < end) {
          const b0 = v128.load(b), b1 = v128.load(b, 16);
          let s = v128.load32_splat(a);
          c00 = f32x4.add(c00, f32x4.mul(s, b0));
          c01 = f32x4.add(c01, f32x4.mul(s, b1));
          s = v128.load32_splat(a1);
          c10 = f32x4.add(c10, f32x4.mul(s, b0));
          c11 = f32x4.add(c11, f32x4.mul(s, b1));
          s = v128.load32_splat(a2);
          c20 = f32x4.add(c20, f32x4.mul(s, b0));
          c21 = f32x4.add(c21, f32x4.mul(s, b1));
          s = v128.load32_splat(a3);
          c30 = f32x4.add(c30, f32x4.mul(s, b0));
          c31 = f32x4.add(c31, f32x4.mul(s, b1));
          a += 4, a1 += 4, a2 += 4, a3 += 4;
          b += 32;
        }
        a = h, stride = <usize>paddedUnits << 2, b = uPanel, end = uPanel + (<usize>units << 5);
      }
      const at = to + (<usize>(panel * ROWS + r) << 5);
      v128.store(at, c00);
      v128.store(at, c01, 16);
      v128.store(at, c10, 32);
      v128.store(at, c11, 48);
      v128.store(at, c20, 64);
      v128.store(at, c21, 80);
      v128.store(at, c30, 96);
      v128.store(at, c31, 112);
    }
  }
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
