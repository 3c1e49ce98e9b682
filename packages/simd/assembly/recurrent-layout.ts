// Where the fused GRU and SimpleRNN keep what they need. Rows of the batch are cut into the same chunks of ROWS as for the LSTM,
// and the arguments 0..8 are those of lstm-layout.ts, so that its helpers serve here too.
//
// Units come in panels of 8, padded with zeros at the end. Gates are in "panel order", [gate][panel][ROWS][8]; states are
// [ROWS][padded units]. The gates of a GRU are: 0 candidate, 1 update z, 2 reset r, and 3 the product of state and weights of the
// candidate (with reset_after), or r times the state (without; [ROWS][padded units]). A SimpleRNN has one.
import { integer, roundUp } from "./args";
import { FLAGS, INPUTS, ROWS, TIME, UNITS } from "./lstm-layout";

export const BACKWARDS: i32 = 1; // the sequence is read from its end
export const HARD: i32 = 2; // hard sigmoid in the gates
export const RESERVE: i32 = 4; // what the gradient needs is kept
export const STATE_MASKED: i32 = 8; // the layout has room for the masked state
export const AFTER: i32 = 16; // the reset gate is applied after the product with the weights (Keras' reset_after)
export const GRU: i32 = 32; // else a SimpleRNN
export const KIND_SHIFT: i32 = 6; // activation: 0 tanh, 1 relu, 2 linear, 3 sigmoid

/** Between the gates of two steps: else the same panels of all steps would fall into the same few lines of the cache. */
const GAP: usize = 256;

/** Gates that the weights have. */
// @ts-ignore: decorator
@inline
export function weightGates(flags: i32): i32 {
  return (flags & GRU) != 0 ? 3 : 1;
}

/** Gates that are kept. */
// @ts-ignore: decorator
@inline
export function keptGates(flags: i32): i32 {
  return (flags & GRU) != 0 ? 4 : 1;
}

/** Steps that have a place of their own: all of them for the gradient, else one. */
// @ts-ignore: decorator
@inline
export function places(): i32 {
  return (integer(FLAGS) & RESERVE) != 0 ? integer(TIME) : 1;
}

// Bytes from one step to the next.
export function inputStep(): usize {
  return <usize>(ROWS * roundUp(integer(INPUTS), 4)) << 2;
}
export function unitStep(): usize {
  return <usize>(ROWS * roundUp(integer(UNITS), 8)) << 2;
}
export function gateStep(): usize {
  return <usize>keptGates(integer(FLAGS)) * unitStep() + GAP;
}

// The kept block of a chunk holds: inputs [places], gates [places], states [places + 1], masked states (the same), row masks [ROWS].
export function gatesAt(): usize {
  return <usize>places() * inputStep();
}
export function statesAt(): usize {
  return gatesAt() + <usize>places() * gateStep();
}
export function maskedAt(): usize {
  return statesAt() + <usize>(places() + 1) * unitStep();
}
export function rowMaskAt(): usize {
  return maskedAt() + ((integer(FLAGS) & STATE_MASKED) != 0 ? <usize>(places() + 1) * unitStep() : 0);
}
export function keptBytes(): usize {
  return rowMaskAt() + (<usize>ROWS << 2);
}

/** Bytes of the kept block of one chunk, for the host. */
export function recurrentKeptBytes(time: i32, inputs: i32, units: i32, flags: i32): usize {
  const many = (flags & RESERVE) != 0 ? time : 1;
  const unit = <usize>(ROWS * roundUp(units, 8)) << 2;
  const states = <usize>(many + 1) * unit * ((flags & STATE_MASKED) != 0 ? 2 : 1);
  const perStep = (<usize>(ROWS * roundUp(inputs, 4)) << 2) + <usize>keptGates(flags) * unit + GAP;
  return <usize>many * perStep + states + (<usize>ROWS << 2);
}

// One group's sums hold, in panels of 8 columns: dW [gate][panel][padded inputs][8], dU [gate][panel][padded units][8],
// db [kept gate][panel][8].
export function recurrentSumsAt(inputs: i32, units: i32, flags: i32): usize {
  return (<usize>(weightGates(flags) * (roundUp(units, 8) >> 3) * roundUp(inputs, 4))) << 5;
}
export function biasSumsAt(inputs: i32, units: i32, flags: i32): usize {
  const padded = roundUp(units, 8);
  return recurrentSumsAt(inputs, units, flags) + ((<usize>(weightGates(flags) * (padded >> 3) * padded)) << 5);
}
/** Bytes of the sums of one group. */
export function recurrentSumBytes(inputs: i32, units: i32, flags: i32): usize {
  return biasSumsAt(inputs, units, flags) + ((<usize>(keptGates(flags) * (roundUp(units, 8) >> 3))) << 5);
}

/** Bytes of scratch of one chunk in the gradient: that of the state, and two products. */
export function recurrentScratchBytes(inputs: i32, units: i32): usize {
  const wide = roundUp(inputs > units ? inputs : units, 8);
  return <usize>(ROWS * (roundUp(units, 8) + 2 * wide)) << 2;
}
