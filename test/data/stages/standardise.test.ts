import { Dataset, executeStage, labels, series } from "@seqloom/core";
import { standardise } from "@seqloom/data";
import { describe, expect, it } from "vitest";
import { testContext } from "../../support/context.js";
import { describeStage } from "../../support/describe-stage.js";

describeStage(standardise);

const rows = Dataset.of({
  series: series(
    [
      [
        [1, 5],
        [3, 5],
      ],
      [[100, 0]],
    ],
    2,
  ),
  split: labels(["train", "test"], ["train", "validation", "test"]),
});

async function run(given: object): Promise<number[]> {
  const out = await executeStage(standardise, { data: rows }, standardise.params.parse(given), testContext());
  const column = (out.data as Dataset).columns.get("series");
  return column?.type === "series" ? [...column.values] : [];
}

describe("data/standardise", () => {
  it("takes its scale from the train rows alone, and divides a constant by 1", async () => {
    expect(await run({})).toEqual([-1, 0, 1, 0, 98, -5]);
  });

  it("can scale each row by itself", async () => {
    expect(await run({ over: "row" })).toEqual([-1, 0, 1, 0, 0, 0]);
    expect(await run({ over: "row", method: "range" })).toEqual([0, 0, 1, 0, 0, 0]);
  });

  it("says so when there are no train rows", async () => {
    const none = rows.slice(1);
    const params = standardise.params.parse({});
    await expect(executeStage(standardise, { data: none }, params, testContext())).rejects.toMatchObject({
      diagnostics: [{ code: "no-train-rows" }],
    });
  });
});
