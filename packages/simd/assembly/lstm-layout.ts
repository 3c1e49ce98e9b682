// Where the fused LSTM keeps what it needs. Rows of the batch are cut into chunks of ROWS, whatever the number of threads.
//
// Units come in blocks of 4, the width of a vector, padded with zeros at the end. The four gates of a block are neighbours:
// "panel order" is [block][row][i i i i f f f f c c c c o o o o], 16 numbers, one cache line.
import { ceilDivide, integer, pointer, roundUp } from "./args";

/** Rows of the batch that are taken through the sequence together. Results depend on it in the last bits: do not change it. */
export const ROWS: i32 = 8;
/** Most partial sums of the weight gradients: chunk c adds to sum c % GROUPS. */
export const GROUPS: i32 = 32;

export const BACKWARDS: i32 = 1; // the sequence is read from its end
export const HARD: i32 = 2; // hard sigmoid in the gates
export const RESERVE: i32 = 4; // what the gradient needs is kept
export const KIND_SHIFT: i32 = 3; // activation of cell and output: 0 tanh, 1 relu, 2 linear, 3 sigmoid
export const RECURRENT_MASK: i32 = 32; // the layout has room for the masked state

// Arguments that forward and backward share.
export const BATCH: i32 = 0;
export const TIME: i32 = 1;
export const INPUTS: i32 = 2;
export const UNITS: i32 = 3;
export const FLAGS: i32 = 4;
export const KEPT: i32 = 5; // base of the kept blocks, one per chunk
export const MASK: i32 = 6; // [batch, time] bytes
export const INPUT_MASK: i32 = 7; // [batch, inputs]
export const STATE_MASK: i32 = 8; // [batch, units]

// @ts-ignore: decorator
@inline
export function kind(flags: i32): i32 {
  return (flags >> KIND_SHIFT) & 3;
}

/** Steps for which a kind of value is kept: all of them for the gradient, else one. */
// @ts-ignore: decorator
@inline
export function steps(time: i32, flags: i32): i32 {
  return (flags & RESERVE) != 0 ? time : 1;
}

// The kept block of a chunk holds: inputs [steps][ROWS][padded inputs], gates [steps][block][ROWS][16],
// cells [steps + 1][ROWS][padded units], their activation [steps][ROWS][padded units], states [steps + 1][ROWS][padded units],
// masked states (the same), row masks [ROWS].
export function gatesOffset(time: i32, inputs: i32, flags: i32): usize {
  return <usize>(steps(time, flags) * ROWS * roundUp(inputs, 4)) << 2;
}
export function cellsOffset(time: i32, inputs: i32, units: i32, flags: i32): usize {
  return gatesOffset(time, inputs, flags) + (<usize>(steps(time, flags) * ROWS * roundUp(units, 4)) << 4);
}
export function activatedOffset(time: i32, inputs: i32, units: i32, flags: i32): usize {
  return cellsOffset(time, inputs, units, flags) + (<usize>((steps(time, flags) + 1) * ROWS * roundUp(units, 4)) << 2);
}
export function statesOffset(time: i32, inputs: i32, units: i32, flags: i32): usize {
  return activatedOffset(time, inputs, units, flags) + (<usize>(steps(time, flags) * ROWS * roundUp(units, 4)) << 2);
}
export function maskedOffset(time: i32, inputs: i32, units: i32, flags: i32): usize {
  return statesOffset(time, inputs, units, flags) + (<usize>((steps(time, flags) + 1) * ROWS * roundUp(units, 4)) << 2);
}
/** Bytes of the kept block of one chunk. */
export function lstmKeptBytes(time: i32, inputs: i32, units: i32, flags: i32): usize {
  const masked = (flags & RECURRENT_MASK) != 0 ? <usize>((steps(time, flags) + 1) * ROWS * roundUp(units, 4)) << 2 : 0;
  return maskedOffset(time, inputs, units, flags) + masked + (<usize>ROWS << 2);
}
export function rowMaskOffset(time: i32, inputs: i32, units: i32, flags: i32): usize {
  return lstmKeptBytes(time, inputs, units, flags) - (<usize>ROWS << 2);
}

/** Chunks of a batch. */
export function lstmChunks(batch: i32): i32 {
  return ceilDivide(batch, ROWS);
}

/** Partial sums of the weight gradients of a batch. */
export function lstmGroups(batch: i32): i32 {
  const chunks = lstmChunks(batch);
  return chunks < GROUPS ? chunks : GROUPS;
}

/** Writes for each row of a chunk -1 where the step counts and 0 where it is masked (or the row is beyond the batch). */
export function markRows(rowMask: usize, row0: i32, time: i32, t: i32): void {
  const batch = integer(BATCH);
  const mask = pointer(MASK);
  for (let r = 0; r < ROWS; r++) {
    const row = row0 + r;
    const counts = row < batch && (mask == 0 || load<u8>(mask + <usize>(row * time + t)) != 0);
    store<i32>(rowMask + (<usize>r << 2), counts ? -1 : 0);
  }
}
