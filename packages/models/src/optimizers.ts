import type { NamedTensorMap } from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { Device } from "./device.js";
import type { OptimizerState } from "./ops/optimizer.js";
import { type Choice, choice, chosen } from "./params/choice.js";
import { type LearningRateParams, learningRateSchema, scheduleOf } from "./schedules.js";

const decay = (value: number) => z.number().min(0).lt(1).default(value);
const epsilon = z.number().positive().default(1e-7).describe("Keeps divisions finite");
const momentum = decay(0).describe("Share of the last step that the next one keeps");

const adamParams = {
  learning_rate: learningRateSchema(0.001),
  beta_1: decay(0.9).describe("Decay of the mean of the gradients"),
  beta_2: decay(0.999).describe("Decay of the mean of their squares"),
  epsilon,
};

const options = {
  adam: z.strictObject(adamParams),
  adamw: z.strictObject({
    ...adamParams,
    weight_decay: z
      .number()
      .min(0)
      .default(0.004)
      .describe("Share of the weights, times the rate, that a step takes off"),
  }),
  nadam: z.strictObject(adamParams),
  sgd: z.strictObject({
    learning_rate: learningRateSchema(0.01),
    momentum,
    nesterov: z.boolean().default(false).describe("Look ahead along the momentum"),
  }),
  rmsprop: z.strictObject({
    learning_rate: learningRateSchema(0.001),
    rho: decay(0.9).describe("Decay of the mean of the squares of the gradients"),
    momentum,
    epsilon,
    centered: z.boolean().default(false).describe("Take the square of the mean off the mean of the squares"),
  }),
  adagrad: z.strictObject({
    learning_rate: learningRateSchema(0.001),
    initial_accumulator_value: z.number().min(0).default(0.1).describe("What the sums of squares begin with"),
    epsilon,
  }),
};

type OptimizerName = keyof typeof options;

/** How weights are moved: `adam`, `adamw`, `nadam`, `sgd`, `rmsprop` or `adagrad`, with Keras' parameters and defaults. */
export const optimizerSchema = choice("optimizer", options);

/** A parsed {@link optimizerSchema}. */
export type OptimizerParams = Choice<typeof options>;

/** An optimizer whose learning rate follows a schedule. */
export interface ScheduledOptimizer {
  /** The learning rate changes from step to step. */
  readonly isScheduled: boolean;
  /** The learning rate of the step before; of the first one before there was any. */
  readonly learningRate: number;
  step(gradients: NamedTensorMap, factor?: number): void;
  /** Steps taken, and running values: all that the next step depends on beside the weights and the schedule. */
  state(): Promise<OptimizerState>;
  restore(state: OptimizerState): void;
  dispose(): void;
}

/** The optimizer that these parameters ask for in a training of so many steps, without any state yet. */
export function optimizerOf(device: Device, params: OptimizerParams, totalSteps: number): ScheduledOptimizer {
  const [name, values] = chosen(params);
  const { learning_rate } = values as { readonly learning_rate: LearningRateParams };
  const schedule = scheduleOf(learning_rate, totalSteps);
  const optimizer = plainOptimizer(device, name as OptimizerName, values, schedule(0));
  return {
    isScheduled: typeof learning_rate !== "number",
    get learningRate() {
      return optimizer.learningRate;
    },
    step(gradients, factor) {
      optimizer.learningRate = schedule(optimizer.iterations);
      optimizer.step(gradients, factor);
    },
    state: () => optimizer.state(),
    restore(state) {
      optimizer.restore(state);
      optimizer.learningRate = schedule(Math.max(state.iterations - 1, 0));
    },
    dispose: () => optimizer.dispose(),
  };
}

function plainOptimizer({ ops }: Device, name: OptimizerName, values: unknown, learningRate: number) {
  switch (name) {
    case "adam":
    case "nadam": {
      const { beta_1: beta1, beta_2: beta2, epsilon } = values as z.output<typeof options.adam>;
      return ops[name]({ learningRate, beta1, beta2, epsilon });
    }
    case "adamw": {
      const { beta_1: beta1, beta_2: beta2, epsilon, weight_decay } = values as z.output<typeof options.adamw>;
      return ops.adamw({ learningRate, beta1, beta2, epsilon, weightDecay: weight_decay });
    }
    case "sgd": {
      const { momentum, nesterov } = values as z.output<typeof options.sgd>;
      return ops.sgd({ learningRate, momentum, nesterov });
    }
    case "rmsprop": {
      const { rho, momentum, epsilon, centered } = values as z.output<typeof options.rmsprop>;
      return ops.rmsprop({ learningRate, rho, momentum, epsilon, centered });
    }
    case "adagrad": {
      const { initial_accumulator_value, epsilon } = values as z.output<typeof options.adagrad>;
      return ops.adagrad({ learningRate, initialAccumulatorValue: initial_accumulator_value, epsilon });
    }
  }
}
