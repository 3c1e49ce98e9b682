import { type Columns, type Dataset, fail, type LabelColumn, type Model, type VectorColumn } from "@seqloom/core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { configOf, type ModelConfig, networkOf } from "./artifact.js";
import { type Device, openDevice } from "./device.js";
import { batchSource } from "./input.js";
import { type Classifier, type LossName, objectiveOf } from "./losses.js";
import type { Network } from "./network.js";
import { type RegressionLossName, type Regressor, regressorOf } from "./regression.js";
import { batches, INFERENCE_BATCH, infer, inOrder, type Loaded } from "./training/infer.js";

/** A model on a device, ready to predict again and again. */
export interface Predictor {
  readonly config: ModelConfig;
  /**
   * The data with the columns `prediction` and `probabilities` added (or replaced); `predicted` where the model gives numbers.
   * @throws DiagnosticError `model-input-missing`, `model-input-shape`, `model-vocabulary`.
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
  const answer = answerOf(config, network);
  const device = await openDevice(deviceName);
  const loaded: Loaded = { device, network, weights: weightsOf(model, network, device) };
  let disposed = false;
  return {
    config,
    async predict(data, before) {
      if (disposed) throw new Error("this model was disposed of");
      if (device.tf.getBackend() !== device.name) await openDevice(device.name);
      return (data as unknown as Dataset).with(await answer(loaded, data as unknown as Dataset, before));
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

/** Gives the columns that a model adds to data. */
type Answer = (loaded: Loaded, data: Dataset, before?: (done: number) => Promise<void> | void) => Promise<Answers>;
type Answers = { prediction: LabelColumn; probabilities: VectorColumn } | { predicted: VectorColumn };

function answerOf(config: ModelConfig, network: Network): Answer {
  if (config.outputs !== undefined) {
    const regressor = regressorOf(config.loss as RegressionLossName, network, config.outputs, 1);
    return (loaded, data, before) => estimate(loaded, regressor, config.outputs!, config, data, before);
  }
  const classifier = objectiveOf(config.loss as LossName, network, config.classes);
  return (loaded, data, before) => classify(loaded, classifier, config, data, before);
}

async function estimate(
  loaded: Loaded,
  regressor: Regressor,
  width: number,
  { input }: ModelConfig,
  data: Dataset,
  before?: (done: number) => Promise<void> | void,
): Promise<{ predicted: VectorColumn }> {
  const source = batchSource(data, input);
  const values = new Float32Array(data.rows * width);
  for (const rows of batches(inOrder(data.rows), INFERENCE_BATCH)) {
    await before?.(rows[0]);
    const [numbers] = await infer(loaded, source, rows, (output) => [regressor.numbers(loaded.device, output)]);
    values.set(numbers, rows[0] * width);
  }
  return { predicted: { type: "vector", values, width } };
}

async function classify(
  loaded: Loaded,
  objective: Classifier,
  { input, classes }: ModelConfig,
  data: Dataset,
  before?: (done: number) => Promise<void> | void,
): Promise<{ prediction: LabelColumn; probabilities: VectorColumn }> {
  const source = batchSource(data, input);
  const indices = new Int32Array(data.rows);
  const values = new Float32Array(data.rows * classes.length);
  for (const rows of batches(inOrder(data.rows), INFERENCE_BATCH)) {
    await before?.(rows[0]);
    const [logits, probabilities] = await infer(loaded, source, rows, (output) => [
      output,
      objective.probabilities(loaded.device, output),
    ]);
    for (let i = 0; i < rows.length; i++) indices[rows[i]] = objective.classOf(logits, i);
    values.set(probabilities, rows[0] * classes.length);
  }
  return {
    prediction: { type: "label", dictionary: classes, indices },
    probabilities: { type: "vector", values, width: classes.length },
  };
}
