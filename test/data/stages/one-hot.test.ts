import { type AnyStage, Dataset, executeStage, labels, numbers } from "@seqloom/core";
import { oneHot } from "@seqloom/data";
import { describe, expect, it } from "vitest";
import { testContext } from "../../support/context.js";
import { describeStage } from "../../support/describe-stage.js";
import { rowsOfDataset } from "../../support/rows.js";
import { diagnosticOf } from "../../text/support.js";

describeStage(oneHot);

async function run(data: Dataset, params: object): Promise<unknown[]> {
  const outputs = await executeStage(oneHot as AnyStage, { data }, oneHot.params.parse(params), testContext());
  return rowsOfDataset(outputs.data as Dataset, ["features"]).map(({ features }) => features);
}

describe("data/one-hot", () => {
  const weather = Dataset.of({
    outlook: labels(["sunny", "rain", "fog"]),
    split: labels(["train", "train", "test"]),
    wind: numbers([1, 2, 3]),
  }) as Dataset;

  it("keeps the order of appearance where that is asked for", async () => {
    const data = weather.slice(0, 2);
    expect(await run(data, { attributes: ["outlook"], order: "appearance" })).toEqual([
      [["outlook=sunny", 1]],
      [["outlook=rain", 1]],
    ]);
  });

  it("refuses symbols that no train row has, or leaves their places empty", async () => {
    const message = '"fog" of outlook is on row 3 and on no train row';
    expect(await diagnosticOf(run(weather, { attributes: ["outlook"] }))).toMatchObject({
      code: "label-unseen",
      message,
    });
    expect((await run(weather, { attributes: ["outlook"], unseen: "zeros" }))[2]).toEqual([]);
  });

  it("takes label columns only", async () => {
    const wind = run(weather, { attributes: ["wind"] });
    expect(await diagnosticOf(wind)).toMatchObject({ message: 'one-hot needs a label column "wind": it is number' });
    expect(await diagnosticOf(run(weather, { attributes: ["outlok"] }))).toMatchObject({ code: "column-missing" });
    expect(oneHot.check?.(oneHot.params.parse({ attributes: ["a", "a"] }))).toHaveLength(1);
  });
});
