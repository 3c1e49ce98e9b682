import { AvgPool, AvgPoolGrad, MaxPool, MaxPoolGrad, type TensorInfo } from "@tensorflow/tfjs-core";
import type { SimdBackend } from "../backend.js";
import { Task } from "../tasks.js";
import { type Geometry, geometryArguments, poolingOf, type WindowAttributes } from "./conv-geometry.js";
import { allFloats, defineKernel, product, required } from "./define.js";

const STRIP = 16; // channels of a chunk of the gradients

interface PoolAttributes extends WindowAttributes {
  readonly filterSize: number | [number, number];
}

function argumentsOf(g: Geometry, source: number, target: number, dy: number): number[] {
  return [source, target, dy, 0, g.batch, 0, 0, 0, ...geometryArguments(g)];
}

function workOf(g: Geometry): number {
  return g.batch * g.outH * g.outW * g.inC * g.kernelH * g.kernelW;
}

function forward(backend: SimdBackend, task: number, x: TensorInfo, attributes: PoolAttributes): TensorInfo {
  const g = poolingOf(x.shape, attributes);
  const from = backend.pointer(x);
  const { info, pointer } = backend.output([g.batch, g.outH, g.outW, g.inC]);
  if (product(info.shape) > 0) {
    backend.runtime.run(task, g.batch * g.outH, workOf(g), argumentsOf(g, from, pointer, 0));
  }
  return info;
}

function gradient(
  backend: SimdBackend,
  task: number,
  x: TensorInfo,
  dy: TensorInfo,
  attributes: PoolAttributes,
): TensorInfo {
  const g = poolingOf(x.shape, attributes);
  // The gradient of a mean does not depend on the numbers.
  const from = task === Task.maxPoolGradient ? backend.pointer(x) : 0;
  const slopes = backend.pointer(dy);
  const { info, pointer } = backend.output(x.shape);
  const chunks = g.batch * Math.ceil(g.inC / STRIP);
  backend.runtime.run(task, chunks, product(x.shape) + workOf(g), argumentsOf(g, from, pointer, slopes));
  return info;
}

/**
 * Registers pooling. Of equal maxima the first gets the gradient; the gradient of a mean at an edge is shared by the numbers that
 * are inside, as the mean itself is, where the kernel of the cpu backend divides by the size of the whole window.
 */
export function registerPooling(): void {
  for (const [name, task] of [
    [MaxPool, Task.maxPool],
    [AvgPool, Task.averagePool],
  ] as const) {
    defineKernel<PoolAttributes>(name, (backend, inputs, attributes) => {
      const x = required(inputs, "x");
      return allFloats(x) ? forward(backend, task, x, attributes) : undefined;
    });
  }
  for (const [name, task] of [
    [MaxPoolGrad, Task.maxPoolGradient],
    [AvgPoolGrad, Task.averagePoolGradient],
  ] as const) {
    defineKernel<PoolAttributes>(name, (backend, inputs, attributes) => {
      const x = required(inputs, "input");
      const dy = required(inputs, "dy");
      return allFloats(x, dy) ? gradient(backend, task, x, dy, attributes) : undefined;
    });
  }
}
