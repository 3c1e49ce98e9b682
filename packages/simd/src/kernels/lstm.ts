import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { SimdBackend } from "../backend.js";
import { Task } from "../tasks.js";
import { defineKernel, type Inputs, product, required } from "./define.js";
import {
  copied,
  flagsOf,
  type LstmAttributes,
  type LstmReserve,
  packBackward,
  packForward,
  paddedTo,
  reserveOf,
} from "./lstm-state.js";

/** Operations of a pass: a multiplication and an addition for each weight, and some fifty for the activations of a unit. */
function workOf(batch: number, time: number, inputs: number, units: number): number {
  return batch * time * units * (4 * (inputs + units) + 50);
}

/** Bytes that a chunk of 8 rows keeps (packages/simd/assembly/lstm-layout.ts), as a number that does not wrap at 4 GiB. */
function keptBytesOf(padded: { inputs: number; units: number }, time: number, keep: boolean, masked: boolean): number {
  const steps = keep ? time : 1;
  return 32 * (steps * (padded.inputs + 5 * padded.units) + (steps + 1) * padded.units * (masked ? 3 : 2) + 1);
}

function forward(backend: SimdBackend, tensors: Inputs, attributes: LstmAttributes): TensorInfo[] {
  const { runtime } = backend;
  const x = required(tensors, "x");
  const recurrentKernel = required(tensors, "recurrentKernel");
  const [batch = 0, time = 0, inputs = 0] = x.shape;
  const units = recurrentKernel.shape[0] as number;
  const flags = flagsOf(attributes, tensors.recurrentMask);
  const padded = { inputs: paddedTo(inputs, 4), units: paddedTo(units, 4) };
  const w = backend.pointer(required(tensors, "kernel"));
  const u = backend.pointer(recurrentKernel);
  const bias = backend.pointerOrNone(tensors.bias);
  const from = [backend.pointer(x), backend.pointerOrNone(tensors.initialH), backend.pointerOrNone(tensors.initialC)];
  const keptBytes = keptBytesOf(padded, time, attributes.keep, tensors.recurrentMask !== undefined);
  const kept = backend.block(keptBytes * runtime.kernels.lstmChunks(batch));
  const own = attributes.keep ? copied : (_: SimdBackend, info: TensorInfo | undefined) => backend.pointerOrNone(info);
  const masks = [own(backend, tensors.mask), own(backend, tensors.inputMask), own(backend, tensors.recurrentMask)];

  const output = attributes.returnSequences ? backend.output([batch, time, units]) : undefined;
  const h = backend.output([batch, units]);
  const c = backend.output([batch, units]);
  const rows = padded.inputs + padded.units;
  const operandBytes = 32 * rows; // of each thread
  runtime.withScratch((rows + 1) * padded.units * 16 + runtime.threads * operandBytes, (panels) => {
    packForward(backend, w, panels, inputs, units, 0, rows);
    packForward(backend, u, panels, units, units, padded.inputs, rows);
    const packedB = panels + rows * padded.units * 16;
    if (bias === 0) runtime.floats.fill(0, packedB >>> 2, (packedB >>> 2) + padded.units * 4);
    else runtime.run(Task.packForward, padded.units / 4, 0, [bias, packedB, 1, units, 1, 0, 1]);
    const operands = packedB + padded.units * 16;
    const task = [batch, time, inputs, units, flags, kept, ...masks, from[0] as number, panels, operands, packedB];
    task.push(from[1] as number, from[2] as number, output?.pointer ?? 0, h.pointer, c.pointer);
    runtime.run(Task.lstmForward, runtime.kernels.lstmChunks(batch), workOf(batch, time, inputs, units), task);
  });
  const results = [output?.info ?? backend.share(h.info, h.info.shape), h.info, c.info];
  if (!attributes.keep) {
    runtime.arena.release(kept);
    return results;
  }
  const packedKernel = packBackward(backend, w, inputs, units);
  const packedRecurrent = packBackward(backend, u, units, units);
  const [mask = 0, inputMask = 0, recurrentMask = 0] = masks;
  const reserve: LstmReserve = {
    blocks: [kept, mask, inputMask, recurrentMask, packedKernel, packedRecurrent],
    batch,
    time,
    inputs,
    units,
    flags,
    kept,
    mask,
    inputMask,
    recurrentMask,
    packedKernel,
    packedRecurrent,
    consumed: false,
  };
  return [...results, backend.handle(reserve)];
}

/** Gradients by kernel, recurrent kernel, bias, initial h, initial c and, if it is asked for, x. */
function backward(backend: SimdBackend, tensors: Inputs, attributes: LstmAttributes): TensorInfo[] {
  const { runtime } = backend;
  const r = reserveOf(backend, tensors);
  if (r.consumed) throw new Error("The gradient of one call of an LSTM can be taken only once");
  const { batch, time, inputs, units } = r;
  const given = (name: string): number => backend.pointerOrNone(tensors[name]);
  const [all, last, dh, dc] = attributes.returnSequences
    ? [given("dOutput"), 0, given("dH"), given("dC")]
    : [0, given("dOutput"), given("dH"), given("dC")];
  // Without sequences the output is the last h: both gradients go to the same place.
  const shape = [batch, units];
  const results = {
    kernel: backend.output([inputs, 4 * units]),
    recurrent: backend.output([units, 4 * units]),
    bias: backend.output([4 * units]),
    h: backend.output(shape),
    c: backend.output(shape),
  };
  const x = attributes.inputGradient ? backend.output([batch, time, inputs]) : undefined;
  let dhLast = dh;
  if (last !== 0) {
    // The block of the result serves for the sum until the kernel writes it.
    const { floats } = runtime;
    for (let i = 0; i < batch * units; i++) {
      floats[(results.h.pointer >>> 2) + i] =
        (floats[(last >>> 2) + i] as number) + (dh === 0 ? 0 : (floats[(dh >>> 2) + i] as number));
    }
    dhLast = results.h.pointer;
  }
  const chunks = runtime.kernels.lstmChunks(batch);
  const groups = runtime.kernels.lstmGroups(batch);
  const paddedUnits = paddedTo(units, 4);
  const sumBytes = groups * (paddedUnits / 4) * (paddedTo(inputs, 4) + paddedUnits + 1) * 64;
  const scratchBytes = chunks * runtime.kernels.lstmScratchBytes(inputs, units);
  runtime.withScratch(sumBytes + scratchBytes, (sums) => {
    const task = [batch, time, inputs, units, r.flags, r.kept, r.mask, r.inputMask, r.recurrentMask];
    task.push(
      r.packedKernel,
      r.packedRecurrent,
      all,
      dhLast,
      dc,
      x?.pointer ?? 0,
      results.h.pointer,
      results.c.pointer,
    );
    task.push(sums, sums + sumBytes, groups);
    r.consumed = true;
    runtime.run(Task.lstmBackward, groups, 2 * workOf(batch, time, inputs, units), task);
    const reduce = [
      sums,
      groups,
      inputs,
      units,
      results.kernel.pointer,
      results.recurrent.pointer,
      results.bias.pointer,
    ];
    if (groups > 0) runtime.run(Task.reduceWeights, paddedUnits / 4, sumBytes / 4, reduce);
    else
      for (const { info, pointer } of [results.kernel, results.recurrent, results.bias]) clear(backend, info, pointer);
  });
  const infos = [results.kernel, results.recurrent, results.bias, results.h, results.c].map((result) => result.info);
  return x === undefined ? infos : [...infos, x.info];
}

/** An empty batch has gradients of zero. */
function clear({ runtime }: SimdBackend, { shape }: TensorInfo, at: number): void {
  runtime.floats.fill(0, at >>> 2, (at >>> 2) + product(shape));
}

/** The gradient by x, from what `backward` left in the kept blocks. */
function inputGradient(backend: SimdBackend, tensors: Inputs): TensorInfo {
  const { runtime } = backend;
  const r = reserveOf(backend, tensors);
  const { batch, time, inputs, units } = r;
  const x = backend.output([batch, time, inputs]);
  const chunks = runtime.kernels.lstmChunks(batch);
  runtime.withScratch(Math.max(4, chunks * runtime.kernels.lstmScratchBytes(inputs, units)), (scratch) => {
    const task = [batch, time, inputs, units, r.flags, r.kept, r.mask, r.inputMask, r.recurrentMask];
    task.push(r.packedKernel, 0, 0, 0, 0, x.pointer, 0, 0, 0, scratch);
    runtime.run(Task.lstmInputBackward, chunks, batch * time * units * 4 * inputs, task);
  });
  return x.info;
}

/** Registers the LSTM over whole sequences and its gradient. */
export function registerLstm(): void {
  defineKernel<LstmAttributes>("SeqloomLstm", forward);
  defineKernel<LstmAttributes>("SeqloomLstmGrad", backward);
  defineKernel("SeqloomLstmInputGrad", inputGradient);
}
