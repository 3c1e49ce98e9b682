import { type Dataset, dataset, defineEstimator, type LabelColumn, value } from "@seqloom/core";
import { z } from "zod";
import { configOf } from "../artifact.js";
import { classWeightsOf, classWeightsSchema } from "../class-weights.js";
import { classesOf, targetsOf, unseen } from "../classes.js";
import { type Classifier, lossProblems, lossSchema, objectiveOf } from "../losses.js";
import { headOf, type Network } from "../network.js";
import { monitorParams, networkParams, trainingParams, trainingProblems } from "../training/params.js";
import { describeModel, requireRows, trainModel } from "../training/train-model.js";
import { predictRows } from "../warm.js";

const { layers, use_mask } = networkParams;
const smoothing = z.number().min(0).lt(1).default(0);

/** Trains layers on the `train` rows, checks them on the `validation` rows after each epoch, and predicts all rows. */
export const train = defineEstimator({
  id: "models/train",
  version: 2,
  description: "Trains a neural network that puts each row into a class",
  isolation: "process",
  seeded: true,
  usesDevice: true,
  cpu: "all",
  resumable: "exact",
  input: dataset(
    { label: "label" },
    { oneOf: [{ ids: "padded" }, { series: "series" }, { vector: "vector" }], optional: { weight: "number" } },
  ),
  output: dataset({ prediction: "label", probabilities: "vector" }),
  extra: { vectors: value("matrix") },
  state: "model",
  fitOnly: ["label", "split", "weight"],
  params: z.strictObject({
    layers,
    loss: lossSchema.default("auto").describe("What is made small; auto: the one that belongs to the last layer"),
    label_smoothing: smoothing.describe("Share of each target that is spread over all classes"),
    ...trainingParams,
    use_mask,
    class_weights: classWeightsSchema.describe("Weight of each class in the loss; balanced: rare ones count for more"),
    ...monitorParams("accuracy"),
  }),
  check: (params) => [
    ...lossProblems(params.loss, headOf(params.layers), params.layers.length - 1),
    ...trainingProblems(params),
  ],

  async fit(rows, params, context) {
    const data = rows as unknown as Dataset;
    requireRows(data, context.validation, params);
    const classes = classesOf(rows.column("label"));
    const targets = targetsOf(rows.column("label"), classes, "train ");
    const objective = (network: Network): Classifier =>
      objectiveOf(params.loss, network, classes, params.label_smoothing);
    return trainModel(
      data,
      params,
      {
        objective,
        targets: (some, which) => ({
          kind: "classes",
          values: targetsOf(some.column("label") as LabelColumn, classes, which),
        }),
        classWeights: classWeightsOf(params.class_weights, classes, targets),
        config: (network) => ({ classes, loss: objective(network).name }),
      },
      context,
    );
  },

  async apply(batch, model, _params, context) {
    const { classes } = configOf(model);
    // At prediction time there are no labels; where there are, one that no train row had would spoil the evaluation.
    if (batch.has("label", "label")) checkKnown(batch.column("label"), classes);
    return predictRows(model, batch as unknown as Dataset, context);
  },

  describe: describeModel,
});

function checkKnown(labels: LabelColumn, classes: readonly string[]): void {
  const known = new Set(classes);
  const isKnown = labels.dictionary.map((name) => known.has(name));
  const row = labels.indices.findIndex((index) => index >= 0 && !isKnown[index]);
  if (row >= 0) throw unseen(labels.dictionary[labels.indices[row]], classes, "", row);
}
