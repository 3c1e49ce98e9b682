// The gradient of a whole sequence through an LSTM, by backpropagation through time, one chunk of rows at a time.
//
// The gradient of the gates, dz, takes the place of the kept gates, so it stays in panel order for the products that follow:
// dW = x^T dz and dU = h^T dz (summed over chunks later), dh = dz U^T at each step, dx = dz W^T.
// Arguments beyond the shared ones: 9 packed W^T or 0, 10 packed U^T, 11 gradient of all outputs or 0, 12 of the last h or 0,
// 13 of the last c or 0, 14 dx or 0, 15 dh0, 16 dc0, 17 sums, 18 scratch, 19 groups.
import { integer, pointer, roundUp } from "./args";
import {
  BACKWARDS, BATCH, FLAGS, HARD, INPUT_MASK, INPUTS, KEPT, ROWS, STATE_MASK, TIME, UNITS,
  activatedOffset, cellsOffset, gatesOffset, kind, lstmChunks, lstmKeptBytes, markRows, maskedOffset, rowMaskOffset, statesOffset,
} from "./lstm-layout";
import { loadRows, storeRows } from "./lstm-forward";
import { accumulateWeights, timesTransposed } from "./lstm-products";

/** Steps after which the weight gradients are brought up to date: few enough that their operands are still in the cache. */
const STRETCH: i32 = 16;

/** Bytes of scratch for one chunk: gradients of h and c, and a product. */
export function lstmScratchBytes(inputs: i32, units: i32): usize {
  const wide = roundUp(inputs > units ? inputs : units, 8);
  return <usize>(ROWS * (2 * roundUp(units, 4) + wide)) << 2;
}

/** Derivative of a gate by its input, from its value. */
// @ts-ignore: decorator
@inline
function sigmoidSlope(value: v128, hard: bool): v128 {
  const one = f32x4.splat(1);
  if (!hard) return f32x4.mul(value, f32x4.sub(one, value));
  return v128.and(f32x4.splat(0.2), v128.and(f32x4.gt(value, f32x4.splat(0)), f32x4.lt(value, one)));
}

// @ts-ignore: decorator
@inline
function slope(value: v128, activation: i32): v128 {
  const one = f32x4.splat(1);
  if (activation == 0) return f32x4.sub(one, f32x4.mul(value, value));
  if (activation == 1) return v128.and(one, f32x4.gt(value, f32x4.splat(0)));
  return activation == 3 ? f32x4.mul(value, f32x4.sub(one, value)) : one;
}

/** dz of one block at one step, in place of its gates; dc becomes that of the cell before; dz is added to the bias sum. */
function gateGradient(
  gates: usize, cellBefore: usize, activatedCell: usize, dh: usize, dc: usize, stride: usize, rowMask: usize, biasSum: usize,
  hard: bool, activation: i32,
): void {
  let b0 = v128.load(biasSum), b1 = v128.load(biasSum, 16), b2 = v128.load(biasSum, 32), b3 = v128.load(biasSum, 48);
  const zero = f32x4.splat(0);
  for (let r = 0; r < ROWS; r++) {
    const g = gates + (<usize>r << 6);
    const row = <usize>r * stride;
    if (load<i32>(rowMask + (<usize>r << 2)) == 0) {
      v128.store(g, zero);
      v128.store(g, zero, 16);
      v128.store(g, zero, 32);
      v128.store(g, zero, 48);
      continue;
    }
    const i = v128.load(g), f = v128.load(g, 16), c = v128.load(g, 32), o = v128.load(g, 48);
    const activated = v128.load(activatedCell + row);
    const dhHere = v128.load(dh + row);
    const dcHere = f32x4.add(v128.load(dc + row), f32x4.mul(f32x4.mul(dhHere, o), slope(activated, activation)));
    const zi = f32x4.mul(f32x4.mul(dcHere, c), sigmoidSlope(i, hard));
    const zf = f32x4.mul(f32x4.mul(dcHere, v128.load(cellBefore + row)), sigmoidSlope(f, hard));
    const zc = f32x4.mul(f32x4.mul(dcHere, i), slope(c, activation));
    const zo = f32x4.mul(f32x4.mul(dhHere, activated), sigmoidSlope(o, hard));
    v128.store(dc + row, f32x4.mul(dcHere, f));
    v128.store(g, zi);
    v128.store(g, zf, 16);
    v128.store(g, zc, 32);
    v128.store(g, zo, 48);
    b0 = f32x4.add(b0, zi);
    b1 = f32x4.add(b1, zf);
    b2 = f32x4.add(b2, zc);
    b3 = f32x4.add(b3, zo);
  }
  v128.store(biasSum, b0);
  v128.store(biasSum, b1, 16);
  v128.store(biasSum, b2, 32);
  v128.store(biasSum, b3, 48);
}

/** dh += gradient of an output, for the rows that are in the batch. */
export function addRows(from: usize, fromStride: usize, to: usize, rows: i32, width: i32, padded: i32): void {
  for (let r = 0; r < rows; r++) {
    const source = from + <usize>r * fromStride;
    const target = to + (<usize>(r * padded) << 2);
    let column = 0;
    for (; column + 4 <= width; column += 4) {
      const p = <usize>column << 2;
      v128.store(target + p, f32x4.add(v128.load(target + p), v128.load(source + p)));
    }
    for (; column < width; column++) {
      const p = <usize>column << 2;
      store<f32>(target + p, load<f32>(target + p) + load<f32>(source + p));
    }
  }
}

/** dh of the step before: the product for rows that count (times the dropout mask of the state), the same dh for masked ones. */
function carryBack(
  product: usize, wide: i32, dh: usize, padded: i32, rowMask: usize, factor: usize, rows: i32, units: i32,
): void {
  for (let r = 0; r < ROWS; r++) {
    if (load<i32>(rowMask + (<usize>r << 2)) == 0) continue;
    const source = product + (<usize>(r * wide) << 2);
    const target = dh + (<usize>(r * padded) << 2);
    if (factor == 0) {
      for (let p: usize = 0; p < <usize>padded << 2; p += 16) v128.store(target + p, v128.load(source + p));
    } else {
      for (let unit = 0; unit < units; unit++) {
        const p = <usize>unit << 2;
        store<f32>(target + p, load<f32>(source + p) * load<f32>(factor + (<usize>(r * units) << 2) + p));
      }
    }
  }
}

/** dx of some steps of a chunk, from the dz that stands in place of its gates. */
function inputGradient(chunk: i32, gates: usize, product: usize, from: i32, to: i32): void {
  const batch = integer(BATCH), time = integer(TIME), inputs = integer(INPUTS), units = integer(UNITS), flags = integer(FLAGS);
  const blocks = roundUp(units, 4) >> 2, wide = roundUp(inputs, 8);
  const row0 = chunk * ROWS;
  const rows = batch - row0 < ROWS ? batch - row0 : ROWS;
  const stride = <usize>(time * inputs) << 2;
  const inputMask = pointer(INPUT_MASK);
  for (let step = from; step < to; step++) {
    const t = (flags & BACKWARDS) != 0 ? time - 1 - step : step;
    timesTransposed(gates + (<usize>(step * blocks * ROWS) << 6), blocks, pointer(9), wide >> 3, product);
    if (inputMask != 0) {
      for (let r = 0; r < rows; r++) {
        const factor = inputMask + (<usize>((row0 + r) * inputs) << 2);
        for (let column = 0; column < inputs; column++) {
          const p = product + (<usize>(r * wide + column) << 2);
          store<f32>(p, load<f32>(p) * load<f32>(factor + (<usize>column << 2)));
        }
      }
    }
    storeRows(product, wide, pointer(14) + <usize>row0 * stride + (<usize>(t * inputs) << 2), stride, rows, inputs);
  }
}

/** dx of a chunk whose gradient of the gates is there already. */
export function lstmInputBackward(chunk: i32): void {
  const time = integer(TIME), inputs = integer(INPUTS), units = integer(UNITS), flags = integer(FLAGS);
  const base = pointer(KEPT) + <usize>chunk * lstmKeptBytes(time, inputs, units, flags);
  const scratch = pointer(18) + <usize>chunk * lstmScratchBytes(inputs, units);
  inputGradient(chunk, base + gatesOffset(time, inputs, flags), scratch, 0, time);
}

/** The chunks of one group, in their order, into the group's sums. */
export function lstmBackward(group: i32): void {
  const groups = integer(19);
  const rows = roundUp(integer(INPUTS), 4) + roundUp(integer(UNITS), 4) + 1;
  const bytes = <usize>((roundUp(integer(UNITS), 4) >> 2) * rows) << 6;
  const sums = pointer(17) + <usize>group * bytes;
  memory.fill(sums, 0, bytes);
  const chunks = lstmChunks(integer(BATCH));
  for (let chunk = group; chunk < chunks; chunk += groups) backwardChunk(chunk, sums);
}

function backwardChunk(chunk: i32, sums: usize): void {
  const batch = integer(BATCH), time = integer(TIME), inputs = integer(INPUTS), units = integer(UNITS), flags = integer(FLAGS);
  const paddedInputs = roundUp(inputs, 4), paddedUnits = roundUp(units, 4), blocks = paddedUnits >> 2;
  const wide = roundUp(units, 8), sumRows = paddedInputs + paddedUnits + 1;
  const hard = (flags & HARD) != 0, activation = kind(flags);
  const base = pointer(KEPT) + <usize>chunk * lstmKeptBytes(time, inputs, units, flags);
  const gates = base + gatesOffset(time, inputs, flags);
  const cells = base + cellsOffset(time, inputs, units, flags);
  const activatedCells = base + activatedOffset(time, inputs, units, flags);
  const stateMask = pointer(STATE_MASK);
  const states = base + statesOffset(time, inputs, units, flags);
  const operands = stateMask == 0 ? states : base + maskedOffset(time, inputs, units, flags);
  const rowMask = base + rowMaskOffset(time, inputs, units, flags);
  const inputStep = <usize>(ROWS * paddedInputs) << 2, unitStep = <usize>(ROWS * paddedUnits) << 2, gateStep = unitStep << 2;
  const dh = pointer(18) + <usize>chunk * lstmScratchBytes(inputs, units);
  const dc = dh + unitStep;
  const product = dc + unitStep;

  const row0 = chunk * ROWS;
  const rows = batch - row0 < ROWS ? batch - row0 : ROWS;
  const unitsBytes = <usize>units << 2, sequence = <usize>(time * units) << 2, rowUnits = <usize>row0 * unitsBytes;
  const all = pointer(11), dhLast = pointer(12), dcLast = pointer(13);
  const factor = stateMask == 0 ? 0 : stateMask + rowUnits;
  loadRows(dhLast == 0 ? 0 : dhLast + rowUnits, unitsBytes, 0, dh, rows, units, paddedUnits);
  loadRows(dcLast == 0 ? 0 : dcLast + rowUnits, unitsBytes, 0, dc, rows, units, paddedUnits);

  let end = time;
  for (let step = time - 1; step >= 0; step--) {
    const t = (flags & BACKWARDS) != 0 ? time - 1 - step : step;
    markRows(rowMask, row0, time, t);
    if (all != 0) addRows(all + <usize>row0 * sequence + <usize>step * unitsBytes, sequence, dh, rows, units, paddedUnits);
    const gatesHere = gates + <usize>step * gateStep;
    for (let block = 0; block < blocks; block++) {
      const lane = <usize>block << 4;
      gateGradient(
        gatesHere + (<usize>(block * ROWS) << 6), cells + <usize>step * unitStep + lane,
        activatedCells + <usize>step * unitStep + lane, dh + lane, dc + lane,
        <usize>paddedUnits << 2, rowMask, sums + (<usize>((block + 1) * sumRows - 1) << 6), hard, activation,
      );
    }
    timesTransposed(gatesHere, blocks, pointer(10), wide >> 3, product);
    carryBack(product, wide, dh, paddedUnits, rowMask, factor, rows, units);
    if (step % STRETCH == 0) {
      const from = gates + <usize>step * gateStep, count = end - step;
      accumulateWeights(base + <usize>step * inputStep, paddedInputs, from, blocks, count, sums, sumRows);
      const recurrentSums = sums + (<usize>paddedInputs << 6);
      accumulateWeights(operands + <usize>step * unitStep, paddedUnits, from, blocks, count, recurrentSums, sumRows);
      if (pointer(14) != 0) inputGradient(chunk, gates, product, step, end);
      end = step;
    }
  }
  storeRows(dh, paddedUnits, pointer(15) + rowUnits, unitsBytes, rows, units);
  storeRows(dc, paddedUnits, pointer(16) + rowUnits, unitsBytes, rows, units);
}
