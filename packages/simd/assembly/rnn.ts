// One step of a simple recurrent layer (Elman 1990), h = activation(x W + h' U + b), and of its gradient, for one chunk of rows.
import { roundUp } from "./args";
import { ROWS } from "./lstm-layout";
import { activateStates, stateSlope } from "./recurrent-activation";
import { KIND_SHIFT } from "./recurrent-layout";
import { multiply, timesPanels } from "./recurrent-products";

/** One step. operands: x and h', packed; weights in panels. The values before the mask stay in place of the gate. */
export function rnnStep(
  operands: usize, inputs: i32, before: usize, after: usize, gate: usize, units: i32, weights: usize, bias: usize, rowMask: usize,
  flags: i32,
): void {
  const padded = roundUp(units, 8), rows = inputs + units;
  multiply(padded >> 3, bias, operands, weights, rows, 0, rows, gate, 1, rowMask);
  activateStates(gate, <usize>(padded * ROWS) << 2, (flags >> KIND_SHIFT) & 3);
  for (let panel = 0; panel < padded >> 3; panel++) {
    for (let row = 0; row < ROWS; row++, gate += 32) {
      const at = <usize>(row * padded + panel * 8) << 2;
      const counts = load<i32>(rowMask + (<usize>row << 2)) != 0;
      const from = counts ? gate : before + at;
      v128.store(after + at, v128.load(from));
      v128.store(after + at, v128.load(from, 16), 16);
    }
  }
}

/** The gradient of one step: that before the activation takes the gate's place, `product` gets what goes back to h', dh the rest. */
export function rnnStepGradient(
  gate: usize, dh: usize, units: i32, packed: usize, product: usize, bias: usize, rowMask: usize, flags: i32,
): void {
  const padded = roundUp(units, 8), panels = padded >> 3, kind = (flags >> KIND_SHIFT) & 3;
  const zero = f32x4.splat(0);
  let at = gate;
  for (let panel = 0; panel < panels; panel++) {
    for (let row = 0; row < ROWS; row++) {
      const counts = load<i32>(rowMask + (<usize>row << 2)) != 0;
      for (let half = 0; half < 2; half++, at += 16) {
        const lane = <usize>(panel * 8 + half * 4) << 2, state = dh + (<usize>(row * padded) << 2) + lane;
        if (!counts) {
          v128.store(at, zero);
          continue;
        }
        const gradient = f32x4.mul(v128.load(state), stateSlope(v128.load(at), kind));
        v128.store(at, gradient);
        v128.store(bias + lane, f32x4.add(v128.load(bias + lane), gradient));
        v128.store(state, zero);
      }
    }
  }
  timesPanels(gate, panels, packed, <usize>padded << 5, panels, product);
}
