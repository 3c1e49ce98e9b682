import { type Dataset, dataset, defineStage, fail, value } from "@seqloom/core";
import { z } from "zod";
import { configOf } from "../artifact.js";
import { predictRows } from "../warm.js";

/** Applies a trained model to data that need not be what it was trained on. */
export const predict = defineStage({
  id: "models/predict",
  version: 2,
  description: "Puts each row into a class with a model that is given",
  isolation: "process",
  usesDevice: true,
  cpu: "all",
  inputs: {
    model: value("model"),
    data: dataset({}, { oneOf: [{ ids: "padded" }, { series: "series" }, { vector: "vector" }] }),
  },
  outputs: { data: dataset({ prediction: "label", probabilities: "vector" }) },
  keepsColumns: true,
  params: z.strictObject({}),
  async run({ model, data }, _params, context) {
    if (configOf(model).outputs !== undefined) {
      throw fail("model-task", "this model gives numbers, not classes", {
        hint: "Apply the models/train-regressor stage that trained it: it predicts all rows that it is given.",
      });
    }
    return { data: (await predictRows(model, data as unknown as Dataset, context)) as never };
  },
});
