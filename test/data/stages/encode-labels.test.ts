import { applyStage, type Dataset, executeStage, labels, type Vocabulary } from "@seqloom/core";
import { encodeLabels } from "@seqloom/data";
import { describe, expect, it } from "vitest";
import { testContext } from "../../support/context.js";
import { describeStage } from "../../support/describe-stage.js";
import { datasetOf, type Row, rowsOfDataset } from "../../support/rows.js";
import { diagnosticOf, problemsOf, rendered } from "../support.js";

describeStage(encodeLabels);

const fitted = async (rows: readonly Row[], given: Record<string, unknown> = {}) => {
  const { data, state } = await executeStage(
    encodeLabels as never,
    { data: datasetOf(rows) },
    encodeLabels.params.parse(given),
    testContext(),
  );
  return { data: data as Dataset, state: state as Vocabulary };
};
const rowsOf = (...names: string[]): Row[] => names.map((label) => ({ label }));

describe("encode-labels", () => {
  it("orders classes by name, whatever their order in the data", async () => {
    const { data, state } = await fitted(rowsOf("b", "é", "Z", "a", "b"));
    expect(state).toEqual({ tokens: ["Z", "a", "b", "é"], counts: [1, 1, 2, 1], pad: null, unknown: null });
    expect(data.columns.get("label")).toEqual(labels(["b", "é", "Z", "a", "b"], ["Z", "a", "b", "é"]));
  });

  it("orders numbers by value", async () => {
    expect((await fitted(rowsOf("10", "9", "-1", "2.5"))).state.tokens).toEqual(["-1", "2.5", "9", "10"]);
    expect((await fitted(rowsOf("10", "9", "x"))).state.tokens).toEqual(["10", "9", "x"]);
  });

  it("orders by frequency, equals by name", async () => {
    expect((await fitted(rowsOf("c", "b", "a", "c"), { order: "frequency" })).state.tokens).toEqual(["c", "a", "b"]);
  });

  it("takes the order that is listed, with classes that training does not have", async () => {
    const { state } = await fitted(rowsOf("pos", "neg"), { order: ["neg", "neutral", "pos"] });
    expect(state).toMatchObject({ tokens: ["neg", "neutral", "pos"], counts: [1, 0, 1] });
  });

  it("refuses a list that lacks a class, or has one twice", async () => {
    const problem = await diagnosticOf(fitted(rowsOf("pos", "pos", "neg"), { order: ["neg", "poss"] }));
    expect(rendered(problem)).toMatchInlineSnapshot(`
      "label-unseen: label "pos" (2 train rows) is not in order
        Did you mean "poss"? Every label of the train rows must be listed."
    `);
    expect(problemsOf(encodeLabels, { order: ["a", "a"] })).toEqual(['order: class "a" is listed twice']);
  });

  it("learns the classes of the train rows only, and refuses others", async () => {
    const rows = [
      { label: "pos", split: "train" },
      { label: "neg", split: "train" },
      { label: "positive", split: "test" },
      { label: "positive", split: "test" },
    ];
    expect(rendered(await diagnosticOf(fitted(rows)))).toMatchInlineSnapshot(`
      "label-unseen: label "positive" is on row 3 and on no train row
        Valid classes: neg, pos. Split so that train has every label (data/split, method: stratified), or set unseen: unknown."
    `);
    const { data, state } = await fitted(rows, { unseen: "unknown" });
    expect(state.tokens).toEqual(["neg", "pos"]);
    expect(rowsOfDataset(data).map((row) => row.label)).toEqual(["pos", "neg", null, null]);
  });

  it("refuses data without a label in train", async () => {
    const problem = await diagnosticOf(fitted([{ label: "a", split: "test" }]));
    expect(problem).toMatchObject({ code: "labels-none", hint: "There are no train rows: look at the column split." });
  });

  it("hands rows without labels through: so they come at prediction time", async () => {
    const { state } = await fitted(rowsOf("a", "b"));
    const input = datasetOf([{ text: "x" }]);
    const params = encodeLabels.params.parse({});
    expect(await applyStage(encodeLabels as never, input, state, params, testContext())).toBe(input);
  });
});
