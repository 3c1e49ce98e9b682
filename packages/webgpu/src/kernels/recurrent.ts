import { fail } from "@seqloom/core";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { GpuBackend, Reserve } from "../backend.js";
import { dispatch } from "../dispatch.js";
import type { GateActivation, StateActivation } from "../shaders/activations.js";
import { CELLS, type CellKind } from "../shaders/cells.js";
import { backwardShader, forwardShader, type RecurrentShape, workgroupBytes } from "../shaders/recurrent.js";
import { call, defineKernel, type Inputs, product, release, required, reshaped } from "./define.js";

/** Attributes of the kernels `SeqloomLstm`, `SeqloomGru` and `SeqloomSimpleRnn`. */
interface RecurrentAttributes {
  readonly activation: StateActivation;
  readonly recurrentActivation?: GateActivation;
  readonly resetAfter?: boolean;
  readonly returnSequences: boolean;
  readonly goBackwards: boolean;
  /** Keep what the gradient needs. */
  readonly keep: boolean;
  /** Work out the gradient by x together with the others. When false, it is worked out if it is asked for. */
  readonly inputGradient: boolean;
}

/** What the gradient of one call needs; all but `dz` are owned by its handle from the start. */
interface RecurrentReserve extends Reserve {
  readonly tensors: TensorInfo[];
  readonly shape: RecurrentShape;
  readonly batch: number;
  readonly time: number;
  /** [batch, time, inputs], times the mask of the inputs. */
  readonly x: TensorInfo;
  readonly kernel: TensorInfo;
  readonly recurrentKernel: TensorInfo;
  readonly kept: TensorInfo;
  /** h on its way to the weights, [batch, time, units]. */
  readonly operands: TensorInfo;
  /** Of a GRU whose reset gate comes before the product: r times that. */
  readonly resets: TensorInfo | undefined;
  readonly mask: TensorInfo | undefined;
  readonly recurrentMask: TensorInfo | undefined;
  /** [batch, 1, inputs] */
  readonly inputMask: TensorInfo | undefined;
  /** [batch * time, gates * units], when the gradient of the steps has been worked out. */
  dz: TensorInfo | undefined;
}

function empty(backend: GpuBackend, shape: readonly number[]): TensorInfo {
  return backend.makeTensorInfo([...shape], "float32");
}

function zeros(backend: GpuBackend, shape: readonly number[]): TensorInfo {
  return backend.makeTensorInfo([...shape], "float32", new Float32Array(product(shape)));
}

/** h and c at the start, one under the other; undefined when both are zeros. */
function initialOf(
  backend: GpuBackend,
  tensors: Inputs,
  shape: [number, number],
  cell: boolean,
): TensorInfo | undefined {
  const { initialH, initialC } = tensors;
  if (initialH === undefined && initialC === undefined) return undefined;
  if (!cell) return call(backend, "Identity", { x: initialH });
  const parts = [initialH ?? zeros(backend, shape), initialC ?? zeros(backend, shape)];
  const initial = call(backend, "Concat", parts as never, { axis: 0 });
  release(backend, initialH === undefined ? parts[0] : undefined, initialC === undefined ? parts[1] : undefined);
  return initial;
}

/** The bias of the inputs and, of a GRU with its reset gate after the product, that of the state. Both are to be given back. */
function biasesOf(backend: GpuBackend, bias: TensorInfo | undefined, columns: number): [TensorInfo?, TensorInfo?] {
  if (bias === undefined) return [];
  if (bias.shape.length === 1) return [call(backend, "Identity", { x: bias })];
  const row = (at: number): TensorInfo => call(backend, "Slice", { x: bias }, { begin: [at, 0], size: [1, columns] });
  return [reshaped(row(0), [columns]), reshaped(row(1), [columns])];
}

function checkUnits(backend: GpuBackend, cell: CellKind, units: number): void {
  const most = backend.device.limits.maxComputeWorkgroupStorageSize;
  const bytes = workgroupBytes(cell, units);
  if (bytes <= most) return;
  throw fail("gpu-limit", `${units} units need ${bytes} bytes of workgroup memory, and this GPU has ${most}`, {
    hint: "Its limit is maxComputeWorkgroupStorageSize. Take fewer units, or device simd.",
  });
}

/** The rows of the batch as they are multiplied by weights: x times the mask of its inputs. To be given back. */
function maskedInputs(backend: GpuBackend, x: TensorInfo, inputMask: TensorInfo | undefined): TensorInfo {
  return inputMask === undefined ? call(backend, "Identity", { x }) : call(backend, "Multiply", { a: x, b: inputMask });
}

function forward(backend: GpuBackend, tensors: Inputs, attributes: RecurrentAttributes, cell: CellKind): TensorInfo[] {
  const given = required(tensors, "x");
  const kernel = required(tensors, "kernel");
  const recurrentKernel = required(tensors, "recurrentKernel");
  const [batch = 0, time = 0, inputs = 0] = given.shape;
  const [units = 0, columns = 0] = recurrentKernel.shape;
  const { activation, recurrentActivation = "sigmoid", returnSequences: sequences, keep } = attributes;
  const { mask, recurrentMask } = tensors;
  checkUnits(backend, cell, units);
  const inputMask = tensors.inputMask && reshaped(tensors.inputMask, [batch, 1, inputs]);
  const x = maskedInputs(backend, given, inputMask);
  const [bias, stateBias] = biasesOf(backend, tensors.bias, columns);
  const rows = reshaped(x, [batch * time, inputs]);
  const z =
    bias === undefined
      ? call(backend, "BatchMatMul", { a: rows, b: kernel }, { transposeA: false, transposeB: false })
      : call(
          backend,
          "_FusedMatMul",
          { a: rows, b: kernel, bias },
          { transposeA: false, transposeB: false, activation: "linear" },
        );
  const { cell: second, kept: keptNumbers, resets: hasResets } = CELLS[cell];
  const initial = initialOf(backend, tensors, [batch, units], second);
  const shape: RecurrentShape = {
    cell,
    units,
    activation,
    recurrentActivation,
    backwards: attributes.goBackwards,
    sequences,
    mask: mask !== undefined,
    recurrentMask: recurrentMask !== undefined,
  };
  const h = empty(backend, [batch, units]);
  const c = second ? empty(backend, [batch, units]) : undefined;
  const hs = sequences ? empty(backend, [batch, time, units]) : undefined;
  const kept = keep ? empty(backend, [batch, time, keptNumbers, units]) : undefined;
  const operands = keep ? empty(backend, [batch, time, units]) : undefined;
  const resets = keep && hasResets ? empty(backend, [batch, time, units]) : undefined;
  dispatch(backend, {
    shader: forwardShader({ ...shape, initial: initial !== undefined, stateBias: stateBias !== undefined, keep }),
    inputs: present(z, recurrentKernel, mask, initial, recurrentMask, stateBias),
    outputs: present(h, c, hs, kept, operands, resets),
    uniforms: [batch, time],
    workgroups: batch,
  });
  release(backend, z, initial, bias, stateBias);
  const output = hs ?? call(backend, "Identity", { x: h });
  const results = present(output, h, c);
  if (kept === undefined || operands === undefined) {
    release(backend, x);
    return results;
  }
  // The tape disposes of what was made on the way; these stay as long as the handle does.
  const held = present(kernel, recurrentKernel, mask, recurrentMask, inputMask);
  for (const { dataId } of held) backend.incRef(dataId);
  const reserve: RecurrentReserve = {
    ...{ tensors: [x, kept, operands, ...present(resets), ...held], shape, batch, time, x, kernel, recurrentKernel },
    ...{ kept, operands, resets, mask, recurrentMask, inputMask, dz: undefined },
  };
  return [...results, backend.handle(reserve)];
}

function present(...infos: readonly (TensorInfo | undefined)[]): TensorInfo[] {
  return infos.filter((info) => info !== undefined);
}

/** left^T right, both [rows, …]: the gradient of weights. */
function weightGradient(backend: GpuBackend, left: TensorInfo, right: TensorInfo, rows: number): TensorInfo {
  const a = reshaped(left, [rows, product(left.shape) / Math.max(1, rows)]);
  return call(backend, "BatchMatMul", { a, b: right }, { transposeA: true, transposeB: false });
}

/** The sums of columns, [rows, columns] -> [columns]. */
function columnSums(backend: GpuBackend, x: TensorInfo): TensorInfo {
  return call(backend, "Sum", { x }, { axis: [0], keepDims: false });
}

/** Gradients by kernel, recurrent kernel, bias, the initial states and, if it is asked for, x. */
function backward(backend: GpuBackend, tensors: Inputs, attributes: RecurrentAttributes): TensorInfo[] {
  const reserve = backend.reserveOf(required(tensors, "handle")) as RecurrentReserve;
  const { shape, batch, time, x, kept, operands, resets, recurrentKernel, mask, recurrentMask } = reserve;
  const { units, cell: kind } = shape;
  const { gates, cell: second, stateGradient } = CELLS[kind];
  const [rows, columns] = [batch * time, gates * units];
  const ut = call(backend, "Transpose", { x: recurrentKernel }, { perm: [1, 0] });
  const dz = empty(backend, [rows, columns]);
  const dState = stateGradient ? empty(backend, [rows, columns]) : undefined;
  const dH0 = empty(backend, [batch, units]);
  const dC0 = second ? empty(backend, [batch, units]) : undefined;
  const dC = second ? required(tensors, "dC") : undefined;
  dispatch(backend, {
    shader: backwardShader(shape),
    inputs: present(kept, ut, mask, recurrentMask, required(tensors, "dOutput"), required(tensors, "dH"), dC),
    outputs: present(dz, dState, dH0, dC0),
    uniforms: [batch, time],
    workgroups: batch,
  });
  release(backend, ut);
  reserve.dz = dz;
  reserve.tensors.push(dz);
  const dKernel = weightGradient(backend, x, dz, rows);
  const dRecurrent =
    resets === undefined
      ? weightGradient(backend, operands, dState ?? dz, rows)
      : resetGradient(backend, { operands, resets, dz, rows, units });
  const bias = columnSums(backend, dz);
  const results = [dKernel, dRecurrent, dState === undefined ? bias : bothBiases(backend, bias, dState), dH0];
  if (dC0 !== undefined) results.push(dC0);
  release(backend, dState);
  if (attributes.inputGradient) results.push(inputGradient(backend, tensors));
  return results;
}

/** The gradient of a GRU's recurrent kernel when the candidate has an operand of its own. */
function resetGradient(
  backend: GpuBackend,
  {
    operands,
    resets,
    dz,
    rows,
    units,
  }: Record<"operands" | "resets" | "dz", TensorInfo> & { rows: number; units: number },
): TensorInfo {
  const part = (from: number, size: number): TensorInfo =>
    call(backend, "Slice", { x: dz }, { begin: [0, from], size: [rows, size] });
  const [ofGates, ofCandidate] = [part(0, 2 * units), part(2 * units, units)];
  const left = weightGradient(backend, operands, ofGates, rows);
  const right = weightGradient(backend, resets, ofCandidate, rows);
  const both = call(backend, "Concat", [left, right] as never, { axis: 1 });
  release(backend, ofGates, ofCandidate, left, right);
  return both;
}

/** [2, columns]: the gradients of the bias of the inputs and of that of the state. The first is given back. */
function bothBiases(backend: GpuBackend, ofInputs: TensorInfo, dState: TensorInfo): TensorInfo {
  const ofState = columnSums(backend, dState);
  const both = call(backend, "Concat", [ofInputs, ofState] as never, { axis: 0 });
  release(backend, ofInputs, ofState);
  return reshaped(both, [2, product(ofInputs.shape)]);
}

/** The gradient by x, from what `backward` left: dz W^T, times the mask of the inputs. */
function inputGradient(backend: GpuBackend, tensors: Inputs): TensorInfo {
  const { dz, kernel, batch, time, inputMask } = backend.reserveOf(required(tensors, "handle")) as RecurrentReserve;
  if (dz === undefined) throw new TypeError("The gradient by x comes after that of the steps");
  const flat = call(backend, "BatchMatMul", { a: dz, b: kernel }, { transposeA: false, transposeB: true });
  const dx = reshaped(flat, [batch, time, kernel.shape[0] ?? 0]);
  if (inputMask === undefined) return dx;
  const masked = call(backend, "Multiply", { a: dx, b: inputMask });
  release(backend, dx);
  return masked;
}

function register(name: string, cellOf: (attributes: RecurrentAttributes) => CellKind): void {
  defineKernel<RecurrentAttributes>(name, (backend, inputs, attributes) =>
    forward(backend, inputs, attributes, cellOf(attributes)),
  );
  defineKernel<RecurrentAttributes>(`${name}Grad`, backward);
  defineKernel(`${name}InputGrad`, inputGradient);
}

/** Registers LSTM, GRU and SimpleRNN over whole sequences and their gradients. */
export function registerRecurrent(): void {
  register("SeqloomLstm", () => "lstm");
  register("SeqloomGru", ({ resetAfter = true }) => (resetAfter ? "gru_after" : "gru_before"));
  register("SeqloomSimpleRnn", () => "rnn");
}
