import { Dataset, executeStage, labels, type PaddedColumn, series } from "@seqloom/core";
import { loadModel, openDevice, predict, releaseModels, train } from "@seqloom/models";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { contextOf, diagnosticsOf, HEAP_LAYERS, heapData, ORDER_LAYERS, orderData, runTrain } from "../helpers.js";

beforeAll(() => openDevice("simd"));
afterEach(releaseModels);

const probabilities = (data: Dataset) => (data.columns.get("probabilities") as { values: Float32Array }).values;

describe("models/predict", () => {
  it("gives what training gave, for the rows that it is given", async () => {
    const trained = await runTrain(orderData(40), { layers: ORDER_LAYERS, epochs: 2 });
    const other = orderData(40).ofSplit("test").without("label", "split");
    const given = await executeStage(
      predict as never,
      { model: trained.state, data: other },
      predict.params.parse({}),
      contextOf(),
    );
    const data = given.data as Dataset;
    expect([...data.columns.keys()]).toEqual(["ids", "prediction", "probabilities"]);
    expect(probabilities(data)).toEqual(probabilities(trained.data.ofSplit("test")));
  });

  it("refuses a model of another format", async () => {
    const model = { config: { format: "other/2" }, weights: new Map() };
    const found = diagnosticsOf(
      executeStage(predict as never, { model, data: heapData(4) }, predict.params.parse({}), contextOf()),
    );
    expect(await found).toMatchObject([{ code: "model-format", message: expect.stringContaining('"other/2"') }]);
  });
});

describe("ids of another vocabulary", () => {
  const padded = (data: Dataset, vocabulary: string | undefined): Dataset => {
    const column = data.columns.get("ids") as PaddedColumn;
    return data.with({ ids: { ...column, ...(vocabulary !== undefined && { vocabulary }) } }) as unknown as Dataset;
  };
  const trained = (vocabulary: string | undefined) =>
    runTrain(padded(orderData(40), vocabulary), { layers: ORDER_LAYERS });
  const predicted = (model: unknown, vocabulary: string | undefined) =>
    executeStage(
      predict as never,
      { model, data: padded(orderData(4), vocabulary) },
      predict.params.parse({}),
      contextOf(),
    );
  const refusal = {
    code: "model-vocabulary",
    severity: "error",
    message:
      "the model was trained with ids of the vocabulary 1111111111111111 (9 tokens), " +
      "received ids of 2222222222222222 (9 tokens): the same id means another word",
    hint:
      "Encode with the state of the encoder that the model was trained with: " +
      "`{ use: text/encode-with, in: { vocabulary: ENCODER.state, data: TOKENS } }`, in place of another text/encode.",
  };

  it("are refused by models/predict, by a predictor and by the model of models/train", async () => {
    const { state } = await trained("1".repeat(16));
    expect(await diagnosticsOf(predicted(state, "2".repeat(16)))).toEqual([refusal]);
    const predictor = await loadModel(state);
    expect(await diagnosticsOf(predictor.predict(padded(orderData(4), "2".repeat(16))))).toEqual([refusal]);
    predictor.dispose();
    const params = train.params.parse({ layers: ORDER_LAYERS });
    const apply = async () => train.apply(padded(orderData(4), "2".repeat(16)) as never, state, params, contextOf());
    expect(await diagnosticsOf(apply())).toEqual([refusal]);
  });

  it("are taken where either does not say its vocabulary, as old files and hand-made rows do not", async () => {
    const { state } = await trained("1".repeat(16));
    expect(state.config.input).toMatchObject({ vocabulary: "1".repeat(16) });
    expect((await predicted(state, undefined)).data).toHaveProperty("rows", 4);
    expect((await predicted(state, "1".repeat(16))).data).toHaveProperty("rows", 4);
    const silent = (await trained(undefined)).state;
    expect(silent.config.input).not.toHaveProperty("vocabulary");
    expect((await predicted(silent, "2".repeat(16))).data).toHaveProperty("rows", 4);
  });
});

describe("loadModel", () => {
  it("predicts any number of rows with the same bytes: 1, 7, all, none", async () => {
    const { state, data } = await runTrain(orderData(600), { layers: ORDER_LAYERS, epochs: 1 });
    const predictor = await loadModel(state);
    const all = probabilities(data);
    expect(probabilities(await predictor.predict(data))).toEqual(all);
    for (const size of [1, 7]) {
      const part = await predictor.predict(data.slice(290, 290 + size));
      expect(probabilities(part)).toEqual(all.slice(580, 580 + 2 * size));
    }
    expect((await predictor.predict(data.slice(0, 0))).rows).toBe(0);
    predictor.dispose();
  });

  it("frees its memory, and says so when it is used afterwards", async () => {
    const { state } = await runTrain(heapData(20), { layers: HEAP_LAYERS });
    releaseModels();
    const before = tf.memory().numTensors;
    const predictor = await loadModel(state);
    await predictor.predict(heapData(20));
    expect(tf.memory().numTensors).toBe(before + state.weights.size);
    predictor.dispose();
    predictor.dispose();
    expect(tf.memory().numTensors).toBe(before);
    await expect(predictor.predict(heapData(20))).rejects.toThrow("disposed");
  });

  it("gives nearly the same numbers on the reference device", async () => {
    const { state, data } = await runTrain(orderData(40), { layers: ORDER_LAYERS });
    const predictor = await loadModel(state, "cpu");
    const reference = probabilities(await predictor.predict(data));
    probabilities(data).forEach((value, i) => void expect(value).toBeCloseTo(reference[i], 5));
    predictor.dispose();
    await openDevice("simd");
  });

  it("refuses data of another form, and says which", async () => {
    const { state } = await runTrain(heapData(20), { layers: HEAP_LAYERS });
    const predictor = await loadModel(state);
    const wide = Dataset.of({ vector: { type: "vector", values: new Float32Array(6), width: 3 } });
    expect(await diagnosticsOf(predictor.predict(wide))).toMatchObject([
      { code: "model-input-shape", message: "the model was trained with a length of the vectors of 2, received 3" },
    ]);
    expect(await diagnosticsOf(predictor.predict(orderData(2)))).toMatchObject([
      { code: "model-input-missing", message: "the model reads the column vector (vector), which is absent here" },
    ]);
    predictor.dispose();
  });

  it("refuses series of another length where the layers need one", async () => {
    const curve = (length: number) => Array.from({ length }, (_, i) => [i]);
    const data = Dataset.of({ series: series([curve(4), curve(4)], 1), label: labels(["a", "b"]) });
    const { state } = await runTrain(data, { layers: ["flatten", { dense: { units: 2, activation: "softmax" } }] });
    const predictor = await loadModel(state);
    expect(await diagnosticsOf(predictor.predict(Dataset.of({ series: series([curve(5)], 1) })))).toMatchObject([
      { code: "model-input-shape", message: "the model was trained with a number of steps of 4, received 5" },
    ]);
    predictor.dispose();
  });

  it("refuses weights that do not belong to the layers", async () => {
    const { state } = await runTrain(heapData(20), { layers: HEAP_LAYERS });
    const weights = new Map(state.weights);
    weights.delete("dense_1/bias");
    expect(await diagnosticsOf(loadModel({ ...state, weights }))).toMatchObject([
      { code: "model-weights", message: "weight dense_1/bias of the model: expected shape [3], found no such weight" },
    ]);
  });
});
