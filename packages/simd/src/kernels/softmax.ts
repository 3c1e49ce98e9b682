import * as tf from "@tensorflow/tfjs-core";
import { LogSoftmax, registerGradient, Softmax, type Tensor, type TensorInfo } from "@tensorflow/tfjs-core";
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

/** Losses [rows] of logits [rows, classes] and integer labels [rows], and a handle that owns the probabilities. */
function crossEntropy(backend: SimdBackend, logits: TensorInfo, labels: TensorInfo): TensorInfo[] {
  const [rows = 0, classes = 0] = logits.shape;
  const pointers = [backend.pointer(logits), backend.pointer(labels)];
  const { info, pointer } = backend.output([rows]);
  const probabilities = backend.block(rows * classes * 4);
  const task = [...pointers, 0, probabilities, pointer, rows, classes];
  backend.runtime.run(Task.crossEntropy, Math.ceil(rows / Stretch.softmaxRows), rows * classes * 20, task);
  return [info, backend.handle({ blocks: [probabilities] })];
}

/** Registers softmax, its logarithm, and the cross-entropy of softmax with integer labels. */
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
  defineKernel("SeqloomSoftmaxCrossEntropy", (backend, inputs) =>
    crossEntropy(backend, required(inputs, "logits"), required(inputs, "labels")),
  );
  defineKernel<{ classes: number }>("SeqloomSoftmaxCrossEntropyGrad", (backend, inputs, { classes }) => {
    const dy = required(inputs, "dy");
    const labels = required(inputs, "labels");
    const [probabilities = 0] = backend.values(required(inputs, "handle")).reserve?.blocks ?? [];
    const rows = product(dy.shape);
    const pointers = [backend.pointer(dy), backend.pointer(labels)];
    const { info, pointer } = backend.output([rows, classes]);
    const task = [...pointers, 0, probabilities, pointer, rows, classes];
    backend.runtime.run(Task.crossEntropyGradient, Math.ceil(rows / Stretch.softmaxRows), rows * classes * 2, task);
    return info;
  });
  registerGradient({
    kernelName: "SeqloomSoftmaxCrossEntropy",
    inputsToSave: ["labels"],
    outputsToSave: [false, true],
    gradFunc: (dys, [labels, handle], attributes) => {
      const [dy] = dys as Tensor[];
      if (dy === undefined || labels === undefined || handle === undefined) throw new TypeError("Nothing was saved");
      const inputs = { dy, labels, handle };
      return { logits: () => tf.engine().runKernel("SeqloomSoftmaxCrossEntropyGrad", inputs, attributes) as Tensor };
    },
  });
}
