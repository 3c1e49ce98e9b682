import { Dataset, executeStage, type Metrics, tags, tokens } from "@seqloom/core";
import { evaluateLemmas } from "@seqloom/text";
import { describe, expect, it } from "vitest";
import { testContext } from "../../support/context.js";
import { diagnosticOf } from "../support.js";

type Row = readonly string[];

function measure(found: Row, parts: readonly (string | null)[], lemmas: readonly (string | null)[], given = {}) {
  const words = tokens([found.map((_, place) => `word${place}`)]);
  const inputs = {
    data: Dataset.of({ tokens: tokens([found]), tags: tags([parts]) }),
    reference: Dataset.of({ tokens: words, tags: tags([lemmas]) }),
  };
  const params = evaluateLemmas.params.parse(given);
  return executeStage(evaluateLemmas, inputs, params, testContext()) as Promise<{ metrics: Metrics }>;
}

describe("text/evaluate-lemmas", () => {
  const found = ["see", "the", "leaf", "Saw", "dogs", "x"];
  const parts = ["VERB", "DET", "NOUN", "NOUN", "NOUN", null];
  const lemmas = ["see", "a", "leaf", "saw", "dog", "y"];

  it("gives the share that is right, over the parts that count and for each", async () => {
    const { metrics } = await measure(found, parts, lemmas);
    expect(metrics.values).toEqual({ accuracy: 3 / 4, tokens: 4, accuracy_VERB: 1, accuracy_NOUN: 2 / 3 });
  });

  it("lists every part, and the mistakes of those that count", async () => {
    const { metrics } = await measure(found, parts, lemmas, { case: "compare" });
    expect(metrics.values.accuracy).toBe(2 / 4);
    expect(metrics.tables?.per_part.rows).toEqual([
      ["NOUN", 3, 1, 1 / 3],
      ["DET", 1, 0, 0],
      ["VERB", 1, 1, 1],
    ]);
    expect(metrics.tables?.mistakes.rows).toEqual([
      ["word3", "NOUN", "Saw", "saw", 1],
      ["word4", "NOUN", "dogs", "dog", 1],
    ]);
  });

  it("says when nothing can be measured", async () => {
    expect(await diagnosticOf(measure(["a"], ["DET"], ["a"]))).toMatchObject({
      code: "tags-missing",
      message: "no token is tagged NOUN, VERB, ADJ, ADV",
    });
    expect(await diagnosticOf(measure(["a", "b"], ["NOUN", "NOUN"], ["a"]))).toMatchObject({ code: "tags-length" });
  });
});
