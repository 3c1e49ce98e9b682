import { Dataset, executeStage, labels, type Metrics, tokens, utf8 } from "@seqloom/core";
import { evaluate } from "@seqloom/models";
import { describe, expect, it } from "vitest";
import { contextOf, diagnosticsOf } from "../helpers.js";

const CLASSES = ["cat", "dog", "owl"];
const ACTUAL = ["cat", "cat", "cat", "dog", "dog", "owl"];
const PREDICTED = ["cat", "cat", "dog", "dog", "cat", "owl"];
// Probability of the predicted class; the rest is shared by the other two.
const SURE = [0.9, 0.6, 0.8, 0.7, 0.95, 0.5];

function data(more: Record<string, unknown> = {}): Dataset {
  const values = Float32Array.from({ length: 18 }, (_, i) => {
    const row = Math.floor(i / 3);
    return CLASSES[i % 3] === PREDICTED[row] ? SURE[row] : (1 - SURE[row]) / 2;
  });
  return Dataset.of({
    label: labels(ACTUAL),
    prediction: labels(PREDICTED, CLASSES),
    probabilities: { type: "vector", values, width: 3 },
    text: utf8(["one", "two", "three", "four", "five", "six"]),
    split: labels(ACTUAL.map(() => "test")),
    ...more,
  } as never) as unknown as Dataset;
}

async function run(input: Dataset, params: unknown = {}): Promise<Metrics> {
  const outputs = await executeStage(evaluate as never, { data: input }, evaluate.params.parse(params), contextOf());
  return outputs.metrics as Metrics;
}

describe("models/evaluate", () => {
  it("gives the numbers that scikit-learn gives", async () => {
    // precision_recall_fscore_support of the same labels: cat 2/3 2/3 2/3, dog 1/2 1/2 1/2, owl 1 1 1.
    const { values } = await run(data());
    expect(values.accuracy).toBeCloseTo(4 / 6, 12);
    expect(values.precision_macro).toBeCloseTo((2 / 3 + 1 / 2 + 1) / 3, 12);
    expect(values.recall_macro).toBeCloseTo((2 / 3 + 1 / 2 + 1) / 3, 12);
    expect(values.f1_macro).toBeCloseTo((2 / 3 + 1 / 2 + 1) / 3, 12);
    expect(values.f1_micro).toBeCloseTo(4 / 6, 12);
    expect(values.rows).toBe(6);
  });

  it("counts the confusions, actual by predicted", async () => {
    expect((await run(data())).confusion).toEqual({
      classes: CLASSES,
      counts: [
        [2, 1, 0],
        [1, 1, 0],
        [0, 0, 1],
      ],
    });
  });

  it("computes the cross-entropy of the actual classes", async () => {
    const expected =
      -(Math.log(0.9) + Math.log(0.6) + Math.log(0.1) + Math.log(0.7) + Math.log(0.025) + Math.log(0.5)) / 6;
    expect((await run(data())).values.loss).toBeCloseTo(expected, 6);
  });

  it("shows the wrong ones first, the surest of them at the top, then right ones", async () => {
    const { columns, rows } = (await run(data(), { examples: 2 })).tables!.examples;
    expect(columns).toEqual(["text", "label", "prediction", "probability", "right"]);
    expect(rows.map((row) => [row[0], row[1], row[2], row[4]])).toEqual([
      ["five", "dog", "cat", "no"],
      ["three", "cat", "dog", "no"],
      ["one", "cat", "cat", "yes"],
      ["six", "owl", "owl", "yes"],
    ]);
  });

  it("shows tokens joined where there is no text, and row numbers where there is neither", async () => {
    const words = data({ tokens: tokens([["a", "b"], [], [], [], ["x", "y"], []]) }).without("text");
    expect((await run(words)).tables!.examples.rows[0][0]).toBe("x y");
    expect((await run(words.without("tokens"))).tables!.examples.rows[0][0]).toBe(5);
  });

  it("works without probabilities, and then gives no loss", async () => {
    const { values, tables } = await run(data().without("probabilities"));
    expect(values.loss).toBeUndefined();
    expect(tables!.examples.rows[0][3]).toBeNull();
  });

  it("gives a table with a row per class", async () => {
    expect((await run(data())).tables!.per_class).toEqual({
      columns: ["class", "precision", "recall", "f1", "support"],
      rows: [
        ["cat", 2 / 3, 2 / 3, 2 / 3, 3],
        ["dog", 1 / 2, 1 / 2, 1 / 2, 2],
        ["owl", 1, 1, 1, 1],
      ],
    });
  });

  it("looks at the rows of one split", async () => {
    const split = labels(["train", "train", "train", "test", "test", "test"]);
    expect((await run(data({ split }))).values).toMatchObject({ rows: 3, accuracy: 2 / 3 });
    expect((await run(data({ split }), { split: "train" })).values.rows).toBe(3);
    expect((await run(data({ split }), { split: "all" })).values.rows).toBe(6);
  });

  it("counts rows as often as their weights say, where that is asked for", async () => {
    const weight = { type: "number", values: Float64Array.of(2, 1, 0, 1, 0, 1) };
    expect((await run(data({ weight }))).values.accuracy).toBeCloseTo(4 / 6, 12);
    const { values, confusion } = await run(data({ weight }), { sample_weights: true });
    expect(values).toMatchObject({ accuracy: 1, rows: 6 });
    expect(confusion?.counts).toEqual([
      [3, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    expect(values.loss).toBeCloseTo(-(2 * Math.log(0.9) + Math.log(0.6) + Math.log(0.7) + Math.log(0.5)) / 5, 6);
    expect(await diagnosticsOf(run(data(), { sample_weights: true }))).toMatchObject([{ code: "weight-missing" }]);
  });

  it("says which splits there are when the one asked for is empty", async () => {
    expect(await diagnosticsOf(run(data(), { split: "validation" }))).toEqual([
      {
        code: "no-rows",
        severity: "error",
        message: "there are no validation rows to evaluate",
        hint: "There are rows for: test, all. Choose one with `split`, or split the data with data/split.",
      },
    ]);
  });

  it("refuses a label that the model does not know, and a row without one", async () => {
    const strange = data({ label: labels(["cat", "cow", "cat", "dog", "dog", "owl"]) });
    expect(await diagnosticsOf(run(strange))).toMatchObject([
      { code: "label-unseen", message: 'evaluated row 2 has the label "cow", which no train row has' },
    ]);
    const missing = data({ label: labels(["cat", "cat", null, "dog", "dog", "owl"]) });
    expect(await diagnosticsOf(run(missing))).toMatchObject([{ code: "label-missing" }]);
  });

  it("refuses probabilities of another number of classes", async () => {
    const probabilities = { type: "vector", values: new Float32Array(12), width: 2 };
    expect(await diagnosticsOf(run(data({ probabilities })))).toMatchObject([{ code: "probabilities-width" }]);
  });
});
