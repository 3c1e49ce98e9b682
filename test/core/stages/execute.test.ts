import {
  applyStage,
  Dataset,
  dataset,
  defineEstimator,
  defineMap,
  defineStage,
  executeStage,
  integers,
  labels,
  utf8,
} from "@seqloom/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { testContext } from "../../support/context.js";

const none = z.strictObject({});
const upper = defineMap({
  id: "probe/upper",
  version: 1,
  description: "text → capitals",
  input: dataset({ text: "utf8" }),
  output: dataset({ text: "utf8" }),
  params: none,
  apply: (batch) => batch.with({ text: utf8(batch.column("text").values.map((value) => value.toUpperCase())) }),
});
const seen: { fitted: number; validated: number }[] = [];
const longest = defineEstimator({
  id: "probe/longest",
  version: 1,
  description: "the longest text that was seen",
  input: dataset({ text: "utf8" }),
  output: dataset({ length: "integer" }),
  state: "text",
  params: none,
  fit: (train, _params, context) => {
    seen.push({ fitted: train.rows, validated: context.validation.rows });
    context.log("fitted");
    return train.column("text").values.reduce((best, value) => (value.length > best.length ? value : best), "");
  },
  apply: (batch, state) =>
    batch.with({ length: integers(batch.column("text").values.map((value) => value.length - state.length)) }),
  describe: (state) => ({ values: { longest: state.length } }),
});
const split = defineStage({
  id: "probe/split",
  version: 1,
  description: "hands rows through at prediction time",
  inputs: { data: dataset({}) },
  outputs: { data: dataset({ split: "label" }) },
  keepsColumns: true,
  inference: "skip",
  params: none,
  run: ({ data }) => ({
    data: data.with({ split: labels(Array.from({ length: data.rows }, () => "train")) }) as never,
  }),
});
const rows = () =>
  Dataset.of({
    text: utf8(["a", "bbb", "cc", "dddd"]),
    split: labels(["train", "train", "validation", "test"]),
  });
const textOf = (data: Dataset, name = "text") => (data.columns.get(name) as { values: readonly string[] }).values;

describe("executeStage", () => {
  it("fits on the train rows alone, shows the validation rows to fit, and applies to all rows", async () => {
    seen.length = 0;
    const context = testContext();
    const outputs = await executeStage(longest, { data: rows() }, {}, context);
    expect(seen).toEqual([{ fitted: 2, validated: 1 }]);
    expect(outputs.state).toBe("bbb");
    expect([...((outputs.data as Dataset).columns.get("length") as { values: Int32Array }).values]).toEqual([
      -2, 0, -1, 1,
    ]);
    expect(outputs.report).toEqual({ values: { longest: 3 } });
  });

  it("renames columns around a stage and back, also when the stage's own name is taken by another column", async () => {
    const data = rows().with({ review: utf8(["w", "x", "y", "z"]) }) as unknown as Dataset;
    const { data: out } = await executeStage(upper, { data }, {}, testContext(), { text: "review" });
    expect(textOf(out as Dataset, "review")).toEqual(["W", "X", "Y", "Z"]);
    expect(textOf(out as Dataset)).toEqual(["a", "bbb", "cc", "dddd"]);
    expect([...(out as Dataset).columns.keys()].sort()).toEqual(["review", "split", "text"]);
  });

  it("does not change its input", async () => {
    const data = rows();
    await executeStage(upper, { data }, {}, testContext());
    expect(textOf(data as unknown as Dataset)).toEqual(["a", "bbb", "cc", "dddd"]);
  });
});

describe("applyStage", () => {
  it("applies a state that was fitted before, without fitting again", async () => {
    seen.length = 0;
    const data = Dataset.of({ text: utf8(["ee"]) }) as unknown as Dataset;
    const out = await applyStage(longest, data, "bbb", {}, testContext());
    expect([...(out.columns.get("length") as { values: Int32Array }).values]).toEqual([-1]);
    expect(seen).toEqual([]);
  });

  it("hands rows through where a stage is skipped at prediction time", async () => {
    const data = rows() as unknown as Dataset;
    expect(await applyStage(split, data, undefined, {}, testContext())).toBe(data);
  });
});
