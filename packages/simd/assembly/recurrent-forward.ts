// A whole sequence through a GRU or a SimpleRNN, one chunk of rows at a time. At a masked step h is carried over.
// Arguments beyond 0..8: 9 x [batch, time, inputs], 10 W and U in panels, 11 scratch of the first thread
// for packed operands, 12 packed b, 13 h0 or 0, 14 output of all steps or 0,
// 15 last h.
import { integer, pointer, roundUp } from "./args";
import { gruStep } from "./gru";
import { loadRows, storeRows } from "./lstm-forward";
import { BATCH, FLAGS, INPUT_MASK, INPUTS, KEPT, ROWS, STATE_MASK, TIME, UNITS, markRows } from "./lstm-layout";
import { BACKWARDS, GRU, RESERVE, gateStep, gatesAt, inputStep, keptBytes, maskedAt, rowMaskAt, statesAt, unitStep } from "./recurrent-layout";
import { packOperand } from "./recurrent-products";
import { rnnStep } from "./rnn";
import { thread } from "./thread";

/** The whole sequence of one chunk of rows. */
export function recurrentForward(chunk: i32): void {
  const batch = integer(BATCH), time = integer(TIME), inputs = integer(INPUTS), units = integer(UNITS), flags = integer(FLAGS);
  const paddedInputs = roundUp(inputs, 4), padded = roundUp(units, 8);
  const many = (flags & RESERVE) != 0; // each step has a place of its own
  const left = pointer(11) + <usize>thread() * (<usize>(ROWS * (inputs + units)) << 2);
  const base = pointer(KEPT) + <usize>chunk * keptBytes();
  const gates = base + gatesAt(), states = base + statesAt(), rowMask = base + rowMaskAt();
  const stateMask = pointer(STATE_MASK);
  const operands = stateMask == 0 ? states : base + maskedAt();

  const row0 = chunk * ROWS;
  const rows = batch - row0 < ROWS ? batch - row0 : ROWS;
  const unitsBytes = <usize>units << 2, sequence = <usize>(time * units) << 2, rowUnits = <usize>row0 * unitsBytes;
  const factor = stateMask == 0 ? 0 : stateMask + rowUnits;
  const inputMask = pointer(INPUT_MASK) == 0 ? 0 : pointer(INPUT_MASK) + (<usize>(row0 * inputs) << 2);
  const h0 = pointer(13), output = pointer(14);
  loadRows(h0 == 0 ? 0 : h0 + rowUnits, unitsBytes, 0, states, rows, units, padded);
  if (factor != 0) loadRows(h0 == 0 ? 0 : h0 + rowUnits, unitsBytes, factor, operands, rows, units, padded);

  for (let step = 0; step < time; step++) {
    const t = (flags & BACKWARDS) != 0 ? time - 1 - step : step;
    const place = <usize>(many ? step : 0);
    const from = <usize>(many ? step : step & 1) * unitStep();
    const to = <usize>(many ? step + 1 : (step + 1) & 1) * unitStep();
    const x = base + place * inputStep(), here = gates + place * gateStep();
    const source = pointer(9) + (<usize>((row0 * time + t) * inputs) << 2);
    loadRows(source, <usize>(time * inputs) << 2, inputMask, x, rows, inputs, paddedInputs);
    markRows(rowMask, row0, time, t);
    packOperand(x, paddedInputs, left, inputs + units, 0, inputs);
    packOperand(operands + from, padded, left, inputs + units, inputs, units);
    const weights = pointer(10), bias = pointer(12);
    if ((flags & GRU) != 0) {
      gruStep(left, inputs, operands + from, states + from, states + to, here, units, weights, bias, rowMask, flags);
    } else {
      rnnStep(left, inputs, states + from, states + to, here, units, weights, bias, rowMask, flags);
    }
    if (factor != 0) loadRows(states + to, <usize>padded << 2, factor, operands + to, rows, units, padded);
    if (output != 0) {
      storeRows(states + to, padded, output + <usize>row0 * sequence + <usize>step * unitsBytes, sequence, rows, units);
    }
  }
  const last = <usize>(many ? time : time & 1) * unitStep();
  storeRows(states + last, padded, pointer(15) + rowUnits, unitsBytes, rows, units);
}
