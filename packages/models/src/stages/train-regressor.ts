import { type Dataset, dataset, defineEstimator, value } from "@seqloom/core";
import { z } from "zod";
import { headOf } from "../network.js";
import { numbersOf, regressionLossSchema, regressionProblems, regressorOf, widthOf } from "../regression.js";
import { monitorParams, networkParams, trainingParams, trainingProblems } from "../training/params.js";
import { describeModel, requireRows, trainModel } from "../training/train-model.js";
import { predictRows } from "../warm.js";

const { layers, use_mask } = networkParams;
const [target, targets] = [{ target: "number" } as const, { targets: "vector" } as const];
const [ids, series, vector] = [
  { ids: "padded" } as const,
  { series: "series" } as const,
  { vector: "vector" } as const,
];

/** Trains layers to give numbers: the column `target`, or the vectors of `targets`. */
export const trainRegressor = defineEstimator({
  id: "models/train-regressor",
  version: 1,
  description: "Trains a neural network that gives numbers for each row",
  isolation: "process",
  seeded: true,
  usesDevice: true,
  cpu: "all",
  resumable: "exact",
  input: dataset(
    {},
    {
      oneOf: [target, targets].flatMap((wanted) => [ids, series, vector].map((given) => ({ ...wanted, ...given }))),
      optional: { weight: "number" },
    },
  ),
  output: dataset({ predicted: "vector" }),
  extra: { vectors: value("matrix") },
  state: "model",
  fitOnly: ["target", "targets", "split", "weight"],
  params: z.strictObject({
    layers,
    loss: regressionLossSchema.default("mean_squared_error").describe("What is made small"),
    huber_delta: z.number().positive().default(1).describe("Of huber: the error from which on it counts in proportion"),
    ...trainingParams,
    use_mask,
    ...monitorParams("mae"),
  }),
  check: (params) => [
    ...regressionProblems(params.loss, headOf(params.layers), params.layers.length - 1),
    ...trainingProblems(params),
  ],

  async fit(rows, params, context) {
    const data = rows as unknown as Dataset;
    requireRows(data, context.validation, params);
    const { width } = numbersOf(data, "train ");
    return trainModel(
      data,
      params,
      {
        objective: (network) => regressorOf(params.loss, network, width, params.huber_delta),
        targets: numbersOf,
        classWeights: null,
        config: (network) => ({ classes: [], loss: params.loss, outputs: widthOf(network) }),
      },
      context,
    );
  },

  apply: (batch, model, _params, context) => predictRows(model, batch as unknown as Dataset, context),

  describe: describeModel,
});
