import { type Columns, type Dataset, fail, type Model } from "@seqloom/core";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Answer } from "./answers/answer.js";
import { answerOf } from "./answers/index.js";
import { configOf, type ModelConfig, networkOf } from "./artifact.js";
import { type Device, openDevice } from "./device.js";
import { batchSource } from "./input.js";
import type { Network } from "./network.js";
import { withinMemory } from "./out-of-memory.js";
import { batches, INFERENCE_BATCH, infer, inOrder, type Loaded } from "./training/infer.js";
import { Memory, requireWholeBatches } from "./training/memory.js";

/** A model on a device, ready to predict again and again. */
export interface Predictor {
  readonly config: ModelConfig;
  /**
   * The data with the columns `prediction` and `probabilities` added (or replaced); `predicted` where the model gives numbers.
   * @throws DiagnosticError `model-input-missing`, `model-input-shape`, `model-vocabulary`, `stateful-batch`.
   * @param before called before each batch with the number of rows that are done; it may throw to stop.
   */
  predict<C extends Columns>(data: Dataset<C>, before?: (done: number) => Promise<void> | void): Promise<Dataset>;
  /** Frees the device's memory. Predicting afterwards fails. */
  dispose(): void;
}

/**
 * Puts a trained model on a device. Keep it to predict with little delay, and dispose of it at the end.
 * @throws DiagnosticError `model-format`, `unknown-device`, `device-unavailable`.
 */
export async function loadModel(model: Model, deviceName = "simd"): Promise<Predictor> {
  const config = configOf(model);
  const network = networkOf(config);
  const answerTo = answerOf(config, network);
  const device = await openDevice(deviceName);
  const loaded: Loaded = { device, network, weights: weightsOf(model, network, device) };
  let disposed = false;
  return {
    config,
    async predict(data, before) {
      if (disposed) throw new Error("this model was disposed of");
      if (device.tf.getBackend() !== device.name) await openDevice(device.name);
      const rows = data as unknown as Dataset;
      const answer = answerTo(rows);
      await withinMemory(network, () => run(loaded, config, answer, rows, before));
      return rows.with(answer.columns() as never);
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      device.tf.dispose([...loaded.weights.values()]);
    },
  };
}

function weightsOf(model: Model, network: Network, { tf }: Device): Map<string, Tensor> {
  const weights = new Map<string, Tensor>();
  for (const layer of network.layers) {
    for (const { name, shape } of layer.weights) {
      const full = `${layer.name}/${name}`;
      const stored = model.weights.get(full);
      if (stored === undefined || stored.shape.join() !== shape.join()) {
        tf.dispose([...weights.values()]);
        const found = stored === undefined ? "no such weight" : `shape [${stored.shape.join(", ")}]`;
        throw fail(
          "model-weights",
          `weight ${full} of the model: expected shape [${shape.join(", ")}], found ${found}`,
        );
      }
      weights.set(full, tf.tensor(stored.values as Float32Array, [...shape], "float32"));
    }
  }
  return weights;
}

/**
 * The rows in the orders in which a network reads them, each from a fresh state. A stateful one goes on from batch to batch, so
 * the rows of each split are read apart, as when it was trained and validated.
 */
function passesOf(data: Dataset, network: Network): Int32Array[] {
  if (!network.stateful || !data.has("split", "label")) return [inOrder(data.rows)];
  const splits = (["train", "validation", "test"] as const).map((split) => data.rowsOfSplit(split));
  const inSplit = new Set(splits.flatMap((rows) => [...rows]));
  return [...splits, inOrder(data.rows).filter((row) => !inSplit.has(row))];
}

async function run(
  loaded: Loaded,
  { input, batch_size = INFERENCE_BATCH }: ModelConfig,
  answer: Answer,
  data: Dataset,
  before?: (done: number) => Promise<void> | void,
): Promise<void> {
  const { device, network } = loaded;
  const source = batchSource(data, input);
  const passes = passesOf(data, network);
  if (network.stateful) for (const order of passes) requireWholeBatches(order.length, batch_size, "");
  const memory = new Memory(device.tf);
  let done = 0;
  try {
    for (const order of passes) {
      memory.reset();
      for (const rows of batches(order, network.stateful ? batch_size : INFERENCE_BATCH)) {
        await before?.(done);
        done += rows.length;
        answer.take(rows, await infer({ ...loaded, memory }, source, rows, (outputs) => answer.read(device, outputs)));
      }
    }
  } finally {
    memory.reset();
  }
}
