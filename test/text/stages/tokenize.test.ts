import { type Dataset, executeStage } from "@seqloom/core";
import { tokenize } from "@seqloom/text";
import { describe, expect, it } from "vitest";
import { testContext } from "../../support/context.js";
import { describeStage } from "../../support/describe-stage.js";
import { datasetOf } from "../../support/rows.js";
import { outOf } from "../support.js";

for (const kind of ["words", "treebank", "tweet", "characters", "whitespace"])
  describeStage(tokenize, { with: { kind } });

describe("text/tokenize", () => {
  it("gives no tokens for text of spaces only, and for no text", async () => {
    expect(await outOf(tokenize, " \t\u00a0\u2028 ")).toEqual([]);
    expect(await outOf(tokenize, "")).toEqual([]);
  });

  it("leaves punctuation out of tweets but keeps emoticons and emoji", async () => {
    const params = { kind: "tweet", punctuation: "drop" };
    expect(await outOf(tokenize, "wow!!! :-) <3 😂 ... #win", params)).toEqual(["wow", ":-)", "<3", "😂", "#win"]);
  });

  it("splits at white space and nowhere else when told so", async () => {
    expect(await outOf(tokenize, "a-b  c,d!", { kind: "whitespace" })).toEqual(["a-b", "c,d!"]);
  });

  it("says which parameters do not go together", () => {
    const problems = (params: object) => tokenize.check?.(tokenize.params.parse(params)).map(({ path }) => path);
    expect(problems({ kind: "characters", punctuation: "drop" })).toEqual([["punctuation"]]);
    expect(problems({ kind: "words", unit: "grapheme" })).toEqual([["unit"]]);
    expect(problems({ kind: "characters", unit: "grapheme" })).toEqual([]);
  });

  it("has a dictionary of the distinct tokens, in order of first appearance", async () => {
    const data = datasetOf([{ text: "b a b" }, { text: "c a" }]);
    const outputs = await executeStage(tokenize, { data }, tokenize.params.parse({}), testContext());
    expect((outputs.data as Dataset<{ tokens: "tokens" }>).column("tokens")).toEqual({
      type: "tokens",
      dictionary: ["b", "a", "c"],
      indices: Int32Array.of(0, 1, 0, 2, 1),
      offsets: Int32Array.of(0, 3, 5),
    });
  });

  it("stops in the middle when the run is aborted", async () => {
    const abort = new AbortController();
    const context = testContext({ signal: abort.signal, progress: () => abort.abort() });
    const data = datasetOf(Array.from({ length: 200_000 }, () => ({ text: "a" })));
    const error = await executeStage(tokenize, { data }, tokenize.params.parse({}), context).catch((reason) => reason);
    expect(error).toBe(abort.signal.reason);
  });

  it("reports how far it is, rarely", async () => {
    const context = testContext();
    const data = datasetOf(Array.from({ length: 140_000 }, () => ({ text: "a" })));
    await executeStage(tokenize, { data }, tokenize.params.parse({}), context);
    expect(context.heard.progress.map(({ done }) => done)).toEqual([65_536, 131_072]);
  });
});
