import type { ParamProblem } from "@seqloom/core";
import { z } from "zod";
import { layersSchema } from "../layers/index.js";
import { isStateful } from "../layers/stateful.js";
import type { MetricName } from "../losses.js";
import { optimizerSchema } from "../optimizers.js";
import { earlyStoppingSchema, restoreBestSchema } from "./monitor.js";

const limit = z.number().positive().nullable().default(null);

/** The network, and how it is trained: the parameters that every stage that trains one has. */
export const networkParams = {
  layers: layersSchema.describe("The layers, first to last, with Keras' names: `- lstm: {units: 32}`"),
  use_mask: z.boolean().default(false).describe("Pass over the padding of ids, as `mask_zero` of embedding does"),
};

/** See {@link networkParams}. */
export const trainingParams = {
  optimizer: optimizerSchema.prefault("adam").describe("How: `adam`, or `{adam: {learning_rate: 0.01}}`"),
  clip_norm: limit.describe("Scale gradients down to this norm, that of all together; null: as they are"),
  clip_value: limit.describe("Bring every entry of the gradients into this distance of 0; null: as they are"),
  epochs: z.int().positive().default(1).describe("Passes over the train rows"),
  batch_size: z.int().positive().default(32).describe("Rows per step"),
  shuffle: z.boolean().default(true).describe("Take the rows in a new order in every epoch"),
  sample_weights: z.boolean().default(false).describe("Weigh each row by the column `weight`, in loss and metrics"),
  on_divergence: z
    .enum(["fail", "stop"])
    .default("fail")
    .describe("When the loss is not finite: fail, or stop and keep the weights of the last epoch that went well"),
};

/** When to stop, and which weights to keep, by the metrics that there are. */
export function monitorParams<const M extends MetricName>(metric: M) {
  return {
    early_stopping: earlyStoppingSchema(metric).nullable().default(null).describe("End when validation gets no better"),
    restore_best: restoreBestSchema(metric).nullable().default(null).describe("Keep the weights of the best epoch"),
  };
}

/** Parsed parameters of a stage that trains a network. */
export type TrainParams = z.output<z.ZodObject<typeof networkParams & typeof trainingParams>> &
  z.output<z.ZodObject<ReturnType<typeof monitorParams>>>;

/** What the schema of {@link trainingParams} cannot say. */
export function trainingProblems({
  clip_norm,
  clip_value,
  layers,
  shuffle,
}: Pick<TrainParams, "clip_norm" | "clip_value" | "layers" | "shuffle">): ParamProblem[] {
  const problems: ParamProblem[] = [];
  if (clip_norm !== null && clip_value !== null) {
    const message = "gradients are clipped by clip_norm already";
    problems.push({ path: ["clip_value"], message, hint: "Leave out one of clip_norm and clip_value." });
  }
  const stateful = shuffle ? layers.findIndex(isStateful) : -1;
  if (stateful >= 0) {
    const message = "a stateful layer goes on where the batch before ended, and shuffled rows do not";
    const hint = "Set `shuffle: false`: row i of each batch then follows row i of the batch before.";
    problems.push({ path: ["layers", stateful], message, hint });
  }
  return problems;
}
