import { dataset, defineEstimator, fail, type LabelColumn, type Metrics } from "@seqloom/core";
import { z } from "zod";
import { configOf, type ModelConfig, modelOf } from "../artifact.js";
import { classWeightsOf, classWeightsSchema } from "../class-weights.js";
import { classesOf, targetsOf, unseen } from "../classes.js";
import { openDevice } from "../device.js";
import { batchSource, type InputSpec, inputSpecOf } from "../input.js";
import { layersSchema } from "../layers/index.js";
import { lossProblems, lossSchema, objectiveOf } from "../losses.js";
import { buildNetwork, headOf, takesAnyLength } from "../network.js";
import { optimizerSchema } from "../optimizers.js";
import { summaryTable } from "../summary.js";
import { fitNetwork, type TrainingRows } from "../training/fit.js";
import { earlyStoppingSchema, restoreBestSchema } from "../training/monitor.js";
import { Pacer } from "../training/pacer.js";
import { warmModel } from "../warm.js";

/** Trains layers on the `train` rows, checks them on the `validation` rows after each epoch, and predicts all rows. */
export const train = defineEstimator({
  id: "models/train",
  version: 2,
  description: "Trains a neural network that puts each row into a class",
  isolation: "process",
  seeded: true,
  usesDevice: true,
  cpu: "all",
  input: dataset({ label: "label" }, { oneOf: [{ ids: "padded" }, { series: "series" }, { vector: "vector" }] }),
  output: dataset({ prediction: "label", probabilities: "vector" }),
  state: "model",
  fitOnly: ["label", "split"],
  params: z.strictObject({
    layers: layersSchema.describe("The layers, first to last, with Keras' names: `- lstm: {units: 32}`"),
    loss: lossSchema.default("auto").describe("What is made small; auto: the one that belongs to the last layer"),
    optimizer: optimizerSchema.prefault("adam").describe("How: `adam`, or `{adam: {learning_rate: 0.01}}`"),
    epochs: z.int().positive().default(1).describe("Passes over the train rows"),
    batch_size: z.int().positive().default(32).describe("Rows per step"),
    shuffle: z.boolean().default(true).describe("Take the rows in a new order in every epoch"),
    use_mask: z.boolean().default(false).describe("Pass over the padding of ids, as `mask_zero` of embedding does"),
    class_weights: classWeightsSchema.describe("Weight of each class in the loss; balanced: rare ones count for more"),
    early_stopping: earlyStoppingSchema.nullable().default(null).describe("End when validation gets no better"),
    restore_best: restoreBestSchema.nullable().default(null).describe("Keep the weights of the best epoch"),
  }),
  check: ({ layers, loss }) => lossProblems(loss, headOf(layers), layers.length - 1),

  async fit(rows, params, context) {
    if (rows.rows === 0) {
      throw fail("no-train-rows", "there are no rows to train on", {
        hint: "The column split must say `train` for some rows; without that column all rows are train rows.",
      });
    }
    const { validation } = context;
    if ((params.early_stopping ?? params.restore_best) !== null && validation.rows === 0) {
      const name = params.early_stopping === null ? "restore_best" : "early_stopping";
      throw fail("no-validation-rows", `${name} looks at validation rows, and there are none`, {
        hint: "Let data/split set some rows aside as `validation`.",
      });
    }
    const classes = classesOf(rows.column("label"));
    const targets = targetsOf(rows.column("label"), classes, "train ");
    const found = inputSpecOf(rows, params.use_mask);
    const network = buildNetwork(params.layers, found.flow);
    const isSeries = found.column === "series";
    const input: InputSpec = { ...found, any_length: isSeries && takesAnyLength(params.layers, found.flow) };
    const objective = objectiveOf(params.loss, network, classes);
    const checked: TrainingRows | null =
      validation.rows === 0
        ? null
        : {
            source: batchSource(validation, input),
            targets: targetsOf(validation.column("label") as LabelColumn, classes, "validation "),
          };
    const { weights, history, bestEpoch } = await fitNetwork(
      {
        device: await openDevice(context.device),
        network,
        objective,
        optimizer: params.optimizer,
        train: { source: batchSource(rows, input), targets },
        validation: checked,
        classWeights: classWeightsOf(params.class_weights, classes, targets),
        epochs: params.epochs,
        batchSize: params.batch_size,
        shuffle: params.shuffle,
        early_stopping: params.early_stopping,
        restore_best: params.restore_best,
      },
      context,
    );
    const config: ModelConfig = {
      format: "seqloom-model/1",
      layers: params.layers,
      input,
      classes,
      loss: objective.name,
      optimizer: params.optimizer,
      history,
      best_epoch: bestEpoch,
      summary: summaryTable(network),
      total_parameters: network.parameters,
    };
    return modelOf(config, network, weights);
  },

  async apply(batch, model, _params, context) {
    const { classes } = configOf(model);
    // At prediction time there are no labels; where there are, one that no train row had would spoil the evaluation.
    if (batch.has("label", "label")) checkKnown(batch.column("label"), classes);
    const predictor = await warmModel(model, context.device);
    const pacer = new Pacer(context);
    return predictor.predict(batch, (done) =>
      pacer.pause({ done, total: batch.rows, unit: "rows", message: "predict" }),
    );
  },

  describe(model): Metrics {
    const { history, best_epoch, summary, total_parameters } = configOf(model);
    const epochs = history.loss.length;
    const kept = (best_epoch ?? epochs) - 1;
    const last = Object.entries(history).map(([name, values]) => [name, values[kept]]);
    const best = best_epoch === null ? {} : { best_epoch };
    return {
      values: { parameters: total_parameters, epochs, ...best, ...Object.fromEntries(last) },
      curves: history,
      tables: { summary },
    };
  },
});

function checkKnown(labels: LabelColumn, classes: readonly string[]): void {
  const known = new Set(classes);
  const isKnown = labels.dictionary.map((name) => known.has(name));
  const row = labels.indices.findIndex((index) => index >= 0 && !isKnown[index]);
  if (row >= 0) throw unseen(labels.dictionary[labels.indices[row]], classes, "", row);
}
