import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { initializerOf, initializerSchema } from "../initializers/initializers.js";
import { activityRegularizer, regularizerSchema } from "../regularizers.js";
import { dropoutMask, requireRandom } from "./dropout-mask.js";
import { type CallContext, type Flow, requireFloat, type Shape, shapeError, type WeightSpec } from "./layer.js";

const rate = z.number().min(0).lt(1).default(0);

/** The parameters that all recurrent layers have, with Keras' names and defaults. */
export const recurrentParams = {
  units: z.int().positive().describe("Length of the state"),
  activation: z.enum(["tanh", "relu", "linear", "sigmoid"]).default("tanh").describe("Of the state"),
  use_bias: z.boolean().default(true).describe("Whether there is a bias"),
  kernel_initializer: initializerSchema.prefault("glorot_uniform").describe("Of the weights of the input"),
  recurrent_initializer: initializerSchema.prefault("orthogonal").describe("Of the weights of the state"),
  bias_initializer: initializerSchema.prefault("zeros").describe("Of the bias"),
  kernel_regularizer: regularizerSchema.describe("What large weights of the input cost: `{l2: 0.001}`"),
  recurrent_regularizer: regularizerSchema.describe("What large weights of the state cost"),
  bias_regularizer: regularizerSchema.describe("What a large bias costs"),
  activity_regularizer: activityRegularizer,
  dropout: rate.describe("Share of the input's features that each row drops while training"),
  recurrent_dropout: rate.describe("Share of the state that each row drops while training"),
  return_sequences: z.boolean().default(false).describe("Give the state of every step, not only of the last"),
  go_backwards: z.boolean().default(false).describe("Read the sequence from its end"),
  stateful: z
    .boolean()
    .default(false)
    .describe("Begin each batch with the states that the batch before ended with, row by row; needs `shuffle: false`"),
} as const;

/** The parameter of layers with gates. */
export const recurrentActivation = z
  .enum(["sigmoid", "hard_sigmoid"])
  .default("sigmoid")
  .describe("Of the gates; hard_sigmoid is that of Keras 2, clip(0.2 x + 0.5, 0, 1)");

const schema = z.object(recurrentParams);

/** What all recurrent layers are built from. */
export type RecurrentOptions = z.output<typeof schema>;

/** The number of features of each step. Throws `layer-shape` when the input is no sequence of vectors. */
export function featuresOf(place: string, input: Flow): number {
  requireFloat(place, input);
  const features = input.shape[1];
  if (input.shape.length === 2 && typeof features === "number") return features;
  const hint =
    input.shape.length === 1
      ? `To read the ${input.shape[0]} numbers one by one, put \`reshape: {target_shape: [${input.shape[0]}, 1]}\` before it; ` +
        "after another recurrent layer, give that one `return_sequences: true`."
      : "Bring each step to one vector first, for example with reshape.";
  throw shapeError(place, "[time, features]", input, hint);
}

/** The weights, with `columns` numbers for each feature and each unit; `bias` is that of the bias, if it is not the common one. */
export function recurrentWeights(
  params: RecurrentOptions,
  features: number,
  columns: number,
  bias: Partial<WeightSpec> = {},
): WeightSpec[] {
  const weights: WeightSpec[] = [
    {
      name: "kernel",
      shape: [features, columns],
      initializer: initializerOf(params.kernel_initializer),
      regularizer: params.kernel_regularizer,
    },
    {
      name: "recurrent_kernel",
      shape: [params.units, columns],
      initializer: initializerOf(params.recurrent_initializer),
      regularizer: params.recurrent_regularizer,
    },
  ];
  if (!params.use_bias) return weights;
  const initializer = initializerOf(params.bias_initializer);
  return [...weights, { name: "bias", shape: [columns], initializer, regularizer: params.bias_regularizer, ...bias }];
}

/** `[time, units]` or `[units]`. */
export function recurrentShape({ units, return_sequences }: RecurrentOptions, input: Flow): Shape {
  return return_sequences ? [input.shape[0] ?? null, units] : [units];
}

/** What the operations of all recurrent layers take. The bias of a GRU may have two rows. */
export function recurrentInputs(
  params: RecurrentOptions,
  x: Tensor,
  weights: Readonly<Record<string, Tensor>>,
  context: CallContext,
) {
  const [rows, , features] = x.shape;
  return {
    x: x as Tensor3D,
    kernel: weights.kernel as Tensor2D,
    recurrentKernel: weights.recurrent_kernel as Tensor2D,
    ...(params.use_bias && { bias: weights.bias as Tensor1D }),
    ...(context.mask !== null && { mask: context.mask as Tensor2D }),
    ...recurrentMasks(params, [rows, features], context),
    ...(params.stateful && { initialH: context.memory?.recall("h") as Tensor2D | undefined }),
    activation: params.activation,
    returnSequences: params.return_sequences,
    goBackwards: params.go_backwards,
  };
}

/** Keeps the states after a batch for the next one, where the layer is stateful. */
export function keepStates(
  { stateful }: RecurrentOptions,
  { memory }: CallContext,
  states: Readonly<Record<string, Tensor>>,
): void {
  if (!stateful) return;
  for (const [name, state] of Object.entries(states)) memory?.keep(name, state);
}

/** The dropout of one call: the same factors at every step of a row, others at each step of training. */
function recurrentMasks(
  { units, dropout, recurrent_dropout }: RecurrentOptions,
  [rows, features]: readonly [number, number],
  { device: { tf }, training, random }: CallContext,
): { inputMask?: Tensor2D; recurrentMask?: Tensor2D } {
  if (!training) return {};
  const factors = (name: string, width: number, share: number): Tensor2D =>
    dropoutMask(tf, [rows, width], share, requireRandom(random).fork(name)) as Tensor2D;
  return {
    ...(dropout > 0 && { inputMask: factors("input", features, dropout) }),
    ...(recurrent_dropout > 0 && { recurrentMask: factors("state", units, recurrent_dropout) }),
  };
}

/** The mask of what a layer gives. The outputs of a pass from the end come in the order in which they were made. */
export function maskAfter(
  { return_sequences, go_backwards }: RecurrentOptions,
  { device: { tf }, mask }: CallContext,
): Tensor | null {
  if (!return_sequences || mask === null) return null;
  return go_backwards ? tf.reverse(mask, 1) : mask;
}
