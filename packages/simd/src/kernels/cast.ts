import { Cast, type DataType, type TensorInfo } from "@tensorflow/tfjs-core";
import type { SimdBackend } from "../backend.js";
import { Stretch, Task, Unary } from "../tasks.js";
import { defineKernel, product, required } from "./define.js";

/** Integers and booleans to floats: real numbers, where the cpu backend only relabels the integers. */
function toFloats(backend: SimdBackend, x: TensorInfo): TensorInfo {
  const size = product(x.shape);
  if (x.dtype === "int32") {
    const from = backend.pointer(x);
    const { info, pointer } = backend.output(x.shape);
    const task = [Unary.fromInteger, from, pointer, size];
    backend.runtime.run(Task.unary, Math.ceil(size / Stretch.unary), size, task, []);
    return info;
  }
  const values = backend.values(x).values as ArrayLike<number>;
  return backend.makeTensorInfo([...x.shape], "float32", Float32Array.from(values));
}

/** Registers the change of dtype. */
export function registerCast(): void {
  defineKernel<{ dtype: DataType }>(Cast, (backend, inputs, { dtype }) => {
    const x = required(inputs, "x");
    if (x.dtype === dtype && dtype !== "string" && dtype !== "complex64") return backend.share(x, x.shape);
    if (dtype === "float32" && (x.dtype === "int32" || x.dtype === "bool")) return toFloats(backend, x);
    if (dtype === "int32" && x.dtype === "bool") {
      const values = backend.values(x).values as ArrayLike<number>;
      return backend.makeTensorInfo([...x.shape], "int32", Int32Array.from(values));
    }
    return undefined;
  });
}
