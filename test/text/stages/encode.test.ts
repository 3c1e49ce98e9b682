import { type AnyStage, executeStage, type Metrics, tokens, type Vocabulary } from "@seqloom/core";
import { encode, TokenCounts, vocabularyOf } from "@seqloom/text";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testContext } from "../../support/context.js";
import { describeStage } from "../../support/describe-stage.js";
import { datasetOf, type Row } from "../../support/rows.js";
import { diagnosticOf } from "../support.js";

describeStage(encode);
describeStage(encode, { with: { pad: null, unknown: null } });

async function fitted(rows: readonly Row[], params: Row = {}) {
  const outputs = await executeStage(
    encode as AnyStage,
    { data: datasetOf(rows) },
    encode.params.parse(params),
    testContext(),
  );
  return { vocabulary: outputs.state as Vocabulary, report: outputs.report as Metrics };
}

const ROWS = [{ tokens: ["b", "a", "c", "a", "b", "a"] }, { tokens: ["Z", "d", "d"] }];

describe("text/encode", () => {
  it("puts pad and unknown first, then frequent words, ties by code unit", async () => {
    const { vocabulary } = await fitted(ROWS);
    expect(vocabulary).toEqual({
      tokens: ["<pad>", "<unk>", "a", "b", "d", "Z", "c"],
      counts: [0, 0, 3, 2, 2, 1, 1],
      pad: "<pad>",
      unknown: "<unk>",
    });
  });

  it("orders by alphabet when told so, after choosing the frequent words", async () => {
    const { vocabulary } = await fitted(ROWS, { order: "alphabet", max_size: 5 });
    expect(vocabulary.tokens).toEqual(["<pad>", "<unk>", "a", "b", "d"]);
  });

  it("counts what it leaves out as unknown", async () => {
    const { vocabulary, report } = await fitted(ROWS, { min_count: 2 });
    expect(vocabulary.tokens).toEqual(["<pad>", "<unk>", "a", "b", "d"]);
    expect(vocabulary.counts).toEqual([0, 2, 3, 2, 2]);
    expect(report.values).toEqual({ size: 5, hapax: 0, coverage: 7 / 9 });
  });

  it("takes words that are spelled like pad and unknown for these, so that the size is that of the data", async () => {
    const rows = [{ tokens: ["PAD", "PAD", "a"] }, { tokens: ["OOV", "b", "a"] }];
    const { vocabulary } = await fitted(rows, { pad: "PAD", unknown: "OOV" });
    expect(vocabulary.tokens).toEqual(["PAD", "OOV", "a", "b"]);
    expect(vocabulary.counts).toEqual([2, 1, 2, 1]);
  });

  it("counts no word of another split, though the dictionary is shared", async () => {
    const { vocabulary, report } = await fitted([
      { tokens: ["a"], split: "train" },
      { tokens: ["a", "b", "b"], split: "test" },
    ]);
    expect(vocabulary.tokens).toEqual(["<pad>", "<unk>", "a"]);
    expect(report.values).toEqual({ size: 3, hapax: 1, coverage: 1 });
  });

  it("lists the most frequent words", async () => {
    const { report } = await fitted(ROWS);
    expect(report.tables?.["most frequent words"].rows[0]).toEqual(["a", 3, 0.333333]);
  });

  it("accounts for every token, whatever the limits", () => {
    const word = fc.constantFrom("a", "b", "c", "<pad>", "<unk>", "é", "");
    const options = fc.record({
      max_size: fc.option(fc.integer({ min: 3, max: 8 })),
      min_count: fc.integer({ min: 1, max: 3 }),
      order: fc.constantFrom("frequency" as const, "alphabet" as const),
      pad: fc.constant("<pad>"),
      unknown: fc.constant("<unk>"),
    });
    fc.assert(
      fc.property(fc.array(fc.array(word)), options, (rows, chosen) => {
        const vocabulary = vocabularyOf(new TokenCounts().add(tokens(rows)), chosen);
        expect(vocabulary.counts.reduce((sum, count) => sum + count, 0)).toBe(rows.flat().length);
        expect(new Set(vocabulary.tokens).size).toBe(vocabulary.tokens.length);
        expect(vocabulary.tokens.length).toBeLessThanOrEqual(chosen.max_size ?? 8);
      }),
    );
  });

  it.each([
    ["no tokens", [{ tokens: [] }], {}, "the vocabulary would be empty: the 1 train rows hold no tokens"],
    [
      "rare words only",
      ROWS,
      { min_count: 9 },
      "the vocabulary would be empty: none of the 9 train tokens is a word that occurs 9 times",
    ],
    [
      "nothing but padding",
      [{ tokens: ["<pad>"] }],
      {},
      "the vocabulary would be empty: none of the 1 train tokens is a word that occurs 1 times",
    ],
  ])("refuses to learn nothing: %s", async (_, rows, params, message) => {
    expect(await diagnosticOf(fitted(rows, params))).toMatchObject({ code: "empty-vocabulary", message });
  });

  it("says which parameters cannot be", () => {
    const problems = (params: object) => encode.check?.(encode.params.parse(params)).map(({ message }) => message);
    expect(problems({ pad: "x", unknown: "x" })).toEqual(['pad and unknown are both "x"']);
    expect(problems({ max_size: 2 })).toEqual(["max_size 2 leaves no room for words"]);
    expect(problems({ max_size: 1, pad: null, unknown: null })).toEqual([]);
  });
});
