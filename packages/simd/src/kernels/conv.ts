import * as tf from "@tensorflow/tfjs-core";
import {
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  FusedConv2D,
  registerGradient,
  type Tensor,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import type { SimdBackend } from "../backend.js";
import {
  convolutionOf,
  type FilterGradientAttributes,
  type Geometry,
  type InputGradientAttributes,
  type WindowAttributes,
} from "./conv-geometry.js";
import { convolveFilterGradient, convolveForward, convolveInputGradient } from "./conv-products.js";
import { convolveTokens, goesByTokens, type Tokens } from "./conv-tokens.js";
import { allFloats, defineKernel, type Inputs, product, required } from "./define.js";

const ACTIVATIONS: Readonly<Record<string, number>> = { linear: 0, relu: 1, sigmoid: 2, tanh: 3, relu6: 4 };
const SLOPES: Readonly<Record<string, string>> = {
  relu: "SeqloomReluGrad",
  sigmoid: "SeqloomSigmoidGrad",
  tanh: "SeqloomTanhGrad",
};

interface FusedAttributes extends WindowAttributes {
  readonly activation?: string;
  /** Which steps of x are alike, if it is rows of a table. */
  readonly tokens?: Tokens | undefined;
}

/** A tensor of zeros if there is nothing to add up, else undefined. */
function trivial(backend: SimdBackend, g: Geometry, shape: readonly number[]): TensorInfo | undefined {
  const terms = g.kernelH * g.kernelW * g.inC * g.outC * g.outH * g.outW * g.batch;
  if (terms !== 0) return undefined;
  const { info, pointer } = backend.output(shape);
  backend.runtime.floats.fill(0, pointer >>> 2, (pointer >>> 2) + product(shape));
  return info;
}

function forward(backend: SimdBackend, tensors: Inputs, attributes: FusedAttributes): TensorInfo | undefined {
  const x = required(tensors, "x");
  const filter = required(tensors, "filter");
  const { bias, preluActivationWeights } = tensors;
  const activation = ACTIVATIONS[attributes.activation ?? "linear"];
  const g = convolutionOf(x.shape, filter.shape, attributes);
  if (g === undefined || activation === undefined || preluActivationWeights || !allFloats(x, filter)) return undefined;
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== g.outC || !allFloats(bias))) return undefined;
  if (g.inC === 0) return undefined;
  const shape = [g.batch, g.outH, g.outW, g.outC];
  const none = trivial(backend, g, shape);
  if (none !== undefined) return none;
  const [source, kernel, added] = [backend.pointer(x), backend.pointer(filter), backend.pointerOrNone(bias)];
  const { info, pointer } = backend.output(shape);
  const { tokens } = attributes;
  if (tokens !== undefined && goesByTokens(g, tokens)) {
    convolveTokens(backend, g, tokens, { source, kernel, target: pointer, bias: added, activation });
  } else {
    convolveForward(backend, g, { source, target: pointer, bias: added, activation }, kernel);
  }
  return info;
}

function inputGradient(
  backend: SimdBackend,
  tensors: Inputs,
  attributes: InputGradientAttributes,
): TensorInfo | undefined {
  const dy = required(tensors, "dy");
  const filter = required(tensors, "filter");
  const g = convolutionOf(attributes.inputShape, filter.shape, attributes);
  if (g === undefined || !allFloats(dy, filter)) return undefined;
  const none = trivial(backend, g, attributes.inputShape);
  if (none !== undefined) return none;
  const pointers = [backend.pointer(dy), backend.pointer(filter)] as const;
  const { info, pointer } = backend.output(attributes.inputShape);
  convolveInputGradient(backend, g, ...pointers, pointer);
  return info;
}

function filterGradient(
  backend: SimdBackend,
  tensors: Inputs,
  attributes: FilterGradientAttributes,
): TensorInfo | undefined {
  const x = required(tensors, "x");
  const dy = required(tensors, "dy");
  const g = convolutionOf(x.shape, attributes.filterShape, attributes);
  if (g === undefined || !allFloats(x, dy)) return undefined;
  const none = trivial(backend, g, attributes.filterShape);
  if (none !== undefined) return none;
  const pointers = [backend.pointer(x), backend.pointer(dy)] as const;
  const { info, pointer } = backend.output(attributes.filterShape);
  convolveFilterGradient(backend, g, ...pointers, pointer);
  return info;
}

/**
 * Registers convolutions: those of TensorFlow.js, and `SeqloomConv2D`, activation(x * filter + bias), whose gradient also knows
 * dilation, which the stock one refuses.
 */
export function registerConvolutions(): void {
  defineKernel<FusedAttributes>(Conv2D, (backend, inputs, attributes) =>
    forward(backend, inputs, { ...attributes, activation: "linear" }),
  );
  defineKernel<FusedAttributes>(FusedConv2D, forward);
  defineKernel<FusedAttributes>("SeqloomConv2D", forward);
  defineKernel<InputGradientAttributes>(Conv2DBackpropInput, inputGradient);
  defineKernel<FilterGradientAttributes>(Conv2DBackpropFilter, filterGradient);
  registerGradient({
    kernelName: "SeqloomConv2D",
    inputsToSave: ["x", "filter"],
    outputsToSave: [true],
    gradFunc: (dys, [x, filter, y], attributes) => {
      const run = (name: string, inputs: tf.NamedTensorMap, more: object = {}): Tensor =>
        tf.engine().runKernel(name, inputs, { ...attributes, ...more } as tf.NamedAttrMap) as Tensor;
      const { activation = "linear" } = attributes as unknown as FusedAttributes;
      const slope = SLOPES[activation];
      if (x === undefined || filter === undefined || y === undefined) throw new TypeError("Nothing was saved");
      if (slope === undefined && activation !== "linear") throw new TypeError(`${activation} has no gradient here`);
      const dy = slope === undefined ? (dys as Tensor) : run(slope, { dy: dys as Tensor, y });
      return {
        x: () => run(Conv2DBackpropInput, { dy, filter }, { inputShape: x.shape }),
        filter: () => run(Conv2DBackpropFilter, { x, dy }, { filterShape: filter.shape }),
        bias: () => tf.sum(dy, [0, 1, 2]),
      };
    },
  });
}
