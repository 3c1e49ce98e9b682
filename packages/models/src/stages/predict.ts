import { type Dataset, dataset, defineStage, fail, value } from "@seqloom/core";
import { z } from "zod";
import { configOf, type ModelConfig } from "../artifact.js";
import { predictRows } from "../warm.js";

/** What models give, and the columns that say it. */
const OUTPUTS = {
  classes: dataset({ prediction: "label", probabilities: "vector" }),
  numbers: dataset({ predicted: "vector" }),
  tags: dataset({ predicted_tags: "tags", tag_probabilities: "series" }),
  sequences: dataset({ predicted_tokens: "tokens", frame_probabilities: "series" }),
} as const;

/** Applies a trained model to data that need not be what it was trained on. */
export const predict = defineStage({
  id: "models/predict",
  version: 4,
  description: "Sends rows through a model that is given: a class for each, numbers, tags or sequences",
  isolation: "process",
  usesDevice: true,
  cpu: "all",
  inputs: {
    model: value("model"),
    data: dataset({}, { oneOf: [{ ids: "padded" }, { ids: "ids" }, { series: "series" }, { vector: "vector" }] }),
  },
  outputs: { data: OUTPUTS.classes },
  outputsFor: ({ task }) => ({ data: OUTPUTS[task] }),
  keepsColumns: true,
  params: z.strictObject({
    task: z
      .enum(["classes", "numbers", "tags", "sequences"])
      .default("classes")
      .describe("What the model gives for a row: that of models/train, train-regressor, train-tagger or train-ctc"),
  }),
  async run({ model, data }, { task }, context) {
    const own = taskOf(configOf(model));
    if (own !== task) {
      throw fail("model-task", `this model gives ${own}, not ${task}`, { hint: `Set \`task: ${own}\`.` });
    }
    return { data: (await predictRows(model, data as unknown as Dataset, context)) as never };
  },
});

function taskOf({ task, outputs }: ModelConfig): keyof typeof OUTPUTS {
  return task ?? (outputs === undefined ? "classes" : "numbers");
}
