import { exactLog } from "@seqloom/core";
import { z } from "zod";
import { exactCosine, exactExp } from "./exact-math.js";
import { choice, chosen } from "./params/choice.js";

const initial = z.number().positive().default(0.001).describe("Length of the steps after the warm-up");
const warmUp = z.int().min(0).default(0).describe("Steps over which the rate rises evenly from 0");
const common = { initial_learning_rate: initial, warmup_steps: warmUp };
const decaySteps = z.int().positive();
const decayRate = z.number().positive().max(1);

const options = {
  constant: z.strictObject(common),
  step: z.strictObject({
    ...common,
    decay_steps: decaySteps.describe("Steps between two falls"),
    decay_rate: decayRate.default(0.1).describe("What the rate is multiplied with at each fall"),
  }),
  exponential: z.strictObject({
    ...common,
    decay_steps: decaySteps.describe("Steps over which the rate falls to decay_rate times itself"),
    decay_rate: decayRate.default(0.96).describe("Share of the rate that is left after decay_steps"),
  }),
  cosine: z.strictObject({
    ...common,
    decay_steps: decaySteps.nullable().default(null).describe("Steps of the fall; null: all that are left of training"),
    alpha: z.number().min(0).max(1).default(0).describe("Share of the rate that is left at the end"),
  }),
};

/**
 * How long the steps are: a number, or one of Keras' schedules by step, `{cosine: {initial_learning_rate: 0.01}}`, each with
 * a warm-up where it is asked for.
 */
export function learningRateSchema(value: number) {
  return z
    .union([z.number().positive(), choice("schedule", options)])
    .default(value)
    .describe("Length of the steps: a number, or a schedule such as `{cosine: {initial_learning_rate: 0.01}}`");
}

/** A parsed {@link learningRateSchema}. */
export type LearningRateParams = z.output<ReturnType<typeof learningRateSchema>>;

/** The learning rate of each step, counted from 0. */
export type Schedule = (step: number) => number;

/** The schedule that these parameters ask for in a training of so many steps. */
export function scheduleOf(params: LearningRateParams, totalSteps: number): Schedule {
  if (typeof params === "number") return () => params;
  const [name, values] = chosen(params);
  const { initial_learning_rate: rate, warmup_steps: warmUp } = values as z.output<typeof options.constant>;
  const share = shareOf(name as keyof typeof options, values, Math.max(totalSteps - warmUp, 1));
  return (step) => rate * (step < warmUp ? (step + 1) / warmUp : share(step - warmUp));
}

/** What is left of the rate, by steps after the warm-up. */
function shareOf(name: keyof typeof options, values: unknown, left: number): Schedule {
  switch (name) {
    case "constant":
      return () => 1;
    case "step": {
      const { decay_steps, decay_rate } = values as z.output<typeof options.step>;
      return (step) => wholePower(decay_rate, Math.floor(step / decay_steps));
    }
    case "exponential": {
      const { decay_steps, decay_rate } = values as z.output<typeof options.exponential>;
      const slope = exactLog(decay_rate);
      return (step) => exactExp((slope * step) / decay_steps);
    }
    case "cosine": {
      // Loshchilov and Hutter 2017, without restarts.
      const { decay_steps, alpha } = values as z.output<typeof options.cosine>;
      const steps = decay_steps ?? left;
      return (step) => alpha + (1 - alpha) * 0.5 * (1 + exactCosine(Math.min(step / steps, 1)));
    }
  }
}

function wholePower(base: number, exponent: number): number {
  let power = 1;
  for (let i = 0; i < exponent && power > 0; i++) power *= base;
  return power;
}
