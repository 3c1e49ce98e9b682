import { Dataset, executeStage, ids, type Vocabulary } from "@seqloom/core";
import { decode, encode } from "@seqloom/text";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testContext } from "../../support/context.js";
import { datasetOf, rowsOfDataset } from "../../support/rows.js";
import { diagnosticOf } from "../support.js";

const run = async (vocabulary: Vocabulary, data: Dataset, params = {}) =>
  (await executeStage(decode, { vocabulary, data }, decode.params.parse(params), testContext())).data as Dataset;

const vocabulary: Vocabulary = {
  tokens: ["<pad>", "<unk>", "a", "dog"],
  counts: [0, 0, 1, 1],
  pad: "<pad>",
  unknown: "<unk>",
};

describe("text/decode", () => {
  it("gives the tokens and the text, without pad", async () => {
    const data = Dataset.of({ ids: ids([[0, 0, 2, 3, 1], [], [0]], 4) });
    expect(rowsOfDataset(await run(vocabulary, data), ["tokens", "text"])).toEqual([
      { tokens: ["a", "dog", "<unk>"], text: "a dog <unk>" },
      { tokens: [], text: "" },
      { tokens: [], text: "" },
    ]);
    expect(
      rowsOfDataset(await run(vocabulary, data.slice(0, 1), { separator: "", skip: ["<unk>"] }), ["text"]),
    ).toEqual([{ text: "<pad><pad>adog" }]);
  });

  it("is the way back from text/encode", async () => {
    const word = fc.constantFrom("a", "dog", "é", "😂", "__proto__");
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(word, { minLength: 1 }), { minLength: 1, maxLength: 5 }), async (rows) => {
        const data = datasetOf(rows.map((tokens) => ({ tokens })));
        const encoded = await executeStage(encode, { data }, encode.params.parse({}), testContext());
        const back = await run(encoded.state as Vocabulary, (encoded.data as Dataset).without("tokens"));
        const texts = rowsOfDataset(back, ["text"]).map(({ text }) => text);
        expect(texts).toEqual(rows.map((words) => words.join(" ")));
      }),
      { numRuns: 30 },
    );
  });

  it("refuses ids of another vocabulary", async () => {
    for (const column of [ids([[9]], 10), ids([[2]], 4, "0123456789abcdef")]) {
      expect(await diagnosticOf(run(vocabulary, Dataset.of({ ids: column })))).toMatchObject({
        code: "vocabulary-differs",
      });
    }
  });
});
