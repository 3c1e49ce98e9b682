import {
  type AnyStage,
  Dataset,
  executeStage,
  labels,
  type Metrics,
  type Model,
  numbers,
  Random,
  rootSeed,
} from "@seqloom/core";
import { evaluateRegressor, openDevice, predict, releaseModels, trainRegressor } from "@seqloom/models";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, describe, expect, it } from "vitest";
import { contextOf, diagnosticsOf, heapData, modelDigest, runTrain } from "../helpers.js";

afterEach(releaseModels);

const SPLITS = ["train", "train", "validation", "test"];

/** Points whose target is 2 x - y + 1, or that and its double, in a vector. */
function lineData(rows: number, wide = false): Dataset {
  const random = new Random(rootSeed(5));
  const values = Float32Array.from({ length: rows * 2 }, () => random.normal());
  const target = Array.from({ length: rows }, (_, row) => 2 * values[2 * row] - values[2 * row + 1] + 1);
  const targets = Float32Array.from(target.flatMap((value) => [value, 2 * value]));
  return Dataset.of({
    vector: { type: "vector", values, width: 2 },
    ...(wide ? { targets: { type: "vector", values: targets, width: 2 } as const } : { target: numbers(target) }),
    split: labels(target.map((_, row) => SPLITS[row % 4])),
  }) as unknown as Dataset;
}

interface Outputs {
  readonly data: Dataset;
  readonly state: Model;
  readonly report: Metrics;
}

async function run(data: Dataset, params: unknown, context = contextOf()): Promise<Outputs> {
  const stage = trainRegressor as unknown as AnyStage;
  return (await executeStage(stage, { data }, trainRegressor.params.parse(params), context)) as unknown as Outputs;
}

async function scores(data: Dataset, params: unknown = {}): Promise<Record<string, number>> {
  const stage = evaluateRegressor as unknown as AnyStage;
  const outputs = await executeStage(stage, { data }, evaluateRegressor.params.parse(params), contextOf());
  return (outputs.metrics as Metrics).values as Record<string, number>;
}

const LINE = { layers: [{ dense: { units: 1 } }], epochs: 60, optimizer: { adam: { learning_rate: 0.05 } } };

describe("models/train-regressor", () => {
  it("learns a line from a column of numbers, and predicts all rows", async () => {
    const { data, state, report } = await run(lineData(120), LINE);
    const { values, width } = data.columns.get("predicted") as { values: Float32Array; width: number };
    expect([values.length, width]).toEqual([120, 1]);
    const [slopes, height] = ["dense/kernel", "dense/bias"].map((name) =>
      Array.from(state.weights.get(name)?.values ?? []),
    );
    [...slopes, ...height].forEach((value, i) => void expect(value).toBeCloseTo([2, -1, 1][i], 2));
    expect((await scores(data)).r2).toBeGreaterThan(0.999);
    expect(Object.keys(report.curves ?? {})).toEqual(["loss", "mae", "val_loss", "val_mae"]);
  });

  it.each([
    ["mean_absolute_error", {}],
    ["huber", { huber_delta: 0.5 }],
  ])("learns vectors of numbers with %s", async (loss, more) => {
    const layers = [{ dense: { units: 8, activation: "tanh" } }, { dense: { units: 2 } }];
    const { data } = await run(lineData(200, true), { ...LINE, layers, loss, ...more });
    expect((await scores(data)).r2).toBeGreaterThan(0.95);
  });

  it.each([
    ["kl_divergence", "softmax"],
    ["categorical_crossentropy", "softmax"],
    ["binary_crossentropy", "sigmoid"],
  ])("learns probabilities with %s, and predicts them with %s", async (loss, activation) => {
    const source = heapData(120) as unknown as Dataset<{ vector: "vector" }>;
    const points = source.column("vector").values;
    const shares = Float32Array.from({ length: 240 }, (_, i) => {
      const share = 1 / (1 + Math.exp(-points[i - (i % 2)]));
      return i % 2 === 0 ? share : 1 - share;
    });
    const data = source.without("label").with({ targets: { type: "vector", values: shares, width: 2 } });
    const layers = [{ dense: { units: 2, activation } }];
    const { data: predicted, report } = await run(data as unknown as Dataset, { ...LINE, layers, loss });
    const { mae } = await scores(predicted);
    expect(mae).toBeLessThan(0.03);
    const { values } = predicted.columns.get("predicted") as { values: Float32Array };
    for (const value of values) expect(value >= 0 && value <= 1).toBe(true);
    if (loss === "kl_divergence") expect(report.values.loss).toBeLessThan(0.01);
  });

  it("stops early by the error of the validation rows", async () => {
    const { report } = await run(lineData(80), {
      ...LINE,
      epochs: 500,
      early_stopping: { monitor: "val_mae", patience: 2 },
    });
    const { val_mae } = report.curves as Record<string, number[]>;
    expect(val_mae.length).toBeLessThan(500);
    expect(report.values.best_epoch).toBe(val_mae.indexOf(Math.min(...val_mae)) + 1);
  });

  it("passes over rows of weight 0", async () => {
    const data = lineData(80) as unknown as Dataset<{ target: "number" }>;
    const { values } = data.column("target");
    const spoilt = data.with({
      target: numbers(values.map((value, row) => (row % 8 === 0 ? 1e6 : value))),
      weight: numbers(values.map((_, row) => (row % 8 === 0 ? 0 : 1))),
    }) as unknown as Dataset;
    const { data: predicted } = await run(spoilt, { ...LINE, sample_weights: true });
    expect((await scores(predicted, { split: "all", sample_weights: true })).r2).toBeGreaterThan(0.99);
  });

  it("gives the same bytes again, and leaves no tensors", async () => {
    await openDevice("simd");
    const before = tf.memory().numTensors;
    const [first, second] = [await run(lineData(40), LINE), await run(lineData(40), LINE)];
    expect(await modelDigest(second.state)).toBe(await modelDigest(first.state));
    releaseModels();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("says what does not fit", async () => {
    expect(await diagnosticsOf(run(lineData(20), { layers: [{ dense: { units: 3 } }] }))).toMatchObject([
      { code: "targets-units", message: "layers[0] gives 3 numbers per row where there are 1 targets" },
    ]);
    const missing = lineData(20).with({
      target: numbers(Array.from({ length: 20 }, (_, i) => (i === 5 ? Number.NaN : i))),
    });
    expect(await diagnosticsOf(run(missing as unknown as Dataset, LINE))).toMatchObject([
      { code: "target-invalid", message: "train row 4 has the target NaN" },
    ]);
    const params = trainRegressor.params.parse({ layers: [{ dense: { units: 2 } }], loss: "kl_divergence" });
    expect(trainRegressor.check?.(params)).toMatchObject([
      { message: "kl_divergence needs a last layer with activation softmax, this one has linear" },
    ]);
  });

  it("makes a model that models/predict refuses: it has no classes", async () => {
    const { state, data } = await run(lineData(20), LINE);
    const stage = predict as unknown as AnyStage;
    const found = diagnosticsOf(executeStage(stage, { model: state, data }, {}, contextOf()));
    expect(await found).toMatchObject([{ code: "model-task" }]);
    const { state: classifier } = await runTrain(heapData(20), {
      layers: [{ dense: { units: 3, activation: "softmax" } }],
    });
    expect(classifier.config).not.toHaveProperty("outputs");
  });
});

describe("models/evaluate-regressor", () => {
  const data = (more: object = {}): Dataset =>
    Dataset.of({
      target: numbers([3, -0.5, 2, 7]),
      predicted: { type: "vector", values: Float32Array.of(2.5, 0, 2, 8), width: 1 },
      ...more,
    } as never) as unknown as Dataset;

  it("gives the numbers that scikit-learn gives", async () => {
    const found = await scores(data(), { split: "all" });
    // The example of sklearn.metrics.r2_score and mean_squared_error.
    expect(found).toMatchObject({ mse: 0.375, mae: 0.5, rows: 4 });
    expect(found.rmse).toBeCloseTo(Math.sqrt(0.375), 12);
    expect(found.r2).toBeCloseTo(0.9486081370449679, 12);
  });

  it("gives means over the columns of vectors", async () => {
    const targets = { type: "vector", values: Float32Array.of(0.5, 1, -1, 1, 7, -6), width: 2 };
    const predicted = { type: "vector", values: Float32Array.of(0, 2, -1, 2, 8, -5), width: 2 };
    const found = await scores(Dataset.of({ targets, predicted } as never) as unknown as Dataset, { split: "all" });
    expect(found.r2).toBeCloseTo(0.9368005266622779, 12);
    expect(found.mse).toBeCloseTo(0.7083333333333334, 12);
    expect(found.mae).toBeCloseTo(0.75, 12);
  });

  it("counts rows as often as their weights say, and looks at one split", async () => {
    const more = { weight: numbers([1, 0, 1, 0]), split: labels(["test", "test", "train", "train"]) };
    expect(await scores(data(more), { split: "all", sample_weights: true })).toMatchObject({ mse: 0.125, mae: 0.25 });
    expect(await scores(data(more))).toMatchObject({ mse: 0.25, rows: 2 });
    expect(await diagnosticsOf(scores(data(more), { split: "validation" }))).toMatchObject([{ code: "no-rows" }]);
  });

  it("refuses predictions of another width", async () => {
    const predicted = { type: "vector", values: new Float32Array(8), width: 2 };
    expect(await diagnosticsOf(scores(data({ predicted }), { split: "all" }))).toMatchObject([
      { code: "targets-units" },
    ]);
  });
});
