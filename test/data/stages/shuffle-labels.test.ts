import { type Dataset, executeStage, Random, rootSeed } from "@seqloom/core";
import { shuffleLabels } from "@seqloom/data";
import { describe, expect, it } from "vitest";
import { testContext } from "../../support/context.js";
import { describeStage } from "../../support/describe-stage.js";
import { datasetOf, rowsOfDataset } from "../../support/rows.js";

const rows = Array.from({ length: 90 }, (_, i) => ({
  text: `row ${i}`,
  label: "abc"[i % 3],
  split: ["train", "validation", "test"][Math.floor(i / 30)],
}));

describeStage(shuffleLabels, { rows, skip: ["examples"] });

async function shuffled(given: object = {}, seed = 1): Promise<string[]> {
  const context = testContext({ random: new Random(rootSeed(seed)) });
  const params = shuffleLabels.params.parse(given);
  const { data } = await executeStage(shuffleLabels, { data: datasetOf(rows) }, params, context);
  const made = rowsOfDataset(data as Dataset);
  expect(made.map(({ text }) => text)).toEqual(rows.map(({ text }) => text));
  return made.map(({ label }) => label as string);
}

describe("data/shuffle-labels", () => {
  const before = rows.map(({ label }) => label);
  const sorted = (labels: readonly string[]): string => [...labels].sort().join("");

  it("hands labels out anew within train and within validation, and leaves those of test", async () => {
    const after = await shuffled();
    expect(after.slice(60)).toEqual(before.slice(60));
    for (const [from, to] of [
      [0, 30],
      [30, 60],
    ]) {
      expect(after.slice(from, to)).not.toEqual(before.slice(from, to));
      expect(sorted(after.slice(from, to))).toBe(sorted(before.slice(from, to)));
    }
  });

  it("shuffles the splits that are named, others with another seed", async () => {
    const only = await shuffled({ splits: ["test"] });
    expect(only.slice(0, 60)).toEqual(before.slice(0, 60));
    expect(only.slice(60)).not.toEqual(before.slice(60));
    expect(await shuffled({}, 2)).not.toEqual(await shuffled());
  });
});
