import type { Tensor, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { Operations } from "../device.js";
import { imageAfter, imageOf, pairOf, pairSchema } from "./conv-params.js";
import { lengthAfter, maskAfter, type SequenceWindow, sequenceOf, stepsBefore } from "./conv-sequence.js";
import type { BuiltLayer, Flow } from "./layer.js";

const padding = z
  .enum(["valid", "same"])
  .default("valid")
  .describe("valid: windows stay inside; same: those at the edges count too");

/** The parameters of pooling over time. */
export const sequencePooling = z.strictObject({
  pool_size: z.int().positive().default(2).describe("Steps of a window"),
  strides: z.int().positive().nullable().default(null).describe("Steps from a window to the next; null: pool_size"),
  padding,
});

/** The parameters of pooling over images. */
export const imagePooling = z.strictObject({
  pool_size: pairSchema.default(2).describe("Height and width of a window"),
  strides: pairSchema.nullable().default(null).describe("Pixels from a window to the next; null: pool_size"),
  padding,
});

/** Builds a layer that pools `[time, features]`. Windows that reach into masked steps are masked. */
export function poolSequence(
  params: z.output<typeof sequencePooling>,
  input: Flow,
  place: string,
  pool: (ops: Operations) => (x: Tensor3D, size: number, stride: number, padding: "valid" | "same") => Tensor,
): BuiltLayer {
  const { pool_size: reach, padding } = params;
  const [, features] = sequenceOf(place, input);
  const stride = params.strides ?? reach;
  const window: SequenceWindow = { name: "pool_size", reach, stride, padding };
  return {
    output: { kind: "float", shape: [lengthAfter(place, input, window), features] },
    weights: [],
    call(x, _weights, { device: { tf, ops }, mask }) {
      const steps = padding === "valid" ? stepsBefore(tf, { x, mask }, window) : { x, mask };
      const output = pool(ops)(steps.x as Tensor3D, reach, stride, padding);
      return { output, mask: maskAfter(tf, steps.mask, window) };
    },
  };
}

/** Builds a layer that pools `[height, width, channels]`. */
export function poolImage(
  params: z.output<typeof imagePooling>,
  input: Flow,
  place: string,
  pool: (
    ops: Operations,
  ) => (
    x: Tensor4D,
    o: { size: readonly [number, number]; strides: readonly [number, number]; padding: "valid" | "same" },
  ) => Tensor,
): BuiltLayer {
  const { padding } = params;
  const size = pairOf(params.pool_size);
  const strides = pairOf(params.strides ?? params.pool_size);
  const [, , channels] = imageOf(place, input);
  const after = imageAfter(place, input, { name: "pool_size", size, strides, dilation: [1, 1], padding });
  return {
    output: { kind: "float", shape: [...after, channels] },
    weights: [],
    call: (x, _weights, { device: { ops } }) => ({
      output: pool(ops)(x as Tensor4D, { size, strides, padding }),
      mask: null,
    }),
  };
}
