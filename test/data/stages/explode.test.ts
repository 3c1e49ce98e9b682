import { Dataset, executeStage, labels, tokens } from "@seqloom/core";
import { explode } from "@seqloom/data";
import { describe, expect, it } from "vitest";
import { testContext } from "../../support/context.js";
import { describeStage } from "../../support/describe-stage.js";
import { rowsOfDataset } from "../../support/rows.js";

describeStage(explode);

describe("data/explode", () => {
  it("takes a part of a dataset as a whole one", async () => {
    const all = Dataset.of({ tokens: tokens([["a"], ["b", "c"], ["d"]]), split: labels(["train", "test", "train"]) });
    const { data } = await executeStage(explode, { data: all.slice(1, 3) }, {}, testContext());
    expect(rowsOfDataset(data as Dataset, ["text", "split", "source"])).toEqual([
      { text: "b", split: "test", source: 0 },
      { text: "c", split: "test", source: 0 },
      { text: "d", split: "train", source: 1 },
    ]);
  });
});
