import { fail, type JsonObject, type MetricsTable, type Model, type TensorData } from "@seqloom/core";
import type { InputSpec } from "./input.js";
import type { LayerParams } from "./layers/index.js";
import type { LossName } from "./losses.js";
import { buildNetwork, type Network } from "./network.js";
import type { OptimizerParams } from "./optimizers.js";
import type { RegressionLossName } from "./regression.js";

const FORMAT = "seqloom-model/1";

/** The `config` of a model artifact of this package: everything but the weights. Plain JSON, no times, no paths. */
export interface ModelConfig {
  readonly format: typeof FORMAT;
  /** Validated, with all defaults. */
  readonly layers: readonly LayerParams[];
  readonly input: InputSpec;
  /** What it gives, where that is neither a class for each row nor numbers: a class for each step, or a sequence of classes. */
  readonly task?: "tags" | "sequences";
  /** The class that each place of the probabilities stands for; none where the model gives numbers. */
  readonly classes: readonly string[];
  readonly loss: LossName | RegressionLossName | "ctc";
  /** Where the model gives numbers: how many for each row. */
  readonly outputs?: number;
  /** Where layers keep their state from batch to batch: rows per batch. */
  readonly batch_size?: number;
  readonly optimizer: OptimizerParams;
  /** A number per epoch under `loss`, `accuracy` (or `mae`) and, with validation rows, `val_loss`, `val_accuracy`. */
  readonly history: Readonly<Record<string, readonly number[]>>;
  /** The epoch, from 1, that the weights are of, where the best were kept. */
  readonly best_epoch: number | null;
  readonly summary: MetricsTable;
  readonly total_parameters: number;
}

/** The model artifact of a config and of weights by name. */
export function modelOf(config: ModelConfig, network: Network, values: ReadonlyMap<string, Float32Array>): Model {
  const weights = new Map<string, TensorData>();
  for (const { name, weights: specs } of network.layers) {
    for (const { name: weight, shape } of specs) {
      const full = `${name}/${weight}`;
      weights.set(full, { dtype: "float32", shape, values: values.get(full)! });
    }
  }
  return { config: config as unknown as JsonObject, weights };
}

/**
 * The config of a model artifact.
 * @throws DiagnosticError `model-format` when something else made it.
 */
export function configOf(model: Model): ModelConfig {
  if (model.config.format !== FORMAT) {
    const found = model.config.format === undefined ? "no format" : `format ${JSON.stringify(model.config.format)}`;
    throw fail("model-format", `this model has ${found}, expected ${FORMAT}`, { hint: "Train it with models/train." });
  }
  return model.config as unknown as ModelConfig;
}

/** The network that a config describes. */
export function networkOf(config: ModelConfig): Network {
  return buildNetwork(config.layers, config.input.flow);
}
