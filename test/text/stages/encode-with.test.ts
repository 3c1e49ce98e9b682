import { type AnyStage, Dataset, executeStage, type IdsColumn, tokens, type Vocabulary } from "@seqloom/core";
import { encode, encodeWith, fingerprintOf } from "@seqloom/text";
import { describe, expect, it } from "vitest";
import { testContext } from "../../support/context.js";
import { describeStage } from "../../support/describe-stage.js";
import { datasetOf, type Row, rowsOfDataset } from "../../support/rows.js";

const VOCABULARY: Vocabulary = {
  tokens: ["<pad>", "<unk>", "film", "good"],
  counts: [0, 1, 3, 2],
  pad: "<pad>",
  unknown: "<unk>",
};

describeStage(encodeWith, { rows: [{ tokens: ["good", "film"] }], inputs: { vocabulary: VOCABULARY } });

async function encoded(rows: readonly Row[], vocabulary: Vocabulary): Promise<Dataset> {
  const inputs = { data: datasetOf(rows, { tokens: "tokens" }), vocabulary };
  return (await executeStage(encodeWith as AnyStage, inputs, {}, testContext())).data as Dataset;
}

describe("text/encode-with", () => {
  it("gives the ids of the vocabulary, whatever the rows and their splits hold", async () => {
    const rows = [
      { tokens: ["good", "good", "play"], split: "train", label: "x" },
      { tokens: [], split: "test", label: "y" },
    ];
    expect(rowsOfDataset(await encoded(rows, VOCABULARY))).toEqual([
      { ...rows[0], ids: [3, 3, 1] },
      { ...rows[1], ids: [] },
    ]);
  });

  it("leaves out words that the vocabulary does not have where it has no unknown token", async () => {
    const vocabulary = { tokens: ["good"], counts: [1], pad: null, unknown: null };
    expect(rowsOfDataset(await encoded([{ tokens: ["a", "good"] }], vocabulary), ["ids"])).toEqual([{ ids: [0] }]);
  });

  it("gives the bytes of the text/encode that learned the vocabulary", async () => {
    const data = Dataset.of({ tokens: tokens([["b", "a"], ["a", "\ud83d", "c"], []]) });
    const learned = await executeStage(encode as AnyStage, { data }, encode.params.parse({}), testContext());
    const again = await executeStage(encodeWith as AnyStage, { data, vocabulary: learned.state }, {}, testContext());
    expect(again.data).toEqual(learned.data);
  });
});

describe("the fingerprint of a vocabulary", () => {
  const of = (words: readonly string[]) =>
    fingerprintOf({ tokens: words, counts: words.map(() => 1), pad: null, unknown: null });

  it("is on the ids", async () => {
    const column = (await encoded([{ tokens: ["film"] }], VOCABULARY)).columns.get("ids") as IdsColumn;
    expect(column.size).toBe(4);
    expect(column.vocabulary).toBe(fingerprintOf(VOCABULARY));
    expect(column.vocabulary).toMatch(/^[0-9a-f]{16}$/);
  });

  it("is another one for other words, another order, and other borders between words", () => {
    const variants = [["a", "b"], ["b", "a"], ["a", "c"], ["ab"], ["a", "b", ""], ["a,b"], ['a","b'], []];
    expect(new Set(variants.map(of)).size).toBe(variants.length);
  });

  it("does not look at how often the words occur", () => {
    expect(fingerprintOf({ ...VOCABULARY, counts: [9, 9, 9, 9] })).toBe(fingerprintOf(VOCABULARY));
  });
});
