// A whole sequence through an LSTM, one chunk of rows at a time (Hochreiter and Schmidhuber 1997; gates in Keras' order: i, f, c, o).
//
//   z = x_t W + h_{t-1} U + b;  i, f, o = sigmoid(z_i, z_f, z_o);  g = tanh(z_c);  c_t = f c_{t-1} + i g;  h_t = o tanh(c_t)
//
// At a masked step c and h are carried over. Arguments beyond the shared ones: 9 x [batch, time, inputs], 10 W and U in
// panels, 11 scratch of the first thread for packed operands, 12 packed b, 13 h0, 14 c0, 15 output of all steps or 0, 16 last h, 17 last c.
import { integer, pointer, roundUp } from "./args";
import {
  BACKWARDS, BATCH, FLAGS, HARD, INPUT_MASK, INPUTS, KEPT, ROWS, STATE_MASK, TIME, UNITS,
  activatedOffset, cellsOffset, gatesOffset, kind, lstmKeptBytes, markRows, maskedOffset, rowMaskOffset, statesOffset, steps,
} from "./lstm-layout";
import { gate4, hardSigmoid4, tanh16, tanh4 } from "./math";
import { multiply, packOperand } from "./recurrent-products";
import { thread } from "./thread";

// @ts-ignore: decorator
@inline
export function activate(value: v128, activation: i32): v128 {
  if (activation == 0) return tanh4(value);
  if (activation == 1) return f32x4.max(value, f32x4.splat(0));
  return activation == 3 ? gate4(value) : value;
}

// @ts-ignore: decorator
@inline
function sigmoid(value: v128, hard: bool): v128 {
  return hard ? hardSigmoid4(value) : gate4(value);
}

/** Copies rows of `width` columns, times a dropout mask if there is one; further columns and rows beyond the batch become zeros. */
export function loadRows(from: usize, fromStride: usize, scale: usize, to: usize, rows: i32, width: i32, padded: i32): void {
  for (let r = 0; r < ROWS; r++) {
    const source = from + <usize>r * fromStride;
    const target = to + (<usize>(r * padded) << 2);
    if (r >= rows || from == 0) {
      memory.fill(target, 0, <usize>padded << 2);
      continue;
    }
    let column = 0;
    if (scale == 0) {
      for (; column + 4 <= width; column += 4) {
        v128.store(target + (<usize>column << 2), v128.load(source + (<usize>column << 2)));
      }
      for (; column < width; column++) store<f32>(target + (<usize>column << 2), load<f32>(source + (<usize>column << 2)));
    } else {
      const factor = scale + (<usize>(r * width) << 2);
      for (; column < width; column++) {
        const at = <usize>column << 2;
        store<f32>(target + at, load<f32>(source + at) * load<f32>(factor + at));
      }
    }
    for (; column < padded; column++) store<f32>(target + (<usize>column << 2), 0);
  }
}

/** Copies the rows of a chunk that are in the batch from `padded` columns to an array of `width` columns. */
export function storeRows(from: usize, padded: i32, to: usize, toStride: usize, rows: i32, width: i32): void {
  for (let r = 0; r < rows; r++) {
    const source = from + (<usize>(r * padded) << 2);
    const target = to + <usize>r * toStride;
    let column = 0;
    for (; column + 4 <= width; column += 4) {
      v128.store(target + (<usize>column << 2), v128.load(source + (<usize>column << 2)));
    }
    for (; column < width; column++) store<f32>(target + (<usize>column << 2), load<f32>(source + (<usize>column << 2)));
  }
}

/** Gates of one row of one block, in place of z. */
// @ts-ignore: decorator
@inline
function gateLine(line: usize, hard: bool, activation: i32): void {
  if (!hard && activation == 0) {
    tanh16(line, line, true);
    return;
  }
  v128.store(line, sigmoid(v128.load(line), hard));
  v128.store(line, sigmoid(v128.load(line, 16), hard), 16);
  v128.store(line, activate(v128.load(line, 32), activation), 32);
  v128.store(line, sigmoid(v128.load(line, 48), hard), 48);
}

/** Gates, cells and states of one step for all rows, once z is there. `activated` gets the activation of the cells. */
function advance(
  gates: usize, blocks: i32, cellBefore: usize, cell: usize, activated: usize, stateBefore: usize, state: usize, rowMask: usize,
  hard: bool, activation: i32,
): void {
  const stride = <usize>blocks << 4;
  for (let block = 0; block < blocks; block++) {
    for (let r = 0; r < ROWS; r++) {
      const at = <usize>r * stride + (<usize>block << 4);
      const before = v128.load(cellBefore + at);
      if (load<i32>(rowMask + (<usize>r << 2)) == 0) {
        v128.store(cell + at, before);
        continue;
      }
      const line = gates + (<usize>(block * ROWS + r) << 6);
      gateLine(line, hard, activation);
      const kept = f32x4.mul(v128.load(line, 16), before);
      v128.store(cell + at, f32x4.add(kept, f32x4.mul(v128.load(line), v128.load(line, 32))));
    }
  }
  const size = <usize>ROWS * stride;
  if (activation == 0) {
    for (let at: usize = 0; at < size; at += 64) tanh16(cell + at, activated + at, false);
  } else {
    for (let at: usize = 0; at < size; at += 16) v128.store(activated + at, activate(v128.load(cell + at), activation));
  }
  for (let block = 0; block < blocks; block++) {
    for (let r = 0; r < ROWS; r++) {
      const at = <usize>r * stride + (<usize>block << 4);
      const counts = load<i32>(rowMask + (<usize>r << 2)) != 0;
      const o = gates + (<usize>(block * ROWS + r) << 6) + 48;
      v128.store(state + at, counts ? f32x4.mul(v128.load(o), v128.load(activated + at)) : v128.load(stateBefore + at));
    }
  }
}

/** The whole sequence of one chunk of rows. */
export function lstmForward(chunk: i32): void {
  const batch = integer(BATCH), time = integer(TIME), inputs = integer(INPUTS), units = integer(UNITS), flags = integer(FLAGS);
  const paddedInputs = roundUp(inputs, 4), paddedUnits = roundUp(units, 4), blocks = paddedUnits >> 2;
  const hard = (flags & HARD) != 0, activation = kind(flags);
  const many = steps(time, flags) == time && time > 1 ? 1 : 0; // each step has a place of its own
  const rowsOfPanel = paddedInputs + paddedUnits;
  const left = pointer(11) + <usize>thread() * (<usize>(ROWS * rowsOfPanel) << 2);
  const base = pointer(KEPT) + <usize>chunk * lstmKeptBytes(time, inputs, units, flags);
  const gates = base + gatesOffset(time, inputs, flags);
  const cells = base + cellsOffset(time, inputs, units, flags);
  const activatedCells = base + activatedOffset(time, inputs, units, flags);
  const states = base + statesOffset(time, inputs, units, flags);
  const stateMask = pointer(STATE_MASK);
  const masked = stateMask == 0 ? states : base + maskedOffset(time, inputs, units, flags);
  const rowMask = base + rowMaskOffset(time, inputs, units, flags);
  const inputStep = <usize>(ROWS * paddedInputs) << 2, unitStep = <usize>(ROWS * paddedUnits) << 2, gateStep = unitStep << 2;

  const row0 = chunk * ROWS;
  const rows = batch - row0 < ROWS ? batch - row0 : ROWS;
  const unitsBytes = <usize>units << 2, sequence = <usize>(time * units) << 2;
  const rowUnits = <usize>row0 * unitsBytes;
  const h0 = pointer(13), c0 = pointer(14);
  loadRows(h0 == 0 ? 0 : h0 + rowUnits, unitsBytes, 0, states, rows, units, paddedUnits);
  loadRows(c0 == 0 ? 0 : c0 + rowUnits, unitsBytes, 0, cells, rows, units, paddedUnits);
  const factor = stateMask == 0 ? 0 : stateMask + rowUnits;
  if (factor != 0) loadRows(h0 == 0 ? 0 : h0 + rowUnits, unitsBytes, factor, masked, rows, units, paddedUnits);
  const inputMask = pointer(INPUT_MASK) == 0 ? 0 : pointer(INPUT_MASK) + (<usize>(row0 * inputs) << 2);
  const output = pointer(15);
  const last = many ? time : time & 1;

  for (let step = 0; step < time; step++) {
    const t = (flags & BACKWARDS) != 0 ? time - 1 - step : step;
    const at = <usize>(many ? step : 0);
    const from = <usize>(many ? step : step & 1);
    const to = <usize>(many ? step + 1 : (step + 1) & 1);
    const x = base + at * inputStep;
    const here = pointer(9) + (<usize>((row0 * time + t) * inputs) << 2);
    loadRows(here, <usize>(time * inputs) << 2, inputMask, x, rows, inputs, paddedInputs);
    markRows(rowMask, row0, time, t);
    const stateBefore = states + from * unitStep, stateAfter = states + to * unitStep;
    const operand = factor == 0 ? stateBefore : masked + from * unitStep;
    const z = gates + at * gateStep;
    packOperand(x, paddedInputs, left, rowsOfPanel, 0, paddedInputs);
    packOperand(operand, paddedUnits, left, rowsOfPanel, paddedInputs, paddedUnits);
    multiply(2 * blocks, pointer(12), left, pointer(10), rowsOfPanel, 0, rowsOfPanel, z, 2, rowMask);
    advance(
      z, blocks, cells + from * unitStep, cells + to * unitStep, activatedCells + at * unitStep, stateBefore, stateAfter, rowMask,
      hard, activation,
    );
    if (factor != 0) {
      for (let r = 0; r < ROWS; r++) {
        for (let unit = 0; unit < paddedUnits; unit++) {
          const p = <usize>(r * paddedUnits + unit) << 2;
          const keep: f32 = r < rows && unit < units ? load<f32>(factor + (<usize>(r * units + unit) << 2)) : 0;
          store<f32>(masked + to * unitStep + p, load<f32>(stateAfter + p) * keep);
        }
      }
    }
    if (output != 0) {
      storeRows(stateAfter, paddedUnits, output + <usize>row0 * sequence + <usize>step * unitsBytes, sequence, rows, units);
    }
  }
  storeRows(states + <usize>last * unitStep, paddedUnits, pointer(16) + rowUnits, unitsBytes, rows, units);
  storeRows(cells + <usize>last * unitStep, paddedUnits, pointer(17) + rowUnits, unitsBytes, rows, units);
}
