import { Dataset, labels, type Model, Random, rootSeed, type SeriesColumn } from "@seqloom/core";
import { loadModel, releaseModels, train } from "@seqloom/models";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, describe, expect, it } from "vitest";
import { contextOf, diagnosticsOf, modelDigest, runTrain } from "../helpers.js";

afterEach(releaseModels);

/** Rows of `steps` steps with two numbers each, all train rows unless `split` says otherwise. */
function waves(rows: number, steps: number, split?: readonly string[]): Dataset {
  const random = new Random(rootSeed(4));
  const values = Float32Array.from({ length: rows * steps * 2 }, () => random.normal());
  const offsets = Int32Array.from({ length: rows + 1 }, (_, row) => row * steps);
  return Dataset.of({
    series: { type: "series", values, offsets, width: 2 },
    label: labels(Array.from({ length: rows }, (_, row) => (values[row * steps * 2] > 0 ? "up" : "down"))),
    ...(split && { split: labels(split) }),
  });
}

function layersWith(recurrent: object): object[] {
  return [recurrent, { dense: { units: 2, activation: "softmax" } }];
}

const STATEFUL = { batch_size: 2, shuffle: false, optimizer: { sgd: { learning_rate: 0.1 } } };

async function probabilitiesOf(model: Model, data: Dataset): Promise<number[][]> {
  const predictor = await loadModel(model);
  try {
    const column = (await predictor.predict(data)).columns.get("probabilities");
    if (column?.type !== "vector") throw new Error("no probabilities");
    return Array.from({ length: data.rows }, (_, row) => [...column.values.subarray(row * 2, row * 2 + 2)]);
  } finally {
    predictor.dispose();
  }
}

/** Row i of each batch of `size` rows as one long row. */
function joined(data: Dataset, size: number): Dataset {
  const { values, width } = data.column("series") as SeriesColumn;
  const length = values.length / data.rows;
  const rows = Array.from({ length: size }, (_, i) =>
    Array.from({ length: data.rows / size }, (_, batch) => [
      ...values.subarray((batch * size + i) * length, (batch * size + i + 1) * length),
    ]).flat(),
  );
  const offsets = Int32Array.from({ length: size + 1 }, (_, row) => (row * rows[0].length) / width);
  return Dataset.of({ series: { type: "series", values: Float32Array.from(rows.flat()), offsets, width } });
}

/** The same weights in layers that forget their state after each batch. */
function forgetful(model: Model): Model {
  const config = JSON.stringify(model.config).replaceAll('"stateful":true', '"stateful":false');
  return { config: { ...JSON.parse(config), batch_size: undefined }, weights: model.weights };
}

describe("stateful layers", () => {
  it.each([
    ["lstm", { lstm: { units: 3, stateful: true } }],
    ["gru", { gru: { units: 3, stateful: true } }],
    ["simple_rnn", { simple_rnn: { units: 3, stateful: true } }],
  ])("go on where the batch before ended: %s", async (_, recurrent) => {
    const data = waves(6, 4);
    const { state } = await runTrain(data, { layers: layersWith(recurrent), epochs: 2, ...STATEFUL });
    const inParts = await probabilitiesOf(state, data);
    const atOnce = await probabilitiesOf(forgetful(state), joined(data, 2));
    const apart = await probabilitiesOf(forgetful(state), data);
    for (const row of [0, 1]) {
      for (const place of [0, 1]) expect(inParts[4 + row][place]).toBeCloseTo(atOnce[row][place], 6);
      expect(inParts[row]).toEqual(apart[row]);
      expect(inParts[4 + row]).not.toEqual(apart[4 + row]);
    }
  });

  it("inside other layers keep their states apart from one another", async () => {
    const inner = { layers: [{ gru: { units: 2, stateful: true, return_sequences: true } }] };
    const data = waves(4, 3);
    const layers = [{ residual: inner }, ...layersWith({ lstm: { units: 3, stateful: true } })];
    const { state } = await runTrain(data, { layers, ...STATEFUL });
    const atOnce = await probabilitiesOf(forgetful(state), joined(data, 2));
    const inParts = await probabilitiesOf(state, data);
    for (const row of [0, 1]) expect(inParts[2 + row][0]).toBeCloseTo(atOnce[row][0], 6);

    const both = [{ bidirectional: { layer: { lstm: { units: 2, stateful: true } } } }];
    const { state: turned } = await runTrain(data, { layers: layersWith(both[0]), ...STATEFUL });
    const again = await probabilitiesOf(turned, data);
    expect(again).toEqual(await probabilitiesOf(turned, data));
    expect(again[2]).not.toEqual((await probabilitiesOf(forgetful(turned), data))[2]);
  });

  it("begin every epoch, every split and every prediction with zeros", async () => {
    const split = ["train", "train", "train", "train", "validation", "validation", "test", "test"];
    const data = waves(8, 4, split);
    const layers = layersWith({ lstm: { units: 3, stateful: true } });
    const still = { ...STATEFUL, optimizer: { sgd: { learning_rate: 1e-30 } } };
    const { state, report } = await runTrain(data, { layers, epochs: 3, ...still });
    const { loss, val_loss } = report.curves as Record<string, number[]>;
    expect(new Set(loss).size).toBe(1);
    expect(new Set(val_loss).size).toBe(1);
    const all = await probabilitiesOf(state, data);
    const last = data.ofSplit("test").without("split");
    expect(all.slice(6)).toEqual(await probabilitiesOf(state, last));
  });

  it("train to the same bytes each time, and leave nothing on the device", async () => {
    const params = { layers: layersWith({ lstm: { units: 3, stateful: true, dropout: 0.2 } }), epochs: 2, ...STATEFUL };
    const first = await runTrain(waves(8, 4), params);
    releaseModels();
    const tensors = tf.memory().numTensors;
    const second = await runTrain(waves(8, 4), params);
    releaseModels();
    expect(await modelDigest(second.state)).toBe(await modelDigest(first.state));
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it("need batches of one size, in training, in validation and in prediction", async () => {
    const layers = layersWith({ lstm: { units: 3, stateful: true } });
    const [uneven] = await diagnosticsOf(runTrain(waves(9, 4), { layers, ...STATEFUL }));
    expect(uneven.code).toBe("stateful-batch");
    expect(uneven.message).toBe("stateful layers need batches of one size: 9 train rows are 4 of 2 and one of 1");
    expect(uneven.hint).toContain("Set batch_size to 1 or 3, or leave out the last 1 rows.");

    const split = ["train", "train", "validation", "validation", "validation"];
    const [checked] = await diagnosticsOf(runTrain(waves(5, 4, split), { layers, ...STATEFUL }));
    expect(checked.message).toContain("3 validation rows are 1 of 2 and one of 1");

    const { state } = await runTrain(waves(4, 4), { layers, ...STATEFUL });
    const [predicted] = await diagnosticsOf(probabilitiesOf(state, waves(3, 4)));
    expect(predicted.code).toBe("stateful-batch");
    expect(await probabilitiesOf(state, waves(1, 4))).toHaveLength(1);
  });

  it("refuse shuffled rows before anything runs", () => {
    const params = train.params.parse({ layers: layersWith({ lstm: { units: 3, stateful: true } }) });
    const [problem] = train.check?.(params) ?? [];
    expect(problem.path).toEqual(["layers", 0]);
    expect(problem.hint).toContain("shuffle: false");
  });

  it("can be stopped in the middle of an epoch", async () => {
    const stop = new AbortController();
    const context = contextOf(1, { signal: stop.signal, epoch: () => stop.abort(new Error("stopped")) });
    const layers = layersWith({ lstm: { units: 3, stateful: true } });
    const tensors = tf.memory().numTensors;
    await expect(runTrain(waves(4, 4), { layers, epochs: 3, ...STATEFUL }, context)).rejects.toThrow("stopped");
    expect(tf.memory().numTensors).toBe(tensors);
  });
});
