import { type Dataset, fail, type Matrix, type Metrics, type Model, type StageContext } from "@seqloom/core";
import { configOf, type ModelConfig, modelOf } from "../artifact.js";
import { openDevice } from "../device.js";
import { batchSource, type InputSpec, inputSpecOf, longestOf, requireSteps } from "../input.js";
import type { Objective } from "../losses.js";
import { buildNetwork, type Network, takesAnyLength } from "../network.js";
import { requireMemory, withinMemory } from "../out-of-memory.js";
import { sampleWeightsOf } from "../sample-weights.js";
import { summaryTable } from "../summary.js";
import { fitNetwork, type TrainingRows } from "./fit.js";
import { requireWholeBatches } from "./memory.js";
import type { TrainParams } from "./params.js";
import type { Targets } from "./targets.js";
import { givenVectors } from "./vectors.js";

/** What a model is to learn, and what its config says of that. */
export interface Task {
  objective(network: Network, input: InputSpec): Objective;
  /** What rows should give; `which` rows these are, for messages: `"validation "`. */
  targets(data: Dataset, which: string, input: InputSpec): Targets;
  /** The weight of each class in the loss; null: all alike. */
  readonly classWeights: Float32Array | null;
  config(network: Network): Pick<ModelConfig, "classes" | "loss" | "outputs" | "task">;
}

/** @throws DiagnosticError when there is nothing to train on, or to monitor. */
export function requireRows(
  rows: Dataset,
  validation: Dataset,
  { early_stopping, restore_best }: Pick<TrainParams, "early_stopping" | "restore_best">,
): void {
  if (rows.rows === 0) {
    throw fail("no-train-rows", "there are no rows to train on", {
      hint: "The column split must say `train` for some rows; without that column all rows are train rows.",
    });
  }
  if ((early_stopping ?? restore_best) !== null && validation.rows === 0) {
    const name = early_stopping === null ? "restore_best" : "early_stopping";
    throw fail("no-validation-rows", `${name} looks at validation rows, and there are none`, {
      hint: "Let data/split set some rows aside as `validation`.",
    });
  }
}

/** Builds the network that the parameters describe over these rows, and trains it. */
export async function trainModel(
  rows: Dataset,
  params: TrainParams,
  task: Task,
  context: StageContext,
): Promise<Model> {
  const { validation } = context;
  const found = inputSpecOf(rows, params.use_mask);
  const empty = requireSteps(rows, found);
  if (empty > 0)
    context.log(`${empty} of ${rows.rows} train rows are empty: all that they teach is how often each answer is right`);
  // Where rows differ in length, a window must fit into the longest at least.
  const longest = longestOf(rows, found);
  if (longest !== null) buildNetwork(params.layers, { ...found.flow, shape: [longest, ...found.flow.shape.slice(1)] });
  const network = buildNetwork(params.layers, found.flow);
  const anyLength = found.column === "series" ? takesAnyLength(params.layers, found.flow) : found.any_length;
  const input: InputSpec = { ...found, any_length: anyLength };
  if (network.stateful) {
    requireWholeBatches(rows.rows, params.batch_size, "train ");
    requireWholeBatches(validation.rows, params.batch_size, "validation ");
  }
  const objective = task.objective(network, input);
  const rowsOf = (data: Dataset, which: string): TrainingRows => ({
    source: batchSource(data, input),
    targets: task.targets(data, which, input),
    weights: params.sample_weights ? sampleWeightsOf(data, which) : null,
  });
  const job = {
    ...params,
    batchSize: params.batch_size,
    device: await openDevice(context.device),
    network,
    objective,
    classWeights: task.classWeights,
    given: givenVectors(network, input, context.extra?.vectors as Matrix | undefined),
    train: rowsOf(rows, "train "),
    validation: validation.rows === 0 ? null : rowsOf(validation, "validation "),
  };
  requireMemory(context.device, network);
  const { weights, history, bestEpoch } = await withinMemory(network, () => fitNetwork(job, context));
  const config: ModelConfig = {
    format: "seqloom-model/1",
    layers: params.layers,
    input,
    ...task.config(network),
    ...(network.stateful && { batch_size: params.batch_size }),
    optimizer: params.optimizer,
    history,
    best_epoch: bestEpoch,
    summary: summaryTable(network),
    total_parameters: network.parameters,
  };
  return modelOf(config, network, weights);
}

/** The report of a trained model: its size, its curves, and the numbers of the epoch that was kept. */
export function describeModel(model: Model): Metrics {
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
}
