import type { Checkpoint, Checkpoints, Json } from "@seqloom/core";
import { describe, expect, it } from "vitest";
import { contextOf, heapData, modelDigest, orderData, runTrain } from "../helpers.js";

/** Checkpoints in memory: one is offered between any two steps, and each is kept. */
class Kept implements Checkpoints {
  readonly all: (Checkpoint & { readonly step: number })[] = [];
  readonly from: Checkpoint | null;
  wasResumed = false;

  constructor(from: Checkpoint | null = null) {
    this.from = from;
  }

  async latest() {
    return this.from;
  }
  resumed() {
    this.wasResumed = true;
  }
  due() {
    return true;
  }
  async save(step: number, at: string, files: () => Promise<Checkpoint["files"]>) {
    if (step !== this.all.at(-1)?.step) this.all.push({ step, at, files: await files() });
  }
}

const head = { dense: { units: 2, activation: "softmax" } };

/** Networks and ways to train them that have every kind of state. */
const CASES: Readonly<Record<string, Readonly<Record<string, Json>>>> = {
  "LSTM with dropout and recurrent dropout, Adam": {
    layers: [{ embedding: { units: 4 } }, { lstm: { units: 5, dropout: 0.3, recurrent_dropout: 0.2 } }, head],
    optimizer: "adam",
  },
  "GRU, AdamW, a schedule, early stopping": {
    layers: [
      { embedding: { units: 4 } },
      { gru: { units: 5, recurrent_dropout: 0.1 } },
      { dropout: { rate: 0.2 } },
      head,
    ],
    optimizer: { adamw: { learning_rate: { cosine: { initial_learning_rate: 0.05, warmup_steps: 2 } } } },
    early_stopping: { patience: 1 },
    restore_best: { monitor: "val_accuracy" },
    epochs: 5,
  },
  "transformer, weights with a cost, clipped gradients, the last good weights kept": {
    layers: [
      { embedding: { units: 4 } },
      { transformer_encoder: { num_heads: 2, feed_forward: 8, dropout: 0.1 } },
      { global_average_pooling_1d: {} },
      { dense: { units: 2, activation: "softmax", kernel_regularizer: { l2: 0.01 } } },
    ],
    optimizer: { nadam: {} },
    clip_norm: 1,
    on_divergence: "stop",
  },
  "stateful layers, which go on from batch to batch, SGD with momentum": {
    layers: [{ embedding: { units: 3 } }, { lstm: { units: 4, stateful: true, recurrent_dropout: 0.2 } }, head],
    optimizer: { sgd: { momentum: 0.9, nesterov: true } },
    shuffle: false,
    batch_size: 9,
  },
  "batch normalization, RMSprop with momentum, weights of classes": {
    layers: [{ embedding: { units: 3 } }, { flatten: {} }, { dense: { units: 4 } }, { batch_normalization: {} }, head],
    optimizer: { rmsprop: { momentum: 0.5, centered: true } },
    class_weights: "balanced",
  },
};

const data = orderData(72);

describe("a training that goes on from a checkpoint gives the bytes of one that was never interrupted", () => {
  it.each(Object.entries(CASES))("%s, whatever the step", async (_, more) => {
    const params = { epochs: 3, batch_size: 8, ...more };
    const plain = await runTrain(data, params);
    const expected = await modelDigest(plain.state);
    const kept = new Kept();
    const observed = await runTrain(data, params, contextOf(1, { checkpoint: kept }));
    expect(await modelDigest(observed.state)).toBe(expected);
    expect(kept.all.length).toBeGreaterThan(10);
    for (const [at, from] of kept.all.entries()) {
      // The ends of epochs, and some steps within.
      if (from.at.includes("step") && at % 5 !== 1) continue;
      const again = new Kept(from);
      const resumed = await runTrain(data, params, contextOf(1, { checkpoint: again }));
      expect(again.wasResumed).toBe(true);
      expect(await modelDigest(resumed.state), from.at).toBe(expected);
      expect(resumed.report).toEqual(plain.report);
      expect(resumed.data).toEqual(plain.data);
    }
  });

  it("also when it is stopped again and again, during validation too", async () => {
    const params = { ...CASES["GRU, AdamW, a schedule, early stopping"], batch_size: 8 };
    const expected = await modelDigest((await runTrain(data, params)).state);
    let from: Checkpoint | null = null;
    const places: string[] = [];
    for (let stop = 2; ; stop += 3) {
      const controller = new AbortController();
      const kept: Kept = new Kept(from);
      kept.due = () => false;
      let pauses = 0;
      // `signal` is looked at before every batch, of training and of validation.
      const signal = new Proxy(controller.signal, {
        get(target, name) {
          if (name === "throwIfAborted" && ++pauses === stop) controller.abort();
          const value = Reflect.get(target, name, target);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
      const outcome = await runTrain(data, params, contextOf(1, { checkpoint: kept, signal })).catch((error) => error);
      if (!(outcome instanceof Error)) {
        expect(await modelDigest(outcome.state)).toBe(expected);
        break;
      }
      expect(outcome).toBe(controller.signal.reason);
      from = kept.all.at(-1) ?? from;
      places.push(from?.at ?? "the beginning");
    }
    expect(places.length).toBeGreaterThan(3);
    expect(places.some((place) => place.endsWith("step 5 of 5"))).toBe(true);
  });

  it("and a checkpoint of something else is not used", async () => {
    const params = { epochs: 2, batch_size: 8, ...CASES["LSTM with dropout and recurrent dropout, Adam"] };
    const kept = new Kept();
    await runTrain(data, params, contextOf(1, { checkpoint: kept }));
    const wider = { ...params, layers: [{ embedding: { units: 4 } }, { lstm: { units: 6 } }, head] };
    const other = new Kept(kept.all.at(-1));
    const result = await runTrain(data, wider, contextOf(1, { checkpoint: other }));
    expect(other.wasResumed).toBe(false);
    expect(await modelDigest(result.state)).toBe(await modelDigest((await runTrain(data, wider)).state));
  });

  it("ends with the same last good weights where it diverges", async () => {
    const wild = {
      layers: [{ dense: { units: 8 } }, { dense: { units: 3, activation: "softmax" } }],
      epochs: 10,
      batch_size: 10,
      optimizer: { sgd: { learning_rate: 30 } },
      on_divergence: "stop",
    };
    const kept = new Kept();
    const whole = await runTrain(heapData(80), wild, contextOf(1, { checkpoint: kept }));
    const { epochs } = whole.report.values;
    expect(epochs).toBeLessThan(10);
    const late = kept.all.filter(({ at }) => at === `epoch ${epochs}` || at.startsWith(`epoch ${epochs + 1},`));
    expect(late.length).toBeGreaterThan(0);
    for (const from of late) {
      const resumed = await runTrain(heapData(80), wild, contextOf(1, { checkpoint: new Kept(from) }));
      expect(await modelDigest(resumed.state)).toBe(await modelDigest(whole.state));
    }
  });
});
