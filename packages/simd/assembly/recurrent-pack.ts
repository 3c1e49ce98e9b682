// Puts weights [rows, gates * units] in the order in which the loops of the GRU and the SimpleRNN read them, and their gradients back.
// Blocks are gates in the kernels' order; block b is gate (b + shift) % gates of the weights.
import { integer, pointer, roundUp } from "./args";

/** Numbers of a panel that are there: 8, fewer at the end of a gate. */
// @ts-ignore: decorator
@inline
function columnsOf(unit: i32, units: i32): i32 {
  return units - unit < 8 ? units - unit : 8;
}

/**
 * One panel: [rows, gates * units] -> rows from `first` on of [all][8].
 * Arguments: 0 source, 1 target, 2 rows, 3 units, 4 gates, 5 shift, 6 first, 7 all.
 */
export function packPanels(chunk: i32): void {
  const rows = integer(2), units = integer(3), gates = integer(4), panels = roundUp(units, 8) >> 3;
  const gate = (chunk / panels + integer(5)) % gates, unit = (chunk % panels) * 8, columns = columnsOf(unit, units);
  const stride = <usize>(gates * units) << 2;
  let from = pointer(0) + (<usize>(gate * units + unit) << 2);
  let to = pointer(1) + (<usize>(chunk * integer(7) + integer(6)) << 5);
  for (let row = 0; row < rows; row++, from += stride, to += 32) {
    if (columns == 8) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
    } else {
      for (let column = 0; column < 8; column++) {
        store<f32>(to + (<usize>column << 2), column < columns ? load<f32>(from + (<usize>column << 2)) : 0);
      }
    }
  }
}

/** One panel of 8 rows of the weights: the transpose, [block][padded units][8]. Arguments 0 to 5 as for `packPanels`. */
export function packTransposed(chunk: i32): void {
  const rows = integer(2), units = integer(3), gates = integer(4), padded = roundUp(units, 8);
  let to = pointer(1) + (<usize>(chunk * gates * padded) << 5);
  for (let block = 0; block < gates; block++) {
    const gate = (block + integer(5)) % gates;
    for (let unit = 0; unit < padded; unit++) {
      for (let r = 0; r < 8; r++, to += 4) {
        const row = chunk * 8 + r;
        const there = row < rows && unit < units;
        store<f32>(to, there ? load<f32>(pointer(0) + (<usize>((row * gates + gate) * units + unit) << 2)) : 0);
      }
    }
  }
}

/**
 * One panel of a weight's gradient: adds the partial sums [panel][padded rows][8] of the groups in their order.
 * Arguments: 0 sums, 1 target [rows, gates * units], 2 rows, 3 units, 4 gates, 5 shift, 6 groups, 7 bytes from one group's sums to
 * the next's, 8 padded rows.
 */
export function reducePanels(chunk: i32): void {
  const rows = integer(2), units = integer(3), gates = integer(4), groups = integer(6), panels = roundUp(units, 8) >> 3;
  const gate = (chunk / panels + integer(5)) % gates, unit = (chunk % panels) * 8, columns = columnsOf(unit, units);
  const stride = <usize>(gates * units) << 2;
  let to = pointer(1) + (<usize>(gate * units + unit) << 2);
  let base = pointer(0) + (<usize>(chunk * integer(8)) << 5);
  for (let row = 0; row < rows; row++, base += 32, to += stride) {
    if (columns == 8) {
      let left = v128.load(base), right = v128.load(base, 16), from = base;
      for (let group = 1; group < groups; group++) {
        from += pointer(7);
        left = f32x4.add(left, v128.load(from));
        right = f32x4.add(right, v128.load(from, 16));
      }
      v128.store(to, left);
      v128.store(to, right, 16);
      continue;
    }
    for (let column = 0; column < columns; column++) {
      let from = base + (<usize>column << 2), sum = load<f32>(from);
      for (let group = 1; group < groups; group++) sum += load<f32>((from += pointer(7)));
      store<f32>(to + (<usize>column << 2), sum);
    }
  }
}
