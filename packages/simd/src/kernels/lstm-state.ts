import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { SimdBackend } from "../backend.js";
import { Task } from "../tasks.js";
import type { Reserve } from "../tensor-data.js";
import { type Inputs, product, required } from "./define.js";

/** Attributes of the kernel `SeqloomLstm`. */
export interface LstmAttributes {
  readonly activation: "tanh" | "relu" | "linear" | "sigmoid";
  readonly recurrentActivation: "sigmoid" | "hard_sigmoid";
  readonly returnSequences: boolean;
  readonly goBackwards: boolean;
  /** Keep what the gradient needs; costs time and memory. */
  readonly keep: boolean;
  /** Work out the gradient by x together with the others. When false, it is worked out if it is asked for. */
  readonly inputGradient: boolean;
}

/** What the gradient of one call needs. Every block is owned. */
export interface LstmReserve extends Reserve {
  readonly batch: number;
  readonly time: number;
  readonly inputs: number;
  readonly units: number;
  readonly flags: number;
  readonly kept: number;
  readonly mask: number;
  readonly inputMask: number;
  readonly recurrentMask: number;
  readonly packedKernel: number; // transposed, for dx
  readonly packedRecurrent: number; // transposed, for dh
  /** True once the gradient of the gates has taken the place of the gates. */
  consumed: boolean;
}

const FLAG = { backwards: 1, hard: 2, reserve: 4, recurrentMask: 32 } as const;
const KIND = { tanh: 0, relu: 1, linear: 2, sigmoid: 3 } as const;

/** The next multiple. */
export function paddedTo(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/** Flags of the tasks (packages/simd/assembly/lstm-layout.ts). */
export function flagsOf(attributes: LstmAttributes, recurrentMask: TensorInfo | undefined): number {
  return (
    (attributes.goBackwards ? FLAG.backwards : 0) |
    (attributes.recurrentActivation === "hard_sigmoid" ? FLAG.hard : 0) |
    (attributes.keep ? FLAG.reserve : 0) |
    (KIND[attributes.activation] << 3) |
    (recurrentMask === undefined ? 0 : FLAG.recurrentMask)
  );
}

/** A copy of a tensor's values that outlives it; 0 when there is none. */
export function copied(backend: SimdBackend, info: TensorInfo | undefined): number {
  if (info === undefined) return 0;
  const from = backend.pointer(info);
  const bytes = product(info.shape) * (info.dtype === "bool" ? 1 : 4);
  const to = backend.block(bytes);
  backend.runtime.bytes.copyWithin(to, from, from + bytes);
  return to;
}

/** Weights [rows, 4 * units] in the panels of the forward loop: as rows from `first` on of `all`. */
export function packForward(
  backend: SimdBackend,
  source: number,
  target: number,
  rows: number,
  units: number,
  first: number,
  all: number,
): void {
  const padded = paddedTo(rows, 4);
  const task = [source, target, rows, units, padded, first, all];
  backend.runtime.run(Task.packForward, Math.ceil(units / 4), padded * units * 4, task);
}

/** The transpose of weights [rows, 4 * units] in a block of its own, for the gradient. */
export function packBackward(backend: SimdBackend, source: number, rows: number, units: number): number {
  const panels = Math.ceil(rows / 8);
  const target = backend.block(panels * Math.ceil(units / 4) * 512);
  backend.runtime.run(Task.packBackward, panels, rows * units * 16, [source, target, rows, units]);
  return target;
}

/** What the forward pass of a call kept, by its handle. */
export function reserveOf(backend: SimdBackend, tensors: Inputs): LstmReserve {
  const reserve = backend.values(required(tensors, "handle")).reserve;
  if (reserve === undefined) throw new TypeError("The gradient of an LSTM needs what its forward pass kept");
  return reserve as LstmReserve;
}
