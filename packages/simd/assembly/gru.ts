// One step of a GRU (Cho and others 2014) and of its gradient, for one chunk of rows. Keras' conventions:
//
//   z, r = sigmoid(x W + h' U + b);  h = z h + (1 - z) g, where with reset_after (as in cuDNN)
//   g = tanh(x W_g + b_g + r (h' U_g + c_g)), and without it g = tanh(x W_g + (r h') U_g + b_g).
//
// h' is h times the mask of the recurrent dropout, if there is one. Layouts are those of recurrent-layout.ts.
import { roundUp } from "./args";
import { ROWS } from "./lstm-layout";
import { activateGates, activateStates, gateSlope, stateSlope } from "./recurrent-activation";
import { AFTER, HARD, KIND_SHIFT } from "./recurrent-layout";
import { multiply, packOperand, timesPanels } from "./recurrent-products";

/** r h', from panel order to [ROWS][padded units]; zeros for masked rows, whose r may be anything. */
function resetState(reset: usize, state: usize, to: usize, padded: i32, rowMask: usize): void {
  for (let panel = 0; panel < padded >> 3; panel++) {
    for (let row = 0; row < ROWS; row++, reset += 32) {
      const at = <usize>(row * padded + panel * 8) << 2;
      const counts = v128.load32_splat(rowMask + (<usize>row << 2));
      v128.store(to + at, v128.and(counts, f32x4.mul(v128.load(reset), v128.load(state + at))));
      v128.store(to + at, v128.and(counts, f32x4.mul(v128.load(reset, 16), v128.load(state + at, 16))), 16);
    }
  }
}

/** The state after a step: g + z (h - g), or h where the step is masked. */
function blend(gates: usize, padded: i32, before: usize, after: usize, rowMask: usize): void {
  const update = <usize>(padded * ROWS) << 2;
  for (let panel = 0; panel < padded >> 3; panel++) {
    for (let row = 0; row < ROWS; row++, gates += 32) {
      const at = <usize>(row * padded + panel * 8) << 2;
      let h0 = v128.load(before + at), h1 = v128.load(before + at, 16);
      if (load<i32>(rowMask + (<usize>row << 2)) != 0) {
        const g0 = v128.load(gates), g1 = v128.load(gates, 16);
        h0 = f32x4.add(g0, f32x4.mul(v128.load(gates + update), f32x4.sub(h0, g0)));
        h1 = f32x4.add(g1, f32x4.mul(v128.load(gates + update, 16), f32x4.sub(h1, g1)));
      }
      v128.store(after + at, h0);
      v128.store(after + at, h1, 16);
    }
  }
}

/**
 * One step. operands: x and h', packed; operand: h'. weights: [g, z, r] in panels; bias: of x [g, z, r] (those of the state included
 * for z and r), then of the state for g.
 */
export function gruStep(
  operands: usize, inputs: i32, operand: usize, before: usize, after: usize, gates: usize, units: i32, weights: usize, bias: usize,
  rowMask: usize, flags: i32,
): void {
  const padded = roundUp(units, 8), panels = padded >> 3, rows = inputs + units;
  const gate = <usize>(padded * ROWS) << 2, biasGate = <usize>padded << 2;
  const extra = gates + 3 * gate;
  const ofGates = weights + (<usize>(panels * rows) << 5);
  multiply(2 * panels, bias + biasGate, operands, ofGates, rows, 0, rows, gates + gate, 1, rowMask);
  activateGates(gates + gate, 2 * gate, (flags & HARD) != 0);
  if ((flags & AFTER) != 0) {
    multiply(panels, bias, operands, weights, rows, 0, inputs, gates, 1, rowMask);
    multiply(panels, bias + 3 * biasGate, operands, weights, rows, inputs, units, extra, 1, rowMask);
    for (let at: usize = 0; at < gate; at += 16) {
      const product = f32x4.mul(v128.load(gates + 2 * gate + at), v128.load(extra + at));
      v128.store(gates + at, f32x4.add(v128.load(gates + at), product));
    }
  } else {
    resetState(gates + 2 * gate, operand, extra, padded, rowMask);
    packOperand(extra, padded, operands, rows, inputs, units);
    multiply(panels, bias, operands, weights, rows, 0, rows, gates, 1, rowMask);
  }
  activateStates(gates, gate, (flags >> KIND_SHIFT) & 3);
  blend(gates, padded, before, after, rowMask);
}

// @ts-ignore: decorator
@inline
function addTo(at: usize, value: v128): void {
  v128.store(at, f32x4.add(v128.load(at), value));
}

/**
 * The gradients of one vector of four units before the activations, in place of the gates; dh becomes the part of the state before
 * that does not go through the weights. With reset_after all is done here, without it the reset gate's follows.
 */
// @ts-ignore: decorator
@inline
function gateGradient(gates: usize, gate: usize, dh: usize, before: usize, bias: usize, biasGate: usize, flags: i32): void {
  const hard = (flags & HARD) != 0;
  const g = v128.load(gates), z = v128.load(gates + gate), gradient = v128.load(dh);
  const dz = f32x4.mul(f32x4.mul(gradient, f32x4.sub(v128.load(before), g)), gateSlope(z, hard));
  const slope = stateSlope(g, (flags >> KIND_SHIFT) & 3);
  const dg = f32x4.mul(f32x4.mul(gradient, f32x4.sub(f32x4.splat(1), z)), slope);
  v128.store(dh, f32x4.mul(gradient, z));
  v128.store(gates, dg);
  v128.store(gates + gate, dz);
  addTo(bias, dg);
  addTo(bias + biasGate, dz);
  if ((flags & AFTER) == 0) return;
  const r = v128.load(gates + 2 * gate);
  const dr = f32x4.mul(f32x4.mul(dg, v128.load(gates + 3 * gate)), gateSlope(r, hard));
  const dProduct = f32x4.mul(dg, r);
  v128.store(gates + 2 * gate, dr);
  v128.store(gates + 3 * gate, dProduct);
  addTo(bias + 2 * biasGate, dr);
  addTo(bias + 3 * biasGate, dProduct);
}

/** Without reset_after: the gradient of r in its place, and in place of that of r h' what h' has of it. */
function resetGradient(
  gates: usize, gate: usize, padded: i32, product: usize, operand: usize, bias: usize, biasGate: usize, rowMask: usize, hard: bool,
): void {
  let at = gates + 2 * gate;
  for (let panel = 0; panel < padded >> 3; panel++) {
    for (let row = 0; row < ROWS; row++) {
      for (let half = 0; half < 2; half++, at += 16) {
        if (load<i32>(rowMask + (<usize>row << 2)) == 0) continue;
        const lane = <usize>(panel * 8 + half * 4) << 2, state = (<usize>(row * padded) << 2) + lane;
        const r = v128.load(at), gradient = v128.load(product + state);
        const dr = f32x4.mul(f32x4.mul(gradient, v128.load(operand + state)), gateSlope(r, hard));
        v128.store(at, dr);
        v128.store(product + state, f32x4.mul(gradient, r));
        addTo(bias + 2 * biasGate + lane, dr);
      }
    }
  }
}

/**
 * The gradient of one step: that of the gates takes their place, products [ROWS][padded units] get what goes back to h' through
 * the weights (the second one only without reset_after), dh the rest. packed: U^T in panels of 8 columns, [z, r, g] down.
 */
export function gruStepGradient(
  gates: usize, operand: usize, before: usize, dh: usize, units: i32, packed: usize, products: usize, bias: usize, rowMask: usize,
  flags: i32,
): void {
  const padded = roundUp(units, 8), panels = padded >> 3;
  const gate = <usize>(padded * ROWS) << 2, biasGate = <usize>padded << 2, panelBytes = <usize>(3 * padded) << 5;
  const zero = f32x4.splat(0);
  let at = gates;
  for (let panel = 0; panel < panels; panel++) {
    for (let row = 0; row < ROWS; row++) {
      const counts = load<i32>(rowMask + (<usize>row << 2)) != 0;
      for (let half = 0; half < 2; half++, at += 16) {
        const lane = <usize>(panel * 8 + half * 4) << 2, state = (<usize>(row * padded) << 2) + lane;
        if (counts) {
          gateGradient(at, gate, dh + state, before + state, bias + lane, biasGate, flags);
        } else {
          v128.store(at, zero);
          v128.store(at + gate, zero);
          v128.store(at + 2 * gate, zero);
          if ((flags & AFTER) != 0) v128.store(at + 3 * gate, zero);
        }
      }
    }
  }
  if ((flags & AFTER) != 0) {
    timesPanels(gates + gate, 3 * panels, packed, panelBytes, panels, products);
    return;
  }
  timesPanels(gates, panels, packed + (<usize>(2 * padded) << 5), panelBytes, panels, products + gate);
  resetGradient(gates, gate, padded, products + gate, operand, bias, biasGate, rowMask, (flags & HARD) != 0);
  timesPanels(gates + gate, 2 * panels, packed, panelBytes, panels, products);
}
