import * as tf from "@tensorflow/tfjs-core";
import { registerGradient, type Tensor } from "@tensorflow/tfjs-core";
import { Stretch, Task } from "../tasks.js";
import { defineKernel, product, required } from "./define.js";

interface GeluAttributes {
  /** The form by tanh in place of the exact one. */
  readonly approximate: boolean;
}

/** Registers the Gaussian error linear unit and its gradient. */
export function registerGelu(): void {
  defineKernel<GeluAttributes>("SeqloomGelu", (backend, inputs, { approximate }) => {
    const x = required(inputs, "x");
    const size = product(x.shape);
    const from = backend.pointer(x);
    const { info, pointer } = backend.output(x.shape);
    const task = [approximate ? 1 : 0, from, pointer, size];
    backend.runtime.run(Task.gelu, Math.ceil(size / Stretch.unary), size * 10, task);
    return info;
  });
  defineKernel<GeluAttributes>("SeqloomGeluGrad", (backend, inputs, { approximate }) => {
    const x = required(inputs, "x");
    const size = product(x.shape);
    const pointers = [backend.pointer(required(inputs, "dy")), backend.pointer(x)];
    const { info, pointer } = backend.output(x.shape);
    const task = [approximate ? 1 : 0, ...pointers, pointer, size];
    backend.runtime.run(Task.geluGradient, Math.ceil(size / Stretch.unary), size * 15, task);
    return info;
  });
  registerGradient({
    kernelName: "SeqloomGelu",
    inputsToSave: ["x"],
    gradFunc: (dy, [x], attributes) => ({
      x: () => {
        if (x === undefined) throw new TypeError("Nothing was saved");
        return tf.engine().runKernel("SeqloomGeluGrad", { dy: dy as Tensor, x }, attributes) as Tensor;
      },
    }),
  });
}
