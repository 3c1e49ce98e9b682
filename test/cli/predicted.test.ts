import { Dataset, labels, type Pipeline, series, tags, tokens, utf8 } from "@seqloom/core";
import { expect, it } from "vitest";
import { predictedOf } from "../../packages/cli/src/predicted.js";

const pipeline = { nodes: [], predict: null } as unknown as Pipeline;

it("a tag stands beside its token, and alone where the row was cut", () => {
  const rows = Dataset.of({
    text: utf8(["a b", "c d e"]),
    tokens: tokens([
      ["a", "b"],
      ["c", "d", "e"],
    ]),
    predicted_tags: tags([
      ["X", "Y", null],
      ["Y", "X"],
    ]),
  });
  const [whole, cut] = predictedOf(["a b", "c d e"], rows, pipeline);
  expect(whole.tags).toEqual([
    { token: "a", tag: "X" },
    { token: "b", tag: "Y" },
  ]);
  expect(cut.tags).toEqual([
    { token: null, tag: "Y" },
    { token: null, tag: "X" },
  ]);
});

it("what a model says in tokens is told token by token", () => {
  const rows = Dataset.of({ predicted_tokens: tokens([["h", "i"], []]) });
  expect(predictedOf(["1.wav", "2.wav"], rows, pipeline).map(({ said }) => said)).toEqual([["h", "i"], []]);
});

it("what a detector heard is told by second and score", () => {
  const rows = Dataset.of({ detections: series([[[1.25, 0.5]], []], 2), predicted_tags: tags([["X"], ["Y"]]) });
  expect(predictedOf(["1.wav", "2.wav"], rows, pipeline).map(({ detections }) => detections)).toEqual([
    [{ seconds: 1.25, score: 0.5 }],
    [],
  ]);
});

it("a set of labels is told as it is, and a class without probabilities alone", () => {
  const sets = Dataset.of({ predicted_labels: tokens([["grain", "wheat"], []]) });
  expect(predictedOf(["a", "b"], sets, pipeline).map((one) => one.labels)).toEqual([["grain", "wheat"], []]);
  const classes = Dataset.of({ prediction: labels(["en", "fr"]) });
  expect(predictedOf(["a", "b"], classes, pipeline)).toEqual([
    { input: "a", label: "en", probabilities: {} },
    { input: "b", label: "fr", probabilities: {} },
  ]);
});
