import type { Json, Pipeline, RunId, RunRecord, StageNode, StageResult, StoredOutput } from "@seqloom/core";
import { digest, node, output, result } from "./parts.js";

const COLUMNS: Readonly<Record<string, Json>> = {
  text: { name: "text", type: "utf8" },
  label: { name: "label", type: "label", classes: ["negative", "positive"] },
  split: { name: "split", type: "label", classes: ["train", "validation", "test"] },
  tokens: { name: "tokens", type: "tokens", distinct: 38, tokens: 21034 },
  ids: { name: "ids", type: "ids", size: 40 },
  padded: { name: "ids", type: "padded", size: 40, width: 16 },
  length: { name: "length", type: "integer" },
  vector: { name: "vector", type: "vector", width: 40 },
  prediction: { name: "prediction", type: "label", classes: ["negative", "positive"] },
  probabilities: { name: "probabilities", type: "vector", width: 2 },
};

const TEXTS = [
  "The plot was dull at first , but then it was brilliant .",
  "A brilliant start , but then the film turned dull .",
  "I was bored by the cast , yet I loved the end .",
  "Everyone loved the first act ; the rest was awful .",
];
const LABELS = ["positive", "negative", "positive", "negative"];

function rows(columns: readonly string[], count = 3000): Json {
  const words = TEXTS.map((text) => text.toLowerCase().split(" "));
  const values: Readonly<Record<string, readonly Json[]>> = {
    text: TEXTS,
    label: LABELS,
    split: ["train", "train", "validation", "test"],
    tokens: words,
    ids: words.map((list) => list.map((word) => 2 + ((word.length * 7 + word.charCodeAt(0)) % 38))),
    padded: words.map((list) => {
      const ids = list.map((word) => 2 + ((word.length * 7 + word.charCodeAt(0)) % 38));
      return [...ids, ...Array.from({ length: 16 - ids.length }, () => 0)];
    }),
    length: words.map((list) => list.length),
    vector: words.map((_, row) => Array.from({ length: 40 }, (__, at) => ((at * (row + 3)) % 7 === 0 ? 1 : 0) * 0.25)),
    prediction: ["positive", "negative", "negative", "negative"],
    probabilities: [
      [0.0312, 0.9688],
      [0.9731, 0.0269],
      [0.5512, 0.4488],
      [0.991, 0.009],
    ],
  };
  return {
    rows: count,
    columns: columns.map((name) => COLUMNS[name]),
    splits: columns.includes("split") ? { train: 2000, validation: 500, test: 500 } : null,
    sample: TEXTS.map((_, row) =>
      Object.fromEntries(columns.map((name) => [(COLUMNS[name] as { name: string }).name, values[name][row]])),
    ),
  };
}

function curve(from: number, to: number, epochs: number, wobble: number): number[] {
  return Array.from({ length: epochs }, (_, epoch) => {
    const part = 1 - 0.72 ** epoch;
    return Number((from + (to - from) * part + wobble * Math.sin(epoch * 2.1)).toFixed(5));
  });
}

function training(name: string, final: { loss: number; accuracy: number }, epochs: number): Partial<StageResult> {
  const curves = {
    loss: curve(0.7, final.loss, epochs, 0.002),
    accuracy: curve(0.5, final.accuracy, epochs, 0.004),
    val_loss: curve(0.69, final.loss + 0.05, epochs, 0.012),
    val_accuracy: curve(0.51, final.accuracy - 0.02, epochs, 0.01),
  };
  const best = curves.val_loss.indexOf(Math.min(...curves.val_loss)) + 1;
  const summary = {
    columns: ["Layer (type)", "Output Shape", "Param #"],
    rows: [
      ["embedding (embedding)", "(None, 16, 16)", 640],
      ["lstm (lstm)", "(None, 32)", 6272],
      ["dense (dense)", "(None, 2)", 66],
      ["Total params", null, 6978],
      ["Trainable params", null, 6978],
      ["Non-trainable params", null, 0],
    ],
  };
  return {
    outputs: {
      data: output("dataset", `${name} data`, rows(["text", "label", "split", "prediction", "probabilities"]), 220_000),
      state: output("model", `${name} state`, {
        config: { classes: ["negative", "positive"], best_epoch: best, history: curves },
        weights: [
          { name: "embedding/embeddings", dtype: "float32", shape: [40, 16] },
          { name: "lstm/kernel", dtype: "float32", shape: [16, 128] },
          { name: "lstm/recurrent_kernel", dtype: "float32", shape: [32, 128] },
          { name: "lstm/bias", dtype: "float32", shape: [128] },
          { name: "dense/kernel", dtype: "float32", shape: [32, 2] },
          { name: "dense/bias", dtype: "float32", shape: [2] },
        ],
      }),
      report: output("metrics", `${name} report`, {
        values: { epochs, best_epoch: best, parameters: 6978 },
        curves,
        tables: { summary },
      }),
    },
    epochs: curves.loss.map((loss, at) => ({
      epoch: at + 1,
      metrics: {
        loss,
        accuracy: curves.accuracy[at],
        val_loss: curves.val_loss[at],
        val_accuracy: curves.val_accuracy[at],
      },
      ms: 812 + at,
    })),
  };
}

function evaluation(name: string, counts: readonly (readonly [number, number])[]): Partial<StageResult> {
  const [[a, b], [c, d]] = counts;
  const total = a + b + c + d;
  const values = {
    accuracy: (a + d) / total,
    loss: 0.2 + (b + c) / total,
    macro_f1: ((2 * a) / (2 * a + b + c) + (2 * d) / (2 * d + b + c)) / 2,
    precision: d / (b + d),
    recall: d / (c + d),
    rows: total,
  };
  return {
    metrics: values,
    outputs: {
      metrics: output("metrics", `${name} metrics`, {
        values,
        confusion: { classes: ["negative", "positive"], counts: counts.map((row) => [...row]) },
        tables: {
          per_class: {
            columns: ["class", "precision", "recall", "f1", "support"],
            rows: [
              ["negative", a / (a + c), a / (a + b), (2 * a) / (2 * a + b + c), a + b],
              ["positive", d / (b + d), d / (c + d), (2 * d) / (2 * d + b + c), c + d],
            ],
          },
          examples: {
            columns: ["text", "label", "prediction", "probability"],
            rows: [
              [TEXTS[0], "positive", "positive", 0.9688],
              [TEXTS[1], "negative", "negative", 0.9731],
              [TEXTS[2], "positive", "negative", 0.5512],
              [TEXTS[3], "negative", "negative", 0.991],
            ],
          },
        },
      }),
    },
  };
}

const from = (stage: string, port = "data") => ({ data: { stage, port } });

const NODES: readonly StageNode[] = [
  node("reviews", {
    use: "data/generate-reviews",
    kind: "stage",
    params: { rows: 3000 },
    seeded: true,
    description: "Short reviews from a grammar in which the order of the words decides.",
  }),
  node("split", {
    use: "data/split",
    kind: "stage",
    params: { train: 0.667, validation: 0.1665, test: 0.1665, by: "random", stratify: null },
    inputs: from("reviews"),
    description: "Gives every row a split: train, validation or test.",
  }),
  node("tokens", {
    use: "text/tokenize",
    params: { method: "words", lower: true },
    inputs: from("split"),
    description: "Cuts text into words.",
  }),
  node("encode", {
    use: "text/encode",
    kind: "estimator",
    params: { size: 5000, minimum_count: 1, pad: "<pad>", unknown: "<unk>" },
    inputs: from("tokens"),
    description: "Learns a vocabulary and replaces words by their ids.",
  }),
  node("bag", {
    use: "text/count",
    kind: "estimator",
    params: { weighting: "tf-idf" },
    inputs: from("tokens"),
    description: "Counts the words of each row.",
  }),
  node("pad", {
    use: "text/pad",
    params: { length: 16, side: "post", truncate: "post" },
    inputs: from("encode"),
    description: "Brings all rows to one length.",
  }),
  node("bag-model", {
    use: "models/train",
    kind: "estimator",
    params: { layers: [{ dense: { units: 2, activation: "softmax" } }], epochs: 12, batch_size: 32, optimizer: "adam" },
    inputs: from("bag"),
    seeded: true,
    description: "Trains a model.",
  }),
  node("sequence-model", {
    use: "models/train",
    kind: "estimator",
    params: {
      layers: [
        { embedding: { output_dim: 16 } },
        { lstm: { units: 32 } },
        { dense: { units: 2, activation: "softmax" } },
      ],
      epochs: 12,
      batch_size: 32,
      optimizer: "adam",
      early_stopping: { monitor: "val_loss", patience: 4 },
    },
    inputs: from("pad"),
    seeded: true,
    description: "Trains a model.",
  }),
  node("bag-score", { use: "models/evaluate", kind: "stage", params: { split: "test" }, inputs: from("bag-model") }),
  node("sequence-score", {
    use: "models/evaluate",
    kind: "stage",
    params: { split: "test" },
    inputs: from("sequence-model"),
  }),
];

const PIPELINE: Pipeline = {
  format: 1,
  name: "quickstart",
  seed: 7,
  params: { units: 32, epochs: 12 },
  nodes: NODES,
  predict: null,
  file: "/home/someone/pipelines/quickstart.yaml",
  directory: "/home/someone/pipelines",
};

const hit = (ms: number): Partial<StageResult> => ({ status: "hit", reasons: [], ms: 1.2, computeMs: ms });
const vocabulary = output("vocabulary", "vocabulary", {
  size: 40,
  pad: "<pad>",
  unknown: "<unk>",
  first: [
    ["<pad>", 0],
    ["<unk>", 0],
    ["the", 4211],
    ["was", 3104],
    ["brilliant", 902],
    ["dull", 871],
  ],
});

function data(name: string, columns: readonly string[]): Readonly<Record<string, StoredOutput>> {
  return { data: output("dataset", `${name} data`, rows(columns), 180_000) };
}

const REVIEWS = ["text", "label"];
const SPLIT = [...REVIEWS, "split"];
const TOKENS = [...SPLIT, "tokens"];

/** A run of a pipeline that trains a bag of words and a sequence model side by side. */
export const quickstart: RunRecord = {
  schema: 1,
  run: "20260301T140509-4f1c" as RunId,
  status: "succeeded",
  pipeline: PIPELINE,
  startedAt: "2026-03-01T14:05:09.120Z",
  seconds: 21.84,
  stages: [
    result("reviews", "data/generate-reviews", { ...hit(240), outputs: data("reviews", REVIEWS) }),
    result("split", "data/split", { ...hit(31), outputs: data("split", SPLIT) }),
    result("tokens", "text/tokenize", { ...hit(410), outputs: data("tokens", TOKENS) }),
    result("encode", "text/encode", {
      ...hit(88),
      outputs: { ...data("encode", [...TOKENS, "ids"]), state: vocabulary },
    }),
    result("bag", "text/count", {
      ...hit(102),
      outputs: { ...data("bag", [...TOKENS, "vector"]), state: vocabulary },
    }),
    result("pad", "text/pad", { ...hit(25), outputs: data("pad", [...TOKENS, "padded", "length"]) }),
    result("bag-model", "models/train", {
      ...training("bag-model", { loss: 0.672, accuracy: 0.57 }, 12),
      ms: 3120,
      computeMs: 3120,
      reasons: [{ kind: "param-changed", path: "epochs", from: 8, to: 12 }],
    }),
    result("sequence-model", "models/train", {
      ...training("sequence-model", { loss: 0.03, accuracy: 0.995 }, 12),
      ms: 16_240,
      computeMs: 16_240,
      reasons: [
        { kind: "param-changed", path: "epochs", from: 8, to: 12 },
        { kind: "param-changed", path: "layers[1].lstm.units", from: 16, to: 32 },
      ],
    }),
    result("bag-score", "models/evaluate", {
      ...evaluation("bag-score", [
        [141, 108],
        [112, 139],
      ]),
      ms: 31,
      reasons: [{ kind: "input-changed", port: "data", from: digest("old"), to: digest("new") }],
    }),
    result("sequence-score", "models/evaluate", {
      ...evaluation("sequence-score", [
        [246, 3],
        [4, 247],
      ]),
      ms: 42,
      reasons: [{ kind: "input-changed", port: "data", from: digest("older"), to: digest("newer") }],
    }),
  ],
  environment: {
    node: "20.19.0",
    platform: "linux-x64",
    device: "simd",
    threads: 2,
    seqloom: "0.1.0",
    processor: "8 cores",
  },
  report: null,
};
