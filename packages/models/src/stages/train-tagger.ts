import { type Dataset, dataset, defineEstimator, value } from "@seqloom/core";
import { z } from "zod";
import { classWeightsOf, classWeightsSchema } from "../class-weights.js";
import { classesOf } from "../classes.js";
import { inputSpecOf } from "../input.js";
import { lossProblems } from "../losses.js";
import { headOf } from "../network.js";
import { taggerOf, tagTargetsOf } from "../tagging.js";
import { monitorParams, networkParams, trainingParams, trainingProblems } from "../training/params.js";
import { describeModel, requireRows, trainModel } from "../training/train-model.js";
import { predictRows } from "../warm.js";

const { layers } = networkParams;
const smoothing = z.number().min(0).lt(1).default(0);

/** Trains layers to give a class for each token or step: many to many, equal length. */
export const trainTagger = defineEstimator({
  id: "models/train-tagger",
  version: 2,
  description: "Trains a neural network that puts each token of a row, or each step, into a class",
  isolation: "process",
  seeded: true,
  resumable: "exact",
  usesDevice: true,
  cpu: "all",
  input: dataset(
    { tags: "tags" },
    { oneOf: [{ ids: "ids" }, { ids: "padded" }, { series: "series" }], optional: { weight: "number" } },
  ),
  output: dataset({ predicted_tags: "tags", tag_probabilities: "series" }),
  extra: { vectors: value("matrix") },
  state: "model",
  fitOnly: ["tags", "split", "weight"],
  params: z.strictObject({
    layers,
    label_smoothing: smoothing.describe("Share of each target that is spread over all classes"),
    ...trainingParams,
    use_mask: z
      .boolean()
      .default(true)
      .describe("Pass over the ids that only fill a row; rows that are not padded always do"),
    class_weights: classWeightsSchema.describe("Weight of each class in the loss; balanced: rare ones count for more"),
    ...monitorParams("accuracy"),
  }),
  check: (params) => [
    ...lossProblems("sparse_categorical_crossentropy", headOf(params.layers), params.layers.length - 1),
    ...trainingProblems(params),
  ],

  async fit(rows, params, context) {
    const data = rows as unknown as Dataset;
    requireRows(data, context.validation, params);
    const { dictionary, indices } = rows.column("tags");
    const classes = classesOf({ type: "label", dictionary, indices });
    const known = tagTargetsOf(data, classes, "train ", inputSpecOf(data, params.use_mask)).values;
    return trainModel(
      data,
      params,
      {
        objective: (network) => taggerOf(network, params.layers, classes, params.label_smoothing),
        targets: (some, which, input) => tagTargetsOf(some, classes, which, input),
        classWeights: classWeightsOf(params.class_weights, classes, known),
        config: () => ({ classes, task: "tags", loss: "sparse_categorical_crossentropy" }),
      },
      context,
    );
  },

  apply: (batch, model, _params, context) => predictRows(model, batch as unknown as Dataset, context),

  describe: describeModel,
});
