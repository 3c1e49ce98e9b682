// The gradient of a whole sequence through a GRU or a SimpleRNN, by backpropagation through time, one chunk of rows at a time.
//
// The gradient of the gates takes the place of the kept gates, for the products that follow: dW and dU (summed over chunks later),
// dh at each step, dx. Arguments beyond 0..8: 9 packed W^T, 10 packed U^T, 11 gradient of all outputs or 0, 12 of the last h or 0,
// 13 dx or 0, 14 dh0, 15 sums, 16 scratch, 17 groups.
import { integer, pointer, roundUp } from "./args";
import { gruStepGradient } from "./gru";
import { addRows } from "./lstm-backward";
import { loadRows, storeRows } from "./lstm-forward";
import { BATCH, FLAGS, INPUT_MASK, INPUTS, KEPT, ROWS, STATE_MASK, TIME, UNITS, lstmChunks, markRows } from "./lstm-layout";
import {
  AFTER, BACKWARDS, GRU, biasSumsAt, gateStep, gatesAt, inputStep, keptBytes, maskedAt, recurrentScratchBytes, recurrentSumBytes,
  recurrentSumsAt, rowMaskAt, statesAt, unitStep, weightGates,
} from "./recurrent-layout";
import { accumulatePanels, timesPanels } from "./recurrent-products";
import { rnnStepGradient } from "./rnn";

/** Steps after which the weight gradients are brought up to date: few enough that their operands are still in the cache. */
const STRETCH: i32 = 16;

/** dh += product, times the dropout mask of the state, for the rows that count. */
function carryBack(product: usize, dh: usize, padded: i32, rowMask: usize, factor: usize, units: i32): void {
  for (let row = 0; row < ROWS; row++) {
    if (load<i32>(rowMask + (<usize>row << 2)) == 0) continue;
    const start = <usize>(row * padded) << 2, source = product + start, target = dh + start;
    if (factor == 0) {
      for (let p: usize = 0; p < <usize>padded << 2; p += 16) {
        v128.store(target + p, f32x4.add(v128.load(target + p), v128.load(source + p)));
      }
    } else {
      for (let unit = 0; unit < units; unit++) {
        const p = <usize>unit << 2;
        const scaled = load<f32>(source + p) * load<f32>(factor + (<usize>(row * units) << 2) + p);
        store<f32>(target + p, load<f32>(target + p) + scaled);
      }
    }
  }
}

/** dx of some steps of a chunk, from the gradient that stands in place of its gates. */
function inputGradient(chunk: i32, gates: usize, product: usize, from: i32, to: i32): void {
  const batch = integer(BATCH), time = integer(TIME), inputs = integer(INPUTS), flags = integer(FLAGS);
  const depth = weightGates(flags) * (roundUp(integer(UNITS), 8) >> 3), wide = roundUp(inputs, 8);
  const row0 = chunk * ROWS;
  const rows = batch - row0 < ROWS ? batch - row0 : ROWS;
  const stride = <usize>(time * inputs) << 2;
  const inputMask = pointer(INPUT_MASK);
  for (let step = from; step < to; step++) {
    const t = (flags & BACKWARDS) != 0 ? time - 1 - step : step;
    timesPanels(gates + <usize>step * gateStep(), depth, pointer(9), <usize>depth << 8, wide >> 3, product);
    if (inputMask != 0) {
      const factor = inputMask + (<usize>(row0 * inputs) << 2);
      loadRows(product, <usize>wide << 2, factor, product, rows, inputs, wide);
    }
    storeRows(product, wide, pointer(13) + <usize>row0 * stride + (<usize>(t * inputs) << 2), stride, rows, inputs);
  }
}

/** dx of a chunk whose gradient of the gates is there already. */
export function recurrentInputBackward(chunk: i32): void {
  const base = pointer(KEPT) + <usize>chunk * keptBytes();
  const scratch = pointer(16) + <usize>chunk * recurrentScratchBytes(integer(INPUTS), integer(UNITS));
  inputGradient(chunk, base + gatesAt(), scratch, 0, integer(TIME));
}

/** The chunks of one group, in their order, into the group's sums. */
export function recurrentBackward(group: i32): void {
  const groups = integer(17), bytes = recurrentSumBytes(integer(INPUTS), integer(UNITS), integer(FLAGS));
  const sums = pointer(15) + <usize>group * bytes;
  memory.fill(sums, 0, bytes);
  const chunks = lstmChunks(integer(BATCH));
  for (let chunk = group; chunk < chunks; chunk += groups) backwardChunk(chunk, sums);
}

/** The weight gradients of some steps. */
function weightGradients(base: usize, operands: usize, gates: usize, step: i32, count: i32, sums: usize): void {
  const inputs = integer(INPUTS), units = integer(UNITS), flags = integer(FLAGS);
  const padded = roundUp(units, 8), panels = padded >> 3, gate = unitStep();
  const here = gates + <usize>step * gateStep(), operand = operands + <usize>step * unitStep();
  const recurrent = sums + recurrentSumsAt(inputs, units, flags);
  const x = base + <usize>step * inputStep();
  accumulatePanels(x, inputStep(), roundUp(inputs, 4), here, gateStep(), weightGates(flags) * panels, count, sums);
  if ((flags & GRU) == 0) {
    accumulatePanels(operand, unitStep(), padded, here, gateStep(), panels, count, recurrent);
  } else if ((flags & AFTER) != 0) {
    accumulatePanels(operand, unitStep(), padded, here + gate, gateStep(), 3 * panels, count, recurrent);
  } else {
    accumulatePanels(operand, unitStep(), padded, here + gate, gateStep(), 2 * panels, count, recurrent);
    const candidate = recurrent + (<usize>(2 * panels * padded) << 5);
    accumulatePanels(here + 3 * gate, gateStep(), padded, here, gateStep(), panels, count, candidate);
  }
}

function backwardChunk(chunk: i32, sums: usize): void {
  const batch = integer(BATCH), time = integer(TIME), inputs = integer(INPUTS), units = integer(UNITS), flags = integer(FLAGS);
  const padded = roundUp(units, 8);
  const base = pointer(KEPT) + <usize>chunk * keptBytes();
  const gates = base + gatesAt(), states = base + statesAt(), rowMask = base + rowMaskAt();
  const stateMask = pointer(STATE_MASK);
  const operands = stateMask == 0 ? states : base + maskedAt();
  const dh = pointer(16) + <usize>chunk * recurrentScratchBytes(inputs, units), products = dh + unitStep();
  const bias = sums + biasSumsAt(inputs, units, flags);

  const row0 = chunk * ROWS;
  const rows = batch - row0 < ROWS ? batch - row0 : ROWS;
  const unitsBytes = <usize>units << 2, sequence = <usize>(time * units) << 2, rowUnits = <usize>row0 * unitsBytes;
  const all = pointer(11), last = pointer(12);
  const factor = stateMask == 0 ? 0 : stateMask + rowUnits;
  loadRows(last == 0 ? 0 : last + rowUnits, unitsBytes, 0, dh, rows, units, padded);

  let end = time;
  for (let step = time - 1; step >= 0; step--) {
    const t = (flags & BACKWARDS) != 0 ? time - 1 - step : step;
    markRows(rowMask, row0, time, t);
    if (all != 0) addRows(all + <usize>row0 * sequence + <usize>step * unitsBytes, sequence, dh, rows, units, padded);
    const here = gates + <usize>step * gateStep(), at = <usize>step * unitStep();
    if ((flags & GRU) != 0) {
      gruStepGradient(here, operands + at, states + at, dh, units, pointer(10), products, bias, rowMask, flags);
      if ((flags & AFTER) == 0) carryBack(products + unitStep(), dh, padded, rowMask, factor, units);
    } else {
      rnnStepGradient(here, dh, units, pointer(10), products, bias, rowMask, flags);
    }
    carryBack(products, dh, padded, rowMask, factor, units);
    if (step % STRETCH == 0) {
      weightGradients(base, operands, gates, step, end - step, sums);
      if (pointer(13) != 0) inputGradient(chunk, gates, products, step, end);
      end = step;
    }
  }
  storeRows(dh, padded, pointer(14) + rowUnits, unitsBytes, rows, units);
}
