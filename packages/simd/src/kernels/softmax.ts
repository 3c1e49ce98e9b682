import { LogSoftmax, Softmax, type TensorInfo } from "@tensorflow/tfjs-core";
import type { SimdBackend } from "../backend.js";
import { Stretch, Task } from "../tasks.js";
import { allFloats, defineKernel, product, required } from "./define.js";

function softmax(backend: SimdBackend, x: TensorInfo, logarithm: boolean): TensorInfo {
  const count = x.shape.at(-1) ?? 1;
  const rows = product(x.shape.slice(0, -1));
  const from = backend.pointer(x);
  const { info, pointer } = backend.output(x.shape);
  const task = [from, pointer, rows, count, logarithm ? 1 : 0];
  backend.runtime.run(Task.softmax, Math.ceil(rows / Stretch.softmaxRows), rows * count * 20, task);
  return info;
}

/** Registers softmax and its logarithm. */
export function registerSoftmax(): void {
  defineKernel<{ dim: number }>(Softmax, (backend, inputs, { dim }) => {
    const logits = required(inputs, "logits");
    return allFloats(logits) && (dim === -1 || dim === logits.shape.length - 1)
      ? softmax(backend, logits, false)
      : undefined;
  });
  defineKernel<{ axis: number }>(LogSoftmax, (backend, inputs, { axis }) => {
    const logits = required(inputs, "logits");
    return allFloats(logits) && (axis === -1 || axis === logits.shape.length - 1)
      ? softmax(backend, logits, true)
      : undefined;
  });
}
