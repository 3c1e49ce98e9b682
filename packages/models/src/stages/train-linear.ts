import { type Dataset, dataset, defineEstimator, fail, type LabelColumn, type Model } from "@seqloom/core";
import { z } from "zod";
import { classWeightsOf, classWeightsSchema } from "../class-weights.js";
import { classesOf, targetsOf } from "../classes.js";
import { featuresOf } from "../linear/features.js";
import { fitLinear } from "../linear/fit.js";
import { describeLinear, linearConfig, linearModel, linearScores, probabilitiesOf } from "../linear/model.js";
import { chooseStrength, searchParams, strengthProblems } from "../linear/params.js";
import { bestOf, scoresOf } from "../linear/scores.js";

/** Trains a linear classifier on the train rows, and predicts all rows: what a sequence model has to beat. */
export const trainLinear = defineEstimator({
  id: "models/train-linear",
  version: 1,
  description:
    "Trains a linear classifier on sparse or dense features: logistic regression, SVM, naive Bayes, centroids.",
  isolation: "process",
  input: dataset({ label: "label" }, { oneOf: [{ features: "sparse" }, { vector: "vector" }] }),
  output: dataset({ prediction: "label" }),
  state: "model",
  fitOnly: ["label", "split"],
  params: z.strictObject({
    kind: z
      .enum(["logistic", "svm", "naive_bayes", "centroid"])
      .default("logistic")
      .describe(
        "logistic: logistic regression. svm: support vectors with the squared hinge loss. naive_bayes: multinomial, of counts. " +
          "centroid: the class whose mean is nearest. The first and the third give probabilities",
      ),
    scheme: z
      .enum(["multinomial", "one_vs_rest"])
      .default("multinomial")
      .describe("Of logistic regression with three classes or more: one model of all classes, or one for each"),
    distance: z.enum(["euclidean", "cosine"]).default("euclidean").describe("Of centroid: by distance, or by angle"),
    class_weights: classWeightsSchema.describe("Weight of each class in the loss; balanced: rare ones count for more"),
    ...searchParams,
  }),
  check: ({ regularisation, kind }) => strengthProblems(regularisation, kind),
  examples: [
    {
      with: { kind: "naive_bayes" },
      in: [
        {
          label: "spam",
          features: [
            ["latin", 1],
            ["plans", 1],
          ],
        },
        {
          label: "no spam",
          features: [
            ["mexico", 1],
            ["plans", 1],
          ],
        },
      ],
      out: [
        { prediction: "spam", probabilities: [0.333333, 0.666667] },
        { prediction: "no spam", probabilities: [0.666667, 0.333333] },
      ],
    },
  ],
  fit: (train, params, context) => {
    if (train.rows === 0) {
      throw fail("no-train-rows", "there are no rows to train on", {
        hint: "The column split must say `train` for some rows; without that column all rows are train rows.",
      });
    }
    const labels = train.column("label");
    const classes = classesOf(labels);
    const targets = targetsOf(labels, classes, "train ");
    if (classes.length < 2) {
      throw fail("one-class", `the train rows have one label, "${classes[0]}": there is nothing to tell apart`, {
        hint: "Look at the column label, and at the split: every class needs train rows.",
      });
    }
    const features = featuresOf(train as unknown as Dataset);
    const examples = {
      features,
      targets,
      classes: classes.length,
      classWeights: classWeightsOf(params.class_weights, classes, targets),
    };
    const { validation } = context;
    const held = validation.rows === 0 ? null : featuresOf(validation);
    const wanted = held && targetsOf(validation.column("label") as LabelColumn, classes, "validation ");
    const { fitted, regularisation, tried } = chooseStrength(
      params.regularisation,
      (strength, before) => fitLinear(examples, params, strength, before),
      held && ((one) => accuracy(bestOf(scoresOf(held, one), classes.length), wanted!)),
      context,
    );
    return linearModel(fitted, {
      kind: params.kind,
      classes,
      width: features.width,
      features: features.names ?? null,
      rows: train.rows,
      regularisation,
      tried,
    });
  },
  apply: (batch, model) => {
    const { classes, link } = linearConfig(model);
    const scores = linearScores(model, featuresOf(batch as unknown as Dataset));
    const values = probabilitiesOf(scores, classes.length, link);
    return batch.with({
      prediction: { type: "label", dictionary: classes, indices: bestOf(scores, classes.length) },
      ...(values !== null && { probabilities: { type: "vector", values, width: classes.length } }),
    } as never);
  },
  describe: (model: Model) => describeLinear(model),
});

function accuracy(predicted: Int32Array, wanted: Int32Array): number {
  return predicted.filter((one, row) => one === wanted[row]).length / wanted.length;
}
