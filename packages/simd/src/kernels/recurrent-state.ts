import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { SimdBackend } from "../backend.js";
import { Task } from "../tasks.js";
import type { Reserve } from "../tensor-data.js";
import { type Inputs, required } from "./define.js";
import { paddedTo } from "./lstm-state.js";

/** Attributes of the kernels `SeqloomGru` and `SeqloomSimpleRnn`. */
export interface RecurrentAttributes {
  readonly activation: "tanh" | "relu" | "linear" | "sigmoid";
  /** Of a GRU only. */
  readonly recurrentActivation?: "sigmoid" | "hard_sigmoid";
  /** Of a GRU only: the reset gate comes after the product with the weights, and the bias is [2, 3 * units]. */
  readonly resetAfter?: boolean;
  readonly returnSequences: boolean;
  readonly goBackwards: boolean;
  /** Keep what the gradient needs; costs time and memory. */
  readonly keep: boolean;
  /** Work out the gradient by x together with the others. When false, it is worked out if it is asked for. */
  readonly inputGradient: boolean;
}

/** What the gradient of one call needs. Every block is owned. */
export interface RecurrentReserve extends Reserve {
  /** Arguments 0..9 of the tasks of the gradient. */
  readonly shared: readonly number[];
  readonly packedRecurrent: number; // transposed, for dh
  /** True once the gradient of the gates has taken the place of the gates. */
  consumed: boolean;
}

// Flags of the tasks (packages/simd/assembly/recurrent-layout.ts).
const BACKWARDS = 1;
const HARD = 2;
const RESERVE = 4;
const STATE_MASKED = 8;
/** The reset gate comes after the product. */
export const AFTER = 16;
/** The cell is a GRU. */
export const GRU = 32;
const KIND = { tanh: 0, relu: 1, linear: 2, sigmoid: 3 } as const;
const KIND_SHIFT = 6;

/** The flags of a call, without that of the cell. */
export function flagsOf(attributes: RecurrentAttributes, recurrentMask: TensorInfo | undefined): number {
  return (
    (attributes.goBackwards ? BACKWARDS : 0) |
    (attributes.recurrentActivation === "hard_sigmoid" ? HARD : 0) |
    (attributes.keep ? RESERVE : 0) |
    (recurrentMask === undefined ? 0 : STATE_MASKED) |
    (attributes.resetAfter === true ? AFTER : 0) |
    (KIND[attributes.activation] << KIND_SHIFT)
  );
}

/** Operations of a pass: a multiplication and an addition for each weight, and some thirty for the activation of a gate. */
export function workOf(batch: number, time: number, inputs: number, units: number, gates: number): number {
  return batch * time * units * gates * (inputs + units + 30);
}

/**
 * Puts weights [rows, gates * units] in panels, by `packPanels` or `packTransposed`; block b is gate (b + shift) % gates.
 * `packPanels` may put them in a range of the rows of larger panels: from `first` on of `all`.
 */
export function packed(
  backend: SimdBackend,
  task: typeof Task.packPanels | typeof Task.packTransposed,
  source: number,
  target: number,
  rows: number,
  units: number,
  gates: number,
  shift: number,
  [first, all]: readonly [number, number] = [0, rows],
): void {
  const chunks = task === Task.packPanels ? (gates * paddedTo(units, 8)) / 8 : paddedTo(rows, 8) / 8;
  backend.runtime.run(task, chunks, rows * units * gates * 2, [source, target, rows, units, gates, shift, first, all]);
}

/** What the forward pass of a call kept, by its handle. */
export function reserveOf(backend: SimdBackend, tensors: Inputs): RecurrentReserve {
  const reserve = backend.values(required(tensors, "handle")).reserve;
  if (reserve === undefined) throw new TypeError("The gradient of a recurrent layer needs what its forward pass kept");
  return reserve as RecurrentReserve;
}
