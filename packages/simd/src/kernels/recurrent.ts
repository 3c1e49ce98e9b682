import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { SimdBackend } from "../backend.js";
import { Task } from "../tasks.js";
import { defineKernel, type Inputs, required } from "./define.js";
import { copied, paddedTo } from "./lstm-state.js";
import { recurrentGradients, recurrentInputGradient } from "./recurrent-gradient.js";
import {
  AFTER,
  flagsOf,
  GRU,
  packed,
  type RecurrentAttributes,
  type RecurrentReserve,
  workOf,
} from "./recurrent-state.js";

/** The bias of x in panels, then that of the state for the candidate of a GRU; zeros without a bias. */
function packBias(
  backend: SimdBackend,
  bias: TensorInfo | undefined,
  target: number,
  flags: number,
  units: number,
): void {
  const { runtime } = backend;
  const gates = (flags & GRU) === 0 ? 1 : 3;
  const padded = paddedTo(units, 8);
  const at = target >>> 2;
  if (bias === undefined) {
    runtime.floats.fill(0, at, at + (gates === 1 ? 1 : 4) * padded);
    return;
  }
  const source = backend.pointer(bias);
  packed(backend, Task.packPanels, source, target, 1, units, gates, gates - 1);
  if ((flags & AFTER) === 0) return;
  // Of [z, r, g] of the state, the biases of z and r join those of x; that of g is scaled by r and stays apart.
  runtime.withScratch(3 * padded * 4, (scratch) => {
    packed(backend, Task.packPanels, source + 3 * units * 4, scratch, 1, units, gates, 0);
    const { floats } = runtime;
    const from = scratch >>> 2;
    for (let i = 0; i < 2 * padded; i++) {
      floats[at + padded + i] = (floats[at + padded + i] as number) + (floats[from + i] as number);
    }
    floats.copyWithin(at + 3 * padded, from + 2 * padded, from + 3 * padded);
  });
}

function forward(backend: SimdBackend, tensors: Inputs, attributes: RecurrentAttributes, cell: number): TensorInfo[] {
  const { runtime } = backend;
  const x = required(tensors, "x");
  const recurrentKernel = required(tensors, "recurrentKernel");
  const [batch = 0, time = 0, inputs = 0] = x.shape;
  const units = recurrentKernel.shape[0] as number;
  const gates = cell === GRU ? 3 : 1;
  const flags = flagsOf(attributes, tensors.recurrentMask) | cell;
  const w = backend.pointer(required(tensors, "kernel"));
  const u = backend.pointer(recurrentKernel);
  const source = backend.pointer(x);
  const initial = backend.pointerOrNone(tensors.initialH);
  const chunks = runtime.kernels.lstmChunks(batch);
  const kept = backend.block(chunks * (runtime.kernels.recurrentKeptBytes(time, inputs, units, flags) >>> 0));
  const own = attributes.keep ? copied : (_: SimdBackend, info: TensorInfo | undefined) => backend.pointerOrNone(info);
  const masks = [own(backend, tensors.mask), own(backend, tensors.inputMask), own(backend, tensors.recurrentMask)];

  const output = attributes.returnSequences ? backend.output([batch, time, units]) : undefined;
  const h = backend.output([batch, units]);
  const panelBytes = gates * paddedTo(units, 8) * 4; // of one row of weights
  const rows = inputs + units;
  const operandBytes = 32 * rows; // of each thread
  runtime.withScratch((rows + 2) * panelBytes + runtime.threads * operandBytes, (panels) => {
    const packedB = panels + rows * panelBytes;
    const operands = packedB + 2 * panelBytes;
    packed(backend, Task.packPanels, w, panels, inputs, units, gates, gates - 1, [0, rows]);
    packed(backend, Task.packPanels, u, panels, units, units, gates, gates - 1, [inputs, rows]);
    packBias(backend, tensors.bias, packedB, flags, units);
    const task = [batch, time, inputs, units, flags, kept, ...masks, source, panels, operands, packedB, initial];
    runtime.run(Task.recurrentForward, chunks, workOf(batch, time, inputs, units, gates), [
      ...task,
      output?.pointer ?? 0,
      h.pointer,
    ]);
  });
  const results = [output?.info ?? backend.share(h.info, h.info.shape), h.info];
  if (!attributes.keep) {
    runtime.arena.release(kept);
    return results;
  }
  const transposed = (from: number, rows: number, shift: number): number => {
    const target = backend.block(paddedTo(rows, 8) * panelBytes);
    packed(backend, Task.packTransposed, from, target, rows, units, gates, shift);
    return target;
  };
  const [mask = 0, inputMask = 0, recurrentMask = 0] = masks;
  const packedKernel = transposed(w, inputs, gates - 1);
  const packedRecurrent = transposed(u, units, 0);
  const reserve: RecurrentReserve = {
    blocks: [kept, mask, inputMask, recurrentMask, packedKernel, packedRecurrent],
    shared: [batch, time, inputs, units, flags, kept, mask, inputMask, recurrentMask, packedKernel],
    packedRecurrent,
    consumed: false,
  };
  return [...results, backend.handle(reserve)];
}

/** Registers a cell over whole sequences and its gradient, under a name and two derived from it. */
function registerCell(name: string, cell: number): void {
  defineKernel<RecurrentAttributes>(name, (backend, inputs, attributes) => forward(backend, inputs, attributes, cell));
  defineKernel<RecurrentAttributes>(`${name}Grad`, recurrentGradients);
  defineKernel(`${name}InputGrad`, recurrentInputGradient);
}

/** Registers the GRU and the SimpleRNN over whole sequences. */
export function registerRecurrent(): void {
  registerCell("SeqloomGru", GRU);
  registerCell("SeqloomSimpleRnn", 0);
}
