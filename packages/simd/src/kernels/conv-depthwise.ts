import * as tf from "@tensorflow/tfjs-core";
import {
  DepthwiseConv2dNative,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  registerGradient,
  type Tensor,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import type { SimdBackend } from "../backend.js";
import { Task } from "../tasks.js";
import {
  convolutionOf,
  type FilterGradientAttributes,
  type Geometry,
  geometryArguments,
  type InputGradientAttributes,
  type WindowAttributes,
} from "./conv-geometry.js";
import { allFloats, defineKernel, type Inputs, product, required } from "./define.js";

/** Images are added up in at most so many groups. */
const GROUPS = 16;
const STRIP = 16; // channels of a chunk of the gradient by the kernel

function zeros(backend: SimdBackend, shape: readonly number[]): TensorInfo {
  const { info, pointer } = backend.output(shape);
  backend.runtime.floats.fill(0, pointer >>> 2, (pointer >>> 2) + product(shape));
  return info;
}

interface Addresses {
  readonly source?: number;
  readonly kernel?: number;
  readonly target: number;
  readonly dy?: number;
}

function argumentsOf(g: Geometry, { source = 0, kernel = 0, target, dy = 0 }: Addresses, images = 0): number[] {
  return [source, kernel, target, dy, g.batch, g.outC / g.inC, images, 0, ...geometryArguments(g)];
}

function workOf(g: Geometry): number {
  return g.batch * g.outH * g.outW * g.outC * g.kernelH * g.kernelW;
}

function forward(backend: SimdBackend, tensors: Inputs, attributes: WindowAttributes): TensorInfo | undefined {
  const x = required(tensors, "x");
  const filter = required(tensors, "filter");
  const g = convolutionOf(x.shape, filter.shape, attributes, true);
  if (g === undefined || !allFloats(x, filter)) return undefined;
  const shape = [g.batch, g.outH, g.outW, g.outC];
  if (product(shape) === 0) return zeros(backend, shape);
  const [source, kernel] = [backend.pointer(x), backend.pointer(filter)];
  const { info, pointer } = backend.output(shape);
  const task = argumentsOf(g, { source, kernel, target: pointer });
  backend.runtime.run(Task.depthwise, g.batch * g.outH, workOf(g), task);
  return info;
}

function inputGradient(
  backend: SimdBackend,
  tensors: Inputs,
  attributes: InputGradientAttributes,
): TensorInfo | undefined {
  const dy = required(tensors, "dy");
  const filter = required(tensors, "filter");
  const g = convolutionOf(attributes.inputShape, filter.shape, attributes, true);
  if (g === undefined || !allFloats(dy, filter)) return undefined;
  if (product(dy.shape) === 0) return zeros(backend, attributes.inputShape);
  const pointers = { dy: backend.pointer(dy), kernel: backend.pointer(filter) };
  const { info, pointer } = backend.output(attributes.inputShape);
  const task = argumentsOf(g, { ...pointers, target: pointer });
  backend.runtime.run(Task.depthwiseInputGradient, g.batch * g.inH, workOf(g), task);
  return info;
}

function filterGradient(
  backend: SimdBackend,
  tensors: Inputs,
  attributes: FilterGradientAttributes,
): TensorInfo | undefined {
  const x = required(tensors, "x");
  const dy = required(tensors, "dy");
  const { filterShape } = attributes;
  const g = convolutionOf(x.shape, filterShape, attributes, true);
  if (g === undefined || !allFloats(x, dy)) return undefined;
  if (product(dy.shape) * product(filterShape) === 0) return zeros(backend, filterShape);
  const { runtime } = backend;
  const pointers = { source: backend.pointer(x), dy: backend.pointer(dy) };
  const { info, pointer } = backend.output(filterShape);
  const images = Math.ceil(g.batch / GROUPS);
  const groups = Math.ceil(g.batch / images);
  const size = product(filterShape);
  runtime.withScratch(groups * size * 4, (sums) => {
    const task = argumentsOf(g, { ...pointers, target: sums }, images);
    runtime.run(Task.depthwiseFilterGradient, groups * Math.ceil(g.inC / STRIP), workOf(g), task);
    runtime.run(Task.reduceColumns, Math.ceil(size / 64), groups * size, [0, sums, pointer, 1, groups, size]);
  });
  return info;
}

/** Registers depthwise convolutions: those of TensorFlow.js, and `SeqloomDepthwiseConv2D`, whose gradient also knows dilation. */
export function registerDepthwiseConvolutions(): void {
  defineKernel<WindowAttributes>(DepthwiseConv2dNative, forward);
  defineKernel<WindowAttributes>("SeqloomDepthwiseConv2D", forward);
  defineKernel<InputGradientAttributes>(DepthwiseConv2dNativeBackpropInput, inputGradient);
  defineKernel<FilterGradientAttributes>(DepthwiseConv2dNativeBackpropFilter, filterGradient);
  registerGradient({
    kernelName: "SeqloomDepthwiseConv2D",
    inputsToSave: ["x", "filter"],
    gradFunc: (dy, [x, filter], attributes) => {
      const run = (name: string, inputs: tf.NamedTensorMap, more: object): Tensor =>
        tf.engine().runKernel(name, inputs, { ...attributes, ...more } as tf.NamedAttrMap) as Tensor;
      if (x === undefined || filter === undefined) throw new TypeError("Nothing was saved");
      return {
        x: () => run(DepthwiseConv2dNativeBackpropInput, { dy: dy as Tensor, filter }, { inputShape: x.shape }),
        filter: () => run(DepthwiseConv2dNativeBackpropFilter, { x, dy: dy as Tensor }, { filterShape: filter.shape }),
      };
    },
  });
}
