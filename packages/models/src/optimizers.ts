import { z } from "zod";
import type { Device } from "./device.js";
import { type Choice, choice, chosen } from "./params/choice.js";

const rate = (value: number) => z.number().positive().default(value).describe("Length of the steps");
const decay = (value: number) => z.number().min(0).lt(1).default(value);

const options = {
  adam: z.strictObject({
    learning_rate: rate(0.001),
    beta_1: decay(0.9).describe("Decay of the mean of the gradients"),
    beta_2: decay(0.999).describe("Decay of the mean of their squares"),
    epsilon: z.number().positive().default(1e-7).describe("Keeps divisions finite"),
  }),
  sgd: z.strictObject({
    learning_rate: rate(0.01),
    momentum: decay(0).describe("Share of the last step that the next one keeps"),
    nesterov: z.boolean().default(false).describe("Look ahead along the momentum"),
  }),
};

/** How weights are moved: `adam` (Kingma and Ba 2015) or `sgd`, with Keras' parameters and defaults. */
export const optimizerSchema = choice("optimizer", options);

/** A parsed {@link optimizerSchema}. */
export type OptimizerParams = Choice<typeof options>;

/** The optimizer that these parameters ask for, without any state yet. */
export function optimizerOf({ ops }: Device, params: OptimizerParams): ReturnType<Device["ops"]["adam" | "sgd"]> {
  const [name, values] = chosen(params);
  switch (name as keyof typeof options) {
    case "adam": {
      const { learning_rate, beta_1, beta_2, epsilon } = values as z.output<typeof options.adam>;
      return ops.adam({ learningRate: learning_rate, beta1: beta_1, beta2: beta_2, epsilon });
    }
    case "sgd": {
      const { learning_rate, momentum, nesterov } = values as z.output<typeof options.sgd>;
      return ops.sgd({ learningRate: learning_rate, momentum, nesterov });
    }
  }
}
