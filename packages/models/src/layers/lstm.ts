import type { Tensor, Tensor1D, Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { type Initializer, initializerOf, initializerSchema } from "../initializers/initializers.js";
import { dropoutMask, requireRandom } from "./dropout-mask.js";
import { defineLayer, requireFloat, shapeError, type WeightSpec } from "./layer.js";

const rate = z.number().min(0).lt(1).default(0);

const schema = z.strictObject({
  units: z.int().positive().describe("Length of the state"),
  activation: z.enum(["tanh", "relu", "linear"]).default("tanh").describe("Of the cell's input and output"),
  recurrent_activation: z.enum(["sigmoid", "hard_sigmoid"]).default("sigmoid").describe("Of the gates"),
  use_bias: z.boolean().default(true).describe("Whether there is a bias"),
  unit_forget_bias: z.boolean().default(true).describe("Begin the bias of the forget gate at 1"),
  kernel_initializer: initializerSchema.prefault("glorot_uniform").describe("Of the weights of the input"),
  recurrent_initializer: initializerSchema.prefault("orthogonal").describe("Of the weights of the state"),
  bias_initializer: initializerSchema.prefault("zeros").describe("Of the bias"),
  dropout: rate.describe("Share of the input's features that each row drops while training"),
  recurrent_dropout: rate.describe("Share of the state that each row drops while training"),
  return_sequences: z.boolean().default(false).describe("Give the state of every step, not only of the last"),
  go_backwards: z.boolean().default(false).describe("Read the sequence from its end"),
});

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers and others 2000):
 * `[time, features]` → `[units]`, or `[time, units]` with `return_sequences`. Weights as in Keras, gates i, f, c, o.
 */
export const lstm = defineLayer({
  name: "lstm",
  type: "LSTM",
  params: schema,
  build(params, input, place) {
    requireFloat(place, input);
    const features = input.shape[1];
    if (input.shape.length !== 2 || typeof features !== "number") {
      const hint =
        input.shape.length === 1
          ? `To read the ${input.shape[0]} numbers one by one, put \`reshape: {target_shape: [${input.shape[0]}, 1]}\` before it; ` +
            "after another lstm, give that one `return_sequences: true`."
          : "Bring each step to one vector first, for example with reshape.";
      throw shapeError(place, "[time, features]", input, hint);
    }
    const { units } = params;
    const output = params.return_sequences ? [input.shape[0], units] : [units];
    return {
      output: { kind: "float", shape: output },
      weights: weightsOf(params, features),
      call(x, weights, { device: { tf, ops }, training, random, mask }) {
        const rows = x.shape[0];
        const masks: { inputMask?: Tensor2D; recurrentMask?: Tensor2D } = {};
        if (training && params.dropout > 0) {
          const stream = requireRandom(random).fork("input");
          masks.inputMask = dropoutMask(tf, [rows, features], params.dropout, stream) as Tensor2D;
        }
        if (training && params.recurrent_dropout > 0) {
          const stream = requireRandom(random).fork("state");
          masks.recurrentMask = dropoutMask(tf, [rows, units], params.recurrent_dropout, stream) as Tensor2D;
        }
        const result = ops.lstm({
          x: x as Tensor3D,
          kernel: weights.kernel as Tensor2D,
          recurrentKernel: weights.recurrent_kernel as Tensor2D,
          ...(params.use_bias && { bias: weights.bias as Tensor1D }),
          ...(mask !== null && { mask: mask as Tensor2D }),
          ...masks,
          activation: params.activation,
          recurrentActivation: params.recurrent_activation,
          returnSequences: params.return_sequences,
          goBackwards: params.go_backwards,
        });
        return { output: result.output, mask: params.return_sequences ? maskAfter(mask) : null };

        /** The outputs of a backward pass come in the order in which they were made. */
        function maskAfter(before: Tensor | null): Tensor | null {
          return before !== null && params.go_backwards ? tf.reverse(before, 1) : before;
        }
      },
    };
  },
});

function weightsOf(params: z.output<typeof schema>, features: number): WeightSpec[] {
  const { units } = params;
  const weights: WeightSpec[] = [
    { name: "kernel", shape: [features, 4 * units], initializer: initializerOf(params.kernel_initializer) },
    { name: "recurrent_kernel", shape: [units, 4 * units], initializer: initializerOf(params.recurrent_initializer) },
  ];
  if (!params.use_bias) return weights;
  const plain = initializerOf(params.bias_initializer);
  // Jozefowicz and others 2015: a forget gate that begins open.
  const open: Initializer = (shape, random) => plain(shape, random).fill(1, units, 2 * units);
  const initializer = params.unit_forget_bias ? open : plain;
  return [...weights, { name: "bias", shape: [4 * units], initializer }];
}
