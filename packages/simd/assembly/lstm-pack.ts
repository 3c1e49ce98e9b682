// Puts the weights of an LSTM in the order in which its loops read them. Keras' order is [rows][i units, f units, c units, o units].
import { integer, pointer, roundUp } from "./args";

/** One row of four lanes, zeros beyond the last unit. */
// @ts-ignore: decorator
@inline
function lanes(source: usize, from: i32, units: i32): v128 {
  if (from + 4 <= units) return v128.load(source);
  let value = f32x4.splat(0);
  const left = units - from;
  if (left > 0) value = f32x4.replace_lane(value, 0, load<f32>(source));
  if (left > 1) value = f32x4.replace_lane(value, 1, load<f32>(source, 4));
  if (left > 2) value = f32x4.replace_lane(value, 2, load<f32>(source, 8));
  return value;
}

/**
 * For one block of units: [rows, 4 * units] -> two panels of i, f and c, o: rows from `first` on of [all][8], zeros in padding ones.
 * Arguments: 0 source, 1 target, 2 rows, 3 units, 4 padded rows, 5 first, 6 all.
 */
export function packForward(chunk: i32): void {
  const source = pointer(0);
  const rows = integer(2);
  const units = integer(3);
  const paddedRows = integer(4);
  const unit = chunk << 2;
  const panel = <usize>integer(6) << 5;
  let to = pointer(1) + <usize>(2 * chunk) * panel + (<usize>integer(5) << 5);
  for (let row = 0; row < paddedRows; row++, to += 32) {
    for (let gate = 0; gate < 4; gate++) {
      const from = source + (<usize>((row * 4 + gate) * units + unit) << 2);
      const at = to + <usize>(gate >> 1) * panel + (<usize>(gate & 1) << 4);
      v128.store(at, row < rows ? lanes(from, unit, units) : f32x4.splat(0));
    }
  }
}

/**
 * For one panel of 8 rows of [rows, 4 * units]: the transpose, [block][gate][lane][8 rows], so that the gradient of the gates
 * times the transposed weights reads it front to back. Arguments: source, target, rows, units.
 */
export function packBackward(chunk: i32): void {
  const source = pointer(0);
  const rows = integer(2);
  const units = integer(3);
  const blocks = roundUp(units, 4) >> 2;
  let to = pointer(1) + (<usize>(chunk * blocks) << 9);
  for (let block = 0; block < blocks; block++) {
    for (let gate = 0; gate < 4; gate++) {
      for (let lane = 0; lane < 4; lane++) {
        const unit = block * 4 + lane;
        for (let r = 0; r < 8; r++) {
          const row = chunk * 8 + r;
          const value = row < rows && unit < units ? load<f32>(source + (<usize>((row * 4 + gate) * units + unit) << 2)) : 0;
          store<f32>(to, value);
          to += 4;
        }
      }
    }
  }
}

/**
 * For one block of units: adds the partial sums in their order and puts them back in Keras order.
 * Arguments: sums [group][block][padded inputs + padded units + 1][16], groups, inputs, units, dW, dU, db (each may be absent).
 */
export function reduceWeights(chunk: i32): void {
  const groups = integer(1);
  const inputs = integer(2);
  const units = integer(3);
  const paddedInputs = roundUp(inputs, 4);
  const paddedUnits = roundUp(units, 4);
  const rows = paddedInputs + paddedUnits + 1;
  const stride = <usize>((paddedUnits >> 2) * rows) << 6; // bytes from one group's sums to the next's
  const base = pointer(0) + (<usize>(chunk * rows) << 6);
  const unit = chunk << 2;
  for (let row = 0; row < rows; row++) {
    let to: usize;
    let line: i32;
    if (row < paddedInputs) {
      to = pointer(4);
      line = row;
      if (row >= inputs) continue;
    } else if (row < paddedInputs + paddedUnits) {
      to = pointer(5);
      line = row - paddedInputs;
      if (line >= units) continue;
    } else {
      to = pointer(6);
      line = 0;
    }
    if (to == 0) continue;
    for (let gate = 0; gate < 4; gate++) {
      let from = base + (<usize>row << 6) + (<usize>gate << 4);
      let sum = v128.load(from);
      for (let group = 1; group < groups; group++) {
        from += stride;
        sum = f32x4.add(sum, v128.load(from));
      }
      const target = to + (<usize>((line * 4 + gate) * units + unit) << 2);
      if (unit + 4 <= units) {
        v128.store(target, sum);
      } else {
        store<f32>(target, f32x4.extract_lane(sum, 0));
        if (unit + 1 < units) store<f32>(target, f32x4.extract_lane(sum, 1), 4);
        if (unit + 2 < units) store<f32>(target, f32x4.extract_lane(sum, 2), 8);
      }
    }
  }
}
