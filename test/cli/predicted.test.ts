import { Dataset, type Pipeline, tags, tokens, utf8 } from "@seqloom/core";
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
