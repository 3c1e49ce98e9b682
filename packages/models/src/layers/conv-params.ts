import { z } from "zod";
import { activationSchema } from "../activations.js";
import { initializerOf, initializerSchema } from "../initializers/initializers.js";
import { activityRegularizer, regularizerSchema } from "../regularizers.js";
import { type Flow, requireFloat, shapeError, type WeightSpec } from "./layer.js";

const count = z.int().positive();

/** One number for both directions, or [height, width]. */
export const pairSchema = z.union([count, z.tuple([count, count])]);

/** Height and width of a parsed {@link pairSchema}. */
export function pairOf(value: z.output<typeof pairSchema>): readonly [number, number] {
  return typeof value === "number" ? [value, value] : value;
}

const EDGES = "valid: windows stay inside; same: zeros around, so that the length is kept";

/** The parameters that say how a window moves over a sequence. */
export const sequenceWindow = {
  kernel_size: count.describe("Steps that a kernel sees"),
  strides: count.default(1).describe("Steps from a window to the next"),
  padding: z.enum(["valid", "same", "causal"]).default("valid").describe(`${EDGES}; causal: no step sees a later one`),
  dilation_rate: count.default(1).describe("Distance of the steps that a kernel sees"),
};

/** The parameters that say how a window moves over an image. */
export const imageWindow = {
  kernel_size: pairSchema.describe("Height and width of a kernel"),
  strides: pairSchema.default(1).describe("Pixels from a window to the next"),
  padding: z.enum(["valid", "same"]).default("valid").describe(EDGES),
  dilation_rate: pairSchema.default(1).describe("Distance of the pixels that a kernel sees"),
};

/** What every convolution does after its sums. */
export const afterSums = {
  activation: activationSchema.default("linear").describe("What is applied to the outputs"),
  use_bias: z.boolean().default(true).describe("Whether there is a bias"),
  bias_initializer: initializerSchema.prefault("zeros").describe("Of the bias"),
  bias_regularizer: regularizerSchema.describe("Of the bias"),
  activity_regularizer: activityRegularizer,
};

/** The parameters of the weights of a plain convolution. */
export const kernelParams = {
  kernel_initializer: initializerSchema.prefault("glorot_uniform").describe("Of the weights"),
  kernel_regularizer: regularizerSchema.describe("Of the weights"),
};

/** The parameters of the weights of a depthwise convolution. */
export const depthwiseParams = {
  depth_multiplier: count.default(1).describe("Outputs of each channel"),
  depthwise_initializer: initializerSchema.prefault("glorot_uniform").describe("Of the weights of each channel"),
  depthwise_regularizer: regularizerSchema.describe("Of the weights of each channel"),
};

/** The parameters of the weights that mix the channels of a separable convolution. */
export const pointwiseParams = {
  pointwise_initializer: initializerSchema.prefault("glorot_uniform").describe("Of the weights that mix channels"),
  pointwise_regularizer: regularizerSchema.describe("Of the weights that mix channels"),
};

/** The kernel of a plain convolution. */
export function kernelWeight(shape: readonly number[], params: z.output<z.ZodObject<typeof kernelParams>>): WeightSpec {
  const initializer = initializerOf(params.kernel_initializer);
  return { name: "kernel", shape, initializer, regularizer: params.kernel_regularizer };
}

/** The kernel of a depthwise convolution. */
export function depthwiseWeight(
  shape: readonly number[],
  params: z.output<z.ZodObject<typeof depthwiseParams>>,
): WeightSpec {
  const initializer = initializerOf(params.depthwise_initializer);
  return { name: "depthwise_kernel", shape, initializer, regularizer: params.depthwise_regularizer };
}

/** The kernel that mixes the channels of a separable convolution. */
export function pointwiseWeight(
  shape: readonly number[],
  params: z.output<z.ZodObject<typeof pointwiseParams>>,
): WeightSpec {
  const initializer = initializerOf(params.pointwise_initializer);
  return { name: "pointwise_kernel", shape, initializer, regularizer: params.pointwise_regularizer };
}

/** The bias, if there is one. */
export function biasWeights(filters: number, params: z.output<z.ZodObject<typeof afterSums>>): WeightSpec[] {
  if (!params.use_bias) return [];
  const initializer = initializerOf(params.bias_initializer);
  return [{ name: "bias", shape: [filters], initializer, regularizer: params.bias_regularizer }];
}

/** Height, width and channels of an image, all known. */
export function imageOf(place: string, input: Flow): readonly [number, number, number] {
  requireFloat(place, input);
  const { shape } = input;
  if (shape.length !== 3 || shape.includes(null)) {
    const hint =
      shape.length === 1
        ? "Say what the numbers are: put `reshape: {target_shape: [height, width, channels]}` before it."
        : shape.length === 2
          ? `For one channel put \`reshape: {target_shape: [${shape.map((size) => size ?? "height").join(", ")}, 1]}\` before it.`
          : "Bring the input to one image per row first.";
    throw shapeError(place, "[height, width, channels]", input, hint);
  }
  return shape as [number, number, number];
}

/** How a window moves over an image. */
export interface ImageWindow {
  /** What the window is called in hints, such as kernel_size. */
  readonly name: string;
  readonly size: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly padding: "valid" | "same";
}

/** Height and width of what a window gives. Refuses windows that are larger than the image. */
export function imageAfter(place: string, input: Flow, window: ImageWindow): readonly [number, number] {
  const { name, size, strides, dilation, padding } = window;
  const [height, width] = imageOf(place, input);
  const reach = size.map((taps, i) => (taps - 1) * dilation[i as 0 | 1] + 1);
  if (padding === "valid" && (reach[0] > height || reach[1] > width)) {
    const hint = `Use a smaller ${name}, \`padding: same\`, or larger images.`;
    throw shapeError(place, `at least [${reach[0]}, ${reach[1]}, channels]`, input, hint);
  }
  const after = (length: number, i: 0 | 1): number =>
    padding === "same" ? Math.ceil(length / strides[i]) : Math.floor((length - reach[i]) / strides[i]) + 1;
  return [after(height, 0), after(width, 1)];
}
