import { getKernel, registerKernel, type TensorInfo, unregisterKernel } from "@tensorflow/tfjs-core";
import type { GpuBackend } from "../backend.js";

/** Name of the backend in TensorFlow.js' registry. */
export const BACKEND = "webgpu";

/** Tensors that a kernel is given, by name; optional ones may be missing. */
export type Inputs = Readonly<Record<string, TensorInfo | undefined>>;

/** What a kernel does: undefined hands the work to the kernel of TensorFlow.js. */
export type Kernel<Attributes> = (
  backend: GpuBackend,
  inputs: Inputs,
  attributes: Attributes,
) => TensorInfo | TensorInfo[] | undefined;

/** An input that must be there. */
export function required(inputs: Inputs, name: string): TensorInfo {
  const input = inputs[name];
  if (input === undefined || input === null) throw new TypeError(`A kernel of @seqloom/webgpu needs the input ${name}`);
  return input;
}

/** Product of sizes. */
export function product(sizes: readonly number[]): number {
  return sizes.reduce((size, next) => size * next, 1);
}

/** The same values under another shape; not a tensor of its own. */
export function reshaped({ dataId, dtype }: TensorInfo, shape: readonly number[]): TensorInfo {
  return { dataId, dtype, shape: [...shape] };
}

/** Runs a kernel of the backend; its result is to be disposed of. */
export function call(backend: GpuBackend, name: string, inputs: Inputs, attrs: object = {}): TensorInfo {
  const kernel = getKernel(name, BACKEND);
  if (kernel === undefined) throw new TypeError(`The backend has no kernel ${name}`);
  return kernel.kernelFunc({ inputs: inputs as never, attrs: attrs as never, backend }) as TensorInfo;
}

/** Gives tensors back that a kernel made for itself. */
export function release(backend: GpuBackend, ...infos: readonly (TensorInfo | undefined)[]): void {
  for (const info of infos) if (info !== undefined) backend.disposeData(info.dataId);
}

/** Registers a kernel for `webgpu`, in place of that of TensorFlow.js if there is one. */
export function defineKernel<Attributes extends object>(kernelName: string, kernel: Kernel<Attributes>): void {
  const fallback = getKernel(kernelName, BACKEND);
  if (fallback !== undefined) unregisterKernel(kernelName, BACKEND);
  registerKernel({
    kernelName,
    backendName: BACKEND,
    kernelFunc: (given) => {
      const result = kernel(given.backend as GpuBackend, given.inputs as Inputs, given.attrs as unknown as Attributes);
      if (result !== undefined) return result;
      if (fallback === undefined) throw new TypeError(`Kernel ${kernelName} cannot take these inputs`);
      return fallback.kernelFunc(given);
    },
  });
}
