import { getKernel, registerKernel, type TensorInfo, unregisterKernel } from "@tensorflow/tfjs-core";
import type { SimdBackend } from "../backend.js";

/** Name of the backend in TensorFlow.js' registry. */
export const BACKEND = "simd";

/** Tensors that a kernel is given, by name; optional ones may be missing. */
export type Inputs = Readonly<Record<string, TensorInfo | undefined>>;

/** What a kernel does: undefined hands the work to the kernel of the cpu backend. */
export type Kernel<Attributes> = (
  backend: SimdBackend,
  inputs: Inputs,
  attributes: Attributes,
) => TensorInfo | TensorInfo[] | undefined;

/** An input that must be there. */
export function required(inputs: Inputs, name: string): TensorInfo {
  const input = inputs[name];
  if (input === undefined || input === null) throw new TypeError(`A kernel of @seqloom/simd needs the input ${name}`);
  return input;
}

/** True when all tensors hold 32-bit floats. */
export function allFloats(...infos: readonly TensorInfo[]): boolean {
  return infos.every((info) => info.dtype === "float32");
}

/** Product of sizes. */
export function product(sizes: readonly number[]): number {
  return sizes.reduce((size, next) => size * next, 1);
}

/** Registers a kernel for `simd`, in place of the one copied from the cpu backend if there is one. */
export function defineKernel<Attributes extends object>(kernelName: string, kernel: Kernel<Attributes>): void {
  const fallback = getKernel(kernelName, "cpu");
  if (getKernel(kernelName, BACKEND) !== undefined) unregisterKernel(kernelName, BACKEND);
  registerKernel({
    kernelName,
    backendName: BACKEND,
    kernelFunc: (call) => {
      const backend = call.backend as SimdBackend;
      const result = backend.guarded(() => kernel(backend, call.inputs as Inputs, call.attrs as unknown as Attributes));
      if (result !== undefined) return result;
      if (fallback === undefined) throw new TypeError(`Kernel ${kernelName} cannot take these inputs`);
      return fallback.kernelFunc(call);
    },
  });
}
