import { Dataset, executeStage, tags, tokens } from "@seqloom/core";
import { lemmatizeTagged } from "@seqloom/text";
import { describe, expect, it } from "vitest";
import { testContext } from "../../support/context.js";
import { describeStage } from "../../support/describe-stage.js";
import { diagnosticOf, rowsOf } from "../support.js";

// Broken texts have other numbers of words than the example has tags.
describeStage(lemmatizeTagged, { skip: ["unicode"] });

describe("text/lemmatize-tagged", () => {
  it.each([
    ["saw", "VERB", "see"],
    ["saw", "NOUN", "saw"],
    ["meeting", "NN", "meeting"],
    ["meeting", "VBG", "meet"],
    ["was", "AUX", "be"],
    ["better", "JJR", "good"],
    ["better", "RBR", "well"],
    ["Xyzzies", "NOUN", "xyzzies"],
    ["Mice", "PROPN", "mice"],
    ["Mice", "NNPS", "mice"],
    ["İ", "X", "i̇"],
  ])("%s as %s is %s", async (word, tag, lemma) => {
    expect(await rowsOf(lemmatizeTagged, [{ tokens: [word], tags: [tag] }])).toEqual([{ tokens: [lemma] }]);
  });

  it("takes tokens without a tag for others", async () => {
    const row = { tokens: ["Mice", "mice"], tags: [null, "NOUN"] };
    expect(await rowsOf(lemmatizeTagged, [row], { others: "keep" })).toEqual([{ tokens: ["Mice", "mouse"] }]);
  });

  it("refuses tags that are not of these tokens", async () => {
    const data = Dataset.of({ tokens: tokens([["a"], ["two", "words"]]), tags: tags([["DET"], ["NUM"]]) });
    const params = lemmatizeTagged.params.parse({});
    expect(await diagnosticOf(executeStage(lemmatizeTagged, { data }, params, testContext()))).toMatchObject({
      code: "tags-length",
      message: "row 2 of these has 2 tokens and 1 tags",
    });
  });
});
