import { Dataset, type LabelColumn, labels, type Model, series } from "@seqloom/core";
import { loadModel, openDevice, releaseModels, train } from "@seqloom/models";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, describe, expect, it } from "vitest";
import {
  contextOf,
  diagnosticsOf,
  HEAP_LAYERS,
  heapData,
  modelDigest,
  ORDER_LAYERS,
  orderData,
  runTrain,
} from "../helpers.js";

afterEach(releaseModels);

const ORDER = { layers: ORDER_LAYERS, epochs: 30, optimizer: { adam: { learning_rate: 0.02 } } };

function configOf(model: Model): Record<string, never> {
  return model.config as Record<string, never>;
}

/** Share of the rows of a split whose prediction is their label. */
function accuracyOf(data: Dataset, split: "train" | "test"): number {
  const rows = data.ofSplit(split) as Dataset<{ label: "label"; prediction: "label" }>;
  const [label, prediction] = [rows.column("label"), rows.column("prediction")];
  const right = Array.from(label.indices, (index, row) =>
    label.dictionary[index] === prediction.dictionary[prediction.indices[row]] ? 1 : 0,
  );
  return right.reduce<number>((sum, one) => sum + one, 0) / rows.rows;
}

describe("models/train", () => {
  it("learns the order of ids with an lstm", async () => {
    const { data, report } = await runTrain(orderData(400), ORDER);
    const { loss } = report.curves as Record<string, number[]>;
    expect(loss[0]).toBeGreaterThan(0.6);
    expect(loss[29]).toBeLessThan(0.2);
    expect(accuracyOf(data, "test")).toBeGreaterThan(0.9);
  });

  it("learns heaps of vectors with dense layers, and sorts numeric classes as numbers", async () => {
    const { data, state, report } = await runTrain(heapData(300), {
      layers: HEAP_LAYERS,
      epochs: 20,
      optimizer: { sgd: { learning_rate: 0.2, momentum: 0.9, nesterov: true } },
    });
    expect(configOf(state).classes).toEqual(["9", "10", "100"]);
    expect(accuracyOf(data, "test")).toBeGreaterThan(0.95);
    expect(report.values).toMatchObject({ parameters: 2 * 8 + 8 + 8 * 3 + 3, epochs: 20 });
  });

  it("learns two classes with one sigmoid", async () => {
    const layers = [
      { embedding: { units: 8 } },
      { lstm: { units: 12 } },
      { dense: { units: 1, activation: "sigmoid" } },
    ];
    const { data, state } = await runTrain(orderData(400), { ...ORDER, layers });
    expect(configOf(state).loss).toBe("binary_crossentropy");
    expect(accuracyOf(data, "test")).toBeGreaterThan(0.9);
    const probabilities = data.columns.get("probabilities") as { values: Float32Array; width: number };
    expect(probabilities.width).toBe(2);
    expect(probabilities.values[0] + probabilities.values[1]).toBeCloseTo(1, 6);
  });

  it("gives probabilities that belong to the predictions, for all rows", async () => {
    const { data } = await runTrain(heapData(60), { layers: HEAP_LAYERS, epochs: 3 });
    const prediction = data.columns.get("prediction") as { indices: Int32Array };
    const { values, width } = data.columns.get("probabilities") as { values: Float32Array; width: number };
    expect(values.length).toBe(60 * 3);
    prediction.indices.forEach((index, row) => {
      const own = values.subarray(row * width, (row + 1) * width);
      expect(own.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
      expect(own[index]).toBe(Math.max(...own));
    });
  });

  it("reports each epoch as it ends, with the numbers that the model keeps", async () => {
    const seen: unknown[] = [];
    const context = contextOf(1, { epoch: (epoch, epochs, metrics) => void seen.push([epoch, epochs, metrics]) });
    const { report } = await runTrain(heapData(60), { layers: HEAP_LAYERS, epochs: 2 }, context);
    const { loss, accuracy, val_loss, val_accuracy } = report.curves as Record<string, number[]>;
    expect(seen).toEqual(
      [0, 1].map((i) => [
        i + 1,
        2,
        { loss: loss[i], accuracy: accuracy[i], val_loss: val_loss[i], val_accuracy: val_accuracy[i] },
      ]),
    );
  });

  it("describes itself with Keras' summary", async () => {
    const { state, report } = await runTrain(orderData(8), { layers: ORDER_LAYERS });
    expect(report.tables?.summary).toEqual({
      columns: ["Layer (type)", "Output Shape", "Param #"],
      rows: [
        ["embedding (Embedding)", "(None, 6, 8)", 72],
        ["lstm (LSTM)", "(None, 12)", 4 * 12 * (8 + 12 + 1)],
        ["dense (Dense)", "(None, 2)", 26],
        ["Total params", null, 1106],
        ["Trainable params", null, 1106],
        ["Non-trainable params", null, 0],
      ],
    });
    expect([...state.weights.keys()]).toEqual([
      "embedding/embeddings",
      "lstm/kernel",
      "lstm/recurrent_kernel",
      "lstm/bias",
      "dense/kernel",
      "dense/bias",
    ]);
  });

  it("counts 162,722 parameters for 4823 words, 32 units and 32 states, and 3,779 for the perceptron on 55 points", async () => {
    const words = Dataset.of({
      ids: { type: "padded", values: new Int32Array(4 * 55), width: 55, size: 4823, pad: -1 },
      label: labels(["a", "b", "a", "b"]),
    });
    const movies = await runTrain(words, {
      layers: [{ embedding: { units: 32 } }, { lstm: { units: 32 } }, { dense: { units: 2, activation: "softmax" } }],
    });
    expect(movies.report.values.parameters).toBe(162_722);
    const curves = Dataset.of({
      series: series(
        Array.from({ length: 3 }, (_, row) => Array.from({ length: 55 }, (_, i) => [i * row])),
        1,
      ),
      label: labels(["a", "b", "c"]),
    });
    const shapes = await runTrain(curves, {
      layers: ["flatten", { dense: { units: 64, activation: "relu" } }, { dense: { units: 3, activation: "softmax" } }],
    });
    expect(shapes.report.values.parameters).toBe(3779);
  });

  it("trains as the stock library does: same losses and weights after two epochs of plain descent", async () => {
    const tfl = await import("@tensorflow/tfjs-layers");
    const data = heapData(40).without("split");
    const layers = [{ dense: { units: 3, activation: "softmax" } }];
    const params = { layers, epochs: 2, batch_size: 7, shuffle: false, optimizer: { sgd: { learning_rate: 0.1 } } };
    const untrained = await runTrain(data, { ...params, epochs: 1, optimizer: { sgd: { learning_rate: 1e-30 } } });
    const { state, report } = await runTrain(data, params);

    await openDevice("cpu");
    const model = tfl.sequential({ layers: [tfl.layers.dense({ units: 3, activation: "softmax", inputShape: [2] })] });
    model.setWeights([...untrained.state.weights.values()].map(({ values, shape }) => tf.tensor(values, [...shape])));
    model.compile({ optimizer: tf.train.sgd(0.1), loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
    const { values, width } = data.columns.get("vector") as { values: Float32Array; width: number };
    const column = data.columns.get("label") as LabelColumn;
    const classes = configOf(state).classes as string[];
    const targets = Array.from(column.indices, (index) => classes.indexOf(column.dictionary[index]));
    const history = await model.fit(tf.tensor2d(values, [40, width]), tf.tensor1d(targets), {
      epochs: 2,
      batchSize: 7,
      shuffle: false,
    });
    for (const [i, weight] of model.getWeights().entries()) {
      const own = [...state.weights.values()][i].values;
      weight.dataSync().forEach((value, j) => void expect(own[j]).toBeCloseTo(value, 5));
    }
    const curves = report.curves as Record<string, number[]>;
    for (const epoch of [0, 1]) {
      expect(curves.loss[epoch]).toBeCloseTo(history.history.loss[epoch] as number, 5);
      expect(curves.accuracy[epoch]).toBeCloseTo(history.history.acc[epoch] as number, 5);
    }
    model.dispose();
    await openDevice("simd");
  });
});

describe("the reference device", () => {
  it("trains to nearly the same losses as simd", async () => {
    const params = { layers: ORDER_LAYERS, epochs: 2, batch_size: 8 };
    const simd = await runTrain(orderData(40), params);
    const cpu = await runTrain(orderData(40), params, contextOf(1, { device: "cpu" }));
    await openDevice("simd");
    for (const [name, values] of Object.entries(simd.report.curves as Record<string, number[]>)) {
      values.forEach((value, epoch) => void expect(value).toBeCloseTo(cpu.report.curves?.[name][epoch] as number, 4));
    }
  });
});

describe("early stopping and the best weights", () => {
  const params = { layers: HEAP_LAYERS, epochs: 40, optimizer: { adam: { learning_rate: 0.5 } } };
  // Labels that have nothing to do with the points: what is learnt from the train rows soon harms.
  const noise = heapData(80).with({
    label: heapData(80, 99).columns.get("label") as LabelColumn,
  }) as unknown as Dataset;

  it("stop after `patience` epochs without improvement and keep the weights of the best", async () => {
    const { state, report } = await runTrain(noise, { ...params, early_stopping: { patience: 3 } });
    const { val_loss } = report.curves as Record<string, number[]>;
    const best = val_loss.indexOf(Math.min(...val_loss)) + 1;
    expect(val_loss.length).toBeLessThan(40);
    expect(val_loss.length).toBe(best + 3);
    expect(report.values).toMatchObject({ best_epoch: best, epochs: best + 3, val_loss: val_loss[best - 1] });
    // Training is a function of the seed: the best weights are those of a training that ends there.
    const short = await runTrain(noise, { ...params, epochs: best });
    expect(state.weights).toEqual(short.state.weights);
  });

  it("restore_best keeps the best weights without stopping", async () => {
    const { report } = await runTrain(noise, {
      ...params,
      epochs: 12,
      restore_best: { monitor: "val_accuracy" },
    });
    const { val_accuracy } = report.curves as Record<string, number[]>;
    expect(val_accuracy.length).toBe(12);
    expect(report.values.best_epoch).toBe(val_accuracy.indexOf(Math.max(...val_accuracy)) + 1);
  });

  it("stop at the first epoch that is no better when there is no patience, as in Keras", async () => {
    const { report } = await runTrain(noise, { ...params, early_stopping: { min_delta: 100 } });
    expect(report.values).toMatchObject({ epochs: 2, best_epoch: 1 });
  });

  it("need validation rows", async () => {
    const data = heapData(80).without("split");
    const found = await diagnosticsOf(runTrain(data, { ...params, early_stopping: {} }));
    expect(found).toMatchObject([{ code: "no-validation-rows", message: expect.stringContaining("early_stopping") }]);
  });
});

describe("series of unequal length", () => {
  const up = (length: number) => Array.from({ length }, (_, i) => [i / 4]);
  const down = (length: number) => Array.from({ length }, (_, i) => [(length - 1 - i) / 4]);
  const rows = Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? up(2 + (i % 7)) : down(2 + (i % 7))));
  const data = Dataset.of({
    series: series(rows, 1),
    label: labels(rows.map((_, i) => (i % 2 === 0 ? "up" : "down"))),
  });
  const params = {
    layers: [{ lstm: { units: 8 } }, { dense: { units: 2, activation: "softmax" } }],
    epochs: 40,
    batch_size: 8,
    optimizer: { adam: { learning_rate: 0.03 } },
  };

  it("are filled up and masked", async () => {
    const { data: predicted, report } = await runTrain(data, params);
    expect(accuracyOf(predicted, "train")).toBeGreaterThan(0.95);
    expect(report.tables?.summary.rows[0][1]).toBe("(None, 8)");
  });

  it("are predicted the same alone and beside longer ones", async () => {
    const { state, data: together } = await runTrain(data, { ...params, epochs: 2 });
    const predictor = await loadModel(state);
    const all = together.columns.get("probabilities") as { values: Float32Array };
    for (let row = 0; row < 10; row++) {
      const alone = (await predictor.predict(data.slice(row, row + 1))).columns.get("probabilities") as {
        values: Float32Array;
      };
      expect([...alone.values]).toEqual([...all.values.subarray(2 * row, 2 * row + 2)]);
    }
    predictor.dispose();
  });

  it("may be longer at prediction than any in training", async () => {
    const same = Dataset.of({ series: series([up(5), down(5)], 1), label: labels(["up", "down"]) });
    const { state } = await runTrain(same, params);
    const predictor = await loadModel(state);
    expect((await predictor.predict(Dataset.of({ series: series([up(9)], 1) }))).rows).toBe(1);
    predictor.dispose();
  });

  it("are refused by layers that need one length", async () => {
    const layers = ["flatten", { dense: { units: 2, activation: "softmax" } }];
    expect(await diagnosticsOf(runTrain(data, { layers }))).toMatchObject([
      { code: "layer-shape", message: "layers[0] (flatten) expects a shape of fixed lengths, received [any, 1]" },
    ]);
  });
});

describe("masks of padded ids", () => {
  it("make the padding count for nothing, with use_mask as with mask_zero", async () => {
    const layers = (mask: boolean) => [
      { embedding: { units: 4, mask_zero: mask } },
      { lstm: { units: 4 } },
      { dense: { units: 2, activation: "softmax" } },
    ];
    const weights = async (params: unknown) => (await runTrain(orderWithPadding(), params)).state.weights;
    const byParameter = await weights({ layers: layers(false), use_mask: true });
    expect(await weights({ layers: layers(true) })).toEqual(byParameter);
    expect(await weights({ layers: layers(false) })).not.toEqual(byParameter);
  });

  function orderWithPadding(): Dataset {
    const data = orderData(40);
    const { values } = data.columns.get("ids") as { values: Int32Array };
    const ids = {
      type: "padded",
      values: values.map((id, i) => (i % 6 > 3 ? 0 : id)),
      width: 6,
      size: 9,
      pad: 0,
    } as const;
    return data.with({ ids }) as unknown as Dataset;
  }
});

describe("class weights", () => {
  it("move the loss towards the class that weighs more", async () => {
    const data = heapData(90).without("split");
    const params = { layers: HEAP_LAYERS, epochs: 3 };
    const plain = await runTrain(data, params);
    const weighted = await runTrain(data, { ...params, class_weights: { "9": 5 } });
    expect(weighted.report.curves?.loss[0]).toBeGreaterThan(plain.report.curves?.loss[0] as number);
  });

  it("of 1 each are the same as none, and balanced ones of equal classes too", async () => {
    const data = Dataset.of({
      vector: { type: "vector", values: Float32Array.of(1, 0, 0, 1, 1, 1, 0, 0), width: 2 },
      label: labels(["a", "b", "a", "b"]),
    });
    const params = { layers: [{ dense: { units: 2, activation: "softmax" } }], epochs: 2 };
    const plain = (await runTrain(data, params)).state.weights;
    expect((await runTrain(data, { ...params, class_weights: { a: 1 } })).state.weights).toEqual(plain);
    expect((await runTrain(data, { ...params, class_weights: "balanced" })).state.weights).toEqual(plain);
  });

  it("name classes that are there", async () => {
    const found = diagnosticsOf(runTrain(heapData(20), { layers: HEAP_LAYERS, class_weights: { "99": 2 } }));
    expect(await found).toMatchObject([{ code: "class-weight-unknown", hint: 'Did you mean "9"?' }]);
  });
});

describe("bad input of models/train", () => {
  const params = { layers: HEAP_LAYERS };

  function relabelled(split: string, label: string | null): Dataset {
    const data = heapData(40) as Dataset<{ label: "label"; split: "label" }>;
    const [names, splits] = [data.column("label"), data.column("split")];
    const row = splits.indices.indexOf(splits.dictionary.indexOf(split));
    const values = Array.from(names.indices, (index, i) => (i === row ? label : names.dictionary[index]));
    return data.with({ label: labels(values) }) as unknown as Dataset;
  }

  it("says which validation label no train row has", async () => {
    expect(await diagnosticsOf(runTrain(relabelled("validation", "seven"), params))).toEqual([
      {
        code: "label-unseen",
        severity: "error",
        message: 'validation row 1 has the label "seven", which no train row has',
        hint: "The train rows have: 9, 10, 100. Split so that every label is among the train rows, or mend the label.",
      },
    ]);
  });

  it("says which test label no train row has", async () => {
    expect(await diagnosticsOf(runTrain(relabelled("test", "seven"), params))).toMatchObject([
      { code: "label-unseen", message: 'row 4 has the label "seven", which no train row has' },
    ]);
  });

  it("says which row has no label", async () => {
    expect(await diagnosticsOf(runTrain(relabelled("train", null), params))).toMatchObject([
      { code: "label-missing", message: "train row 1 has no label" },
    ]);
  });

  it("says that there are no train rows", async () => {
    const data = heapData(8).with({ split: labels(Array.from({ length: 8 }, () => "test")) });
    expect(await diagnosticsOf(runTrain(data as unknown as Dataset, params))).toMatchObject([
      { code: "no-train-rows" },
    ]);
  });

  it("stops when the loss is not finite, says where, and leaves nothing", async () => {
    await openDevice("simd");
    const before = tf.memory().numTensors;
    const wild = { ...params, epochs: 20, optimizer: { sgd: { learning_rate: 1e30 } } };
    const [found] = await diagnosticsOf(runTrain(heapData(80), wild));
    expect(found.code).toBe("loss-not-finite");
    expect(found.message).toMatch(/^the (training|validation) loss is not finite in epoch 1,/);
    expect(found.hint).toContain("learning_rate");
    expect(tf.memory().numTensors).toBe(before);
  });

  it("says that the last layer has another number of units than there are classes", async () => {
    const wrong = { layers: [{ dense: { units: 4, activation: "softmax" } }] };
    expect(await diagnosticsOf(runTrain(heapData(40), wrong))).toMatchObject([
      {
        code: "classes-units",
        message: "layers[0] gives 4 numbers per row; the train rows have 3 classes (9, 10, 100)",
        hint: "Set units: 3.",
      },
    ]);
    const one = { layers: [{ dense: { units: 1, activation: "sigmoid" } }] };
    expect(await diagnosticsOf(runTrain(heapData(40), one))).toMatchObject([
      { code: "classes-units", hint: "Use `dense: {units: 3, activation: softmax}`." },
    ]);
  });

  it("says that there is only one class", async () => {
    const data = heapData(8).with({ label: labels(Array.from({ length: 8 }, () => "same")) }) as unknown as Dataset;
    const one = { layers: [{ dense: { units: 1, activation: "softmax" } }] };
    expect(await diagnosticsOf(runTrain(data, one))).toMatchObject([
      { code: "classes-units", hint: "There is nothing to learn: check the label column and the split." },
    ]);
  });

  it("says that a class per row is wanted where the layers give one per step", async () => {
    const layers = [{ embedding: { units: 2 } }, { dense: { units: 2, activation: "softmax" } }];
    expect(await diagnosticsOf(runTrain(orderData(8), { layers }))).toMatchObject([
      { code: "layer-shape", message: "layers[1] gives [6, 2] where a class per row is wanted" },
    ]);
  });

  it("says that there is no such device", async () => {
    const context = contextOf(1, { device: "smid" });
    expect(await diagnosticsOf(runTrain(heapData(40), params, context))).toMatchObject([
      { code: "unknown-device", message: 'there is no device "smid"' },
    ]);
  });
});

describe("care for the process", () => {
  it("leaves no tensors behind", async () => {
    await openDevice("simd");
    const before = tf.memory().numTensors;
    await train.fit(orderData(100) as never, train.params.parse({ ...ORDER, epochs: 2 }), {
      ...contextOf(),
      validation: orderData(20),
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it("ends soon after an abort, with the signal's reason and no tensors left", async () => {
    await openDevice("simd");
    const before = tf.memory().numTensors;
    const controller = new AbortController();
    const epochs: number[] = [];
    const context = contextOf(1, {
      signal: controller.signal,
      epoch(epoch) {
        epochs.push(epoch);
        if (epoch === 2) controller.abort(new Error("enough"));
      },
    });
    await expect(runTrain(heapData(80), { layers: HEAP_LAYERS, epochs: 1000 }, context)).rejects.toThrow("enough");
    expect(epochs).toEqual([1, 2]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("lets the event loop run, so that an abort from outside arrives", async () => {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(new Error("from outside")), 100);
    const context = contextOf(1, { signal: controller.signal });
    const endless = { layers: HEAP_LAYERS, epochs: 1_000_000 };
    await expect(runTrain(heapData(80), endless, context)).rejects.toThrow("from outside");
    clearTimeout(timer);
  });

  it("reports progress, never more than is there", async () => {
    const seen: { done: number; total?: number; unit: string }[] = [];
    const context = contextOf(1, { progress: (progress) => void seen.push(progress) });
    await runTrain(orderData(800), { ...ORDER, epochs: 60, batch_size: 8 }, context);
    expect(seen.length).toBeGreaterThan(0);
    for (const { done, total } of seen) expect(done).toBeLessThan(total as number);
  });
});

describe("the same seed", () => {
  it("gives the same bytes again, and another seed gives others", async () => {
    const params = {
      ...ORDER,
      layers: [
        { embedding: { units: 4 } },
        { dropout: { rate: 0.3 } },
        { lstm: { units: 4, dropout: 0.2 } },
        { dense: { units: 2, activation: "softmax" } },
      ],
      epochs: 2,
    };
    const digest = async (seed: number) => modelDigest((await runTrain(orderData(60), params, contextOf(seed))).state);
    const first = await digest(1);
    expect(await digest(1)).toBe(first);
    expect(await digest(2)).not.toBe(first);
  });

  it("gives a layer the same first weights whatever stands beside it", async () => {
    const still = { optimizer: { sgd: { learning_rate: 1e-30 } } };
    const plain = await runTrain(heapData(20), { layers: HEAP_LAYERS, ...still });
    const more = await runTrain(heapData(20), {
      layers: [{ dropout: { rate: 0.5 } }, ...(HEAP_LAYERS as object[])],
      ...still,
    });
    expect(more.state.weights.get("dense/kernel")).toEqual(plain.state.weights.get("dense/kernel"));
  });
});
