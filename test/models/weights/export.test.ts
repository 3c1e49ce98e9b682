import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeSafetensors, encodeSafetensors, executeStage, type Json, type Model } from "@seqloom/core";
import { exportModel, importModel, loadModel, openDevice } from "@seqloom/models";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js";
import * as keras from "@tensorflow/tfjs-layers";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { contextOf, diagnosticsOf, HEAP_LAYERS, heapData, ORDER_LAYERS, orderData, runTrain } from "../helpers.js";

interface Topology {
  readonly class_name: string;
  readonly config: { readonly layers: readonly { readonly class_name: string; readonly config: Json }[] };
}

beforeAll(() => openDevice("simd"));

async function exported(model: Model): Promise<{ folder: string; topology: Topology }> {
  const folder = mkdtempSync(join(tmpdir(), "seqloom-export-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  await exportModel(model, folder);
  return { folder, topology: JSON.parse(readFileSync(join(folder, "model.json"), "utf8")) };
}

/** What TensorFlow.js' own layers say, made from the files alone. */
async function kerasPredicts(folder: string, topology: Topology, x: tf.Tensor): Promise<Float32Array> {
  const model = await keras.models.modelFromJSON({ modelTopology: topology as never });
  const weights = decodeSafetensors(readFileSync(join(folder, "weights.safetensors")));
  for (const layer of model.layers) {
    const own = [...weights].filter(([name]) => name.startsWith(`${layer.name}/`));
    if (own.length > 0) layer.setWeights(own.map(([, { values, shape }]) => tf.tensor(values, [...shape])));
  }
  return (model.predict(x) as tf.Tensor).data() as Promise<Float32Array>;
}

const largest = (left: ArrayLike<number>, right: ArrayLike<number>): number =>
  Math.max(...Array.from(left, (value, i) => Math.abs(value - right[i])));

const probabilitiesOf = (data: { readonly columns: ReadonlyMap<string, unknown> }): Float32Array =>
  (data.columns.get("probabilities") as { values: Float32Array }).values;

describe("exportModel", () => {
  it("writes model.json and weights.safetensors, which Keras' layers read and predict the same with", async () => {
    const { state, data } = await runTrain(heapData(20), { layers: HEAP_LAYERS });
    const { folder, topology } = await exported(state);
    expect(readdirSync(folder).sort()).toEqual(["model.json", "weights.safetensors"]);
    const x = tf.tensor((data.columns.get("vector") as { values: Float32Array }).values, [20, 2]);
    expect(largest(await kerasPredicts(folder, topology, x), probabilitiesOf(data))).toBeLessThan(1e-6);
  });

  it.each<[string, Json]>([
    ["embedding and lstm", ORDER_LAYERS],
    [
      "gru, simple_rnn, both directions",
      [
        { embedding: { units: 4, mask_zero: true, embeddings_regularizer: { l2: 0.1 } } },
        { bidirectional: { layer: { lstm: { units: 3, return_sequences: true } }, merge_mode: "sum" } },
        { gru: { units: 3, reset_after: false, return_sequences: true } },
        { simple_rnn: { units: 3 } },
        { dense: { units: 2, activation: "softmax", kernel_regularizer: "l1" } },
      ],
    ],
    [
      "convolutions and norms",
      [
        { embedding: { units: 4 } },
        { conv_1d: { filters: 5, kernel_size: 3, padding: "same", activation: "relu" } },
        "max_pooling_1d",
        { layer_normalization: {} },
        { conv_1d: { filters: 4, kernel_size: 2, dilation_rate: 2, kernel_regularizer: "l2" } },
        "batch_normalization",
        "global_max_pooling_1d",
        { dense: { units: 2, activation: "softmax" } },
      ],
    ],
    [
      "a mask, lstm options, dropout, the mean over time",
      [
        { embedding: { output_dim: 4, mask_zero: true, embeddings_initializer: { uniform: { min: -0.1 } } } },
        { lstm: { units: 3, return_sequences: true, go_backwards: true, recurrent_activation: "hard_sigmoid" } },
        { lstm: { units: 3, use_bias: false, recurrent_initializer: { orthogonal: { gain: 0.5 } } } },
        { dropout: { rate: 0.2 } },
        { reshape: { target_shape: [3, 1] } },
        "global_average_pooling_1d",
        { dense: { units: 2, activation: "softmax" } },
      ],
    ],
  ])("%s: TensorFlow.js' layers predict the same", async (_, layers) => {
    const { state, data } = await runTrain(orderData(20), { layers });
    const { folder, topology } = await exported(state);
    expect(topology.class_name).toBe("Sequential");
    const x = tf.tensor((data.columns.get("ids") as { values: Int32Array }).values, [20, 6], "int32");
    expect(largest(await kerasPredicts(folder, topology, x), probabilitiesOf(data))).toBeLessThan(1e-6);
  });

  it("has no weights other than those of the model, with their names", async () => {
    const { state } = await runTrain(orderData(8), { layers: ORDER_LAYERS });
    const { folder } = await exported(state);
    const weights = decodeSafetensors(readFileSync(join(folder, "weights.safetensors")));
    expect([...weights.keys()]).toEqual([
      "embedding/embeddings",
      "lstm/kernel",
      "lstm/recurrent_kernel",
      "lstm/bias",
      "dense/kernel",
      "dense/bias",
    ]);
    expect(weights).toEqual(state.weights);
  });

  it("what it wrote comes back through models/import and predicts the same bytes", async () => {
    const { state, data } = await runTrain(orderData(20), { layers: ORDER_LAYERS });
    const { folder } = await exported(state);
    const params = importModel.params.parse({
      file: "weights.safetensors",
      order: "keras",
      input: { ids: { size: 9, length: 6 } },
      layers: ORDER_LAYERS,
      classes: ["down", "up"],
    });
    const files = { weights: [{ path: join(folder, "weights.safetensors"), name: "weights.safetensors", digest: "" }] };
    const { model } = await executeStage(importModel as never, {}, params, contextOf(1, { files }));
    const predictor = await loadModel(model as Model);
    expect(probabilitiesOf(await predictor.predict(data))).toEqual(probabilitiesOf(data));
    predictor.dispose();
  });

  it("the heads of attention may have an axis of their own, as in Keras", async () => {
    const layers = [
      { embedding: { units: 6 } },
      { multi_head_attention: { num_heads: 2, key_dim: 4 } },
      "global_average_pooling_1d",
      { dense: { units: 2, activation: "softmax" } },
    ];
    const { state, data } = await runTrain(orderData(20), { layers });
    const own = new Map(state.weights);
    for (const name of ["query", "key", "value"]) {
      const kernel = `multi_head_attention/${name}/kernel`;
      const bias = `multi_head_attention/${name}/bias`;
      own.set(kernel, { ...state.weights.get(kernel)!, shape: [6, 2, 4] });
      own.set(bias, { ...state.weights.get(bias)!, shape: [2, 4] });
    }
    const output = "multi_head_attention/attention_output/kernel";
    own.set(output, { ...state.weights.get(output)!, shape: [2, 4, 6] });
    const folder = mkdtempSync(join(tmpdir(), "seqloom-export-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const path = join(folder, "keras.safetensors");
    writeFileSync(path, encodeSafetensors(own));
    const input = { ids: { size: 9, length: 6 } };
    const parsed = importModel.params.parse({ file: "x", order: "keras", input, layers, classes: ["down", "up"] });
    const files = { weights: [{ path, name: "x", digest: "" }] };
    const { model } = await executeStage(importModel as never, {}, parsed, contextOf(1, { files }));
    const predictor = await loadModel(model as Model);
    expect(probabilitiesOf(await predictor.predict(data))).toEqual(probabilitiesOf(data));
    predictor.dispose();
  });

  it("refuses a mask that Keras cannot say", async () => {
    const other = orderData(8);
    const ids = { ...(other.columns.get("ids") as object), pad: 8 } as never;
    const { state } = await runTrain(other.with({ ids }), { layers: ORDER_LAYERS, use_mask: true });
    expect(await diagnosticsOf(exported(state))).toMatchObject([{ code: "model-export" }]);
  });
});
