import { readFileSync } from "node:fs";
import {
  type AnyStage,
  Dataset,
  executeStage,
  type LabelColumn,
  labels,
  type Metrics,
  type Model,
  sparse,
  type TokensColumn,
  tokens,
  tokensOfRow,
  type VectorColumn,
} from "@seqloom/core";
import { evaluateMultilabel, exactLog, exactLog1p, minimise, trainLinear, trainMultilabel } from "@seqloom/models";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeStage } from "../../support/describe-stage.js";
import { contextOf, diagnosticsOf } from "../helpers.js";

describeStage(trainLinear);
describeStage(trainLinear, { with: { kind: "svm" } });
describeStage(trainMultilabel);

/** Rows, labels, and what scikit-learn and SciPy make of them. */
const reference = JSON.parse(readFileSync(new URL("../fixtures/linear.json", import.meta.url), "utf8"));
const { regularisation } = reference;
const LABELS: readonly string[] = reference.labels;
const ROWS: readonly (readonly number[])[] = reference.rows;

const features = sparse(
  ROWS.map((row) => row.flatMap((value, place) => (value === 0 ? [] : [[place, value] as const]))),
  8,
);

function data(label: readonly string[] = LABELS, more: object = {}): Dataset {
  return Dataset.of({ label: labels(label), features, ...more } as never) as unknown as Dataset;
}

async function fitted(input: Dataset, params: object, stage: AnyStage = trainLinear as AnyStage) {
  const outputs = await executeStage(stage, { data: input }, stage.params.parse(params), contextOf());
  return { rows: outputs.data as Dataset, model: outputs.state as Model, report: outputs.report as Metrics };
}

function predictionsOf(rows: Dataset): string[] {
  const { dictionary, indices } = rows.column("prediction") as LabelColumn;
  return Array.from(indices, (index) => dictionary[index]);
}

function expectProbabilities(rows: Dataset, expected: readonly (readonly number[])[]): void {
  const { values } = rows.column("probabilities") as VectorColumn;
  for (const [i, value] of expected.flat().entries()) expect(Math.abs(values[i] - value)).toBeLessThan(1e-6);
}

describe("models/train-linear", () => {
  const searches = {
    multinomial: { params: { kind: "logistic" }, label: LABELS },
    balanced: { params: { kind: "logistic", class_weights: "balanced" }, label: LABELS },
    one_vs_rest: { params: { kind: "logistic", scheme: "one_vs_rest" }, label: LABELS },
    binary: { params: { kind: "logistic" }, label: reference.binary.labels as string[] },
    svm: { params: { kind: "svm" }, label: LABELS },
  };
  it.each(Object.entries(searches))("reaches scikit-learn's optimum: %s", async (name, { params, label }) => {
    const { rows, report } = await fitted(data(label), { ...params, regularisation, tolerance: 1e-8 });
    const expected = reference[name];
    expect(Math.abs(report.values.loss - expected.loss)).toBeLessThan(1e-6);
    if (expected.probabilities !== undefined) expectProbabilities(rows, expected.probabilities);
    else {
      expect(predictionsOf(rows)).toEqual(expected.predictions);
      expect(rows.has("probabilities")).toBe(false);
    }
  });

  it("counts what scikit-learn's MultinomialNB counts", async () => {
    const { rows } = await fitted(data(), { kind: "naive_bayes", regularisation });
    expectProbabilities(rows, reference.naive_bayes.probabilities);
    expect(predictionsOf(rows)).toEqual(reference.naive_bayes.predictions);
  });

  it("finds the centroids that scikit-learn's NearestCentroid finds", async () => {
    const { rows } = await fitted(data(), { kind: "centroid" });
    expect(predictionsOf(rows)).toEqual(reference.centroid.predictions);
    const long = Dataset.of({
      label: labels(["x", "y", "x"]),
      features: sparse(
        [
          [[0, 1]],
          [
            [0, 10],
            [1, 10],
          ],
          [
            [0, 9],
            [1, 3],
          ],
        ],
        2,
      ),
      split: labels(["train", "train", "test"]),
    }) as Dataset;
    expect(predictionsOf((await fitted(long, { kind: "centroid", distance: "cosine" })).rows)[2]).toBe("x");
    expect(predictionsOf((await fitted(long, { kind: "centroid" })).rows)[2]).toBe("y");
  });

  it("gives the same model for dense vectors", async () => {
    const vector = { type: "vector", values: Float32Array.from(ROWS.flat()), width: 8 } as const;
    const dense = await fitted(Dataset.of({ label: labels(LABELS), vector }) as Dataset, { regularisation });
    const sparseOne = await fitted(data(), { regularisation });
    expect(dense.model.weights).toEqual(sparseOne.model.weights);
  });

  it("chooses the regularisation on the validation rows, of equal ones the largest", async () => {
    const split = labels(LABELS.map((_, row) => (row % 3 === 0 ? "validation" : "train")));
    const { report, model } = await fitted(data(LABELS, { split }), { regularisation: [0.01, 1, 100, 10_000] });
    const tried = report.tables?.tried.rows as [number, number, number, number][];
    expect(tried.map(([strength]) => strength)).toEqual([10_000, 100, 1, 0.01]);
    const best = Math.max(...tried.map(([, score]) => score));
    expect(model.config.regularisation).toBe(tried.find(([, score]) => score === best)?.[0]);
  });

  it("tells what is missing or does not fit", async () => {
    expect(await diagnosticsOf(fitted(data(), { regularisation: [1, 2] }))).toMatchObject([
      { code: "no-validation-rows" },
    ]);
    expect(await diagnosticsOf(fitted(data(LABELS.map(() => "a")), {}))).toMatchObject([{ code: "one-class" }]);
    const negative = data(LABELS, {
      features: sparse(
        ROWS.map(() => [[0, -1]]),
        8,
      ),
    });
    expect(await diagnosticsOf(fitted(negative, { kind: "naive_bayes" }))).toMatchObject([
      { code: "features-negative" },
    ]);
    const { model } = await fitted(data(), {});
    const narrow = Dataset.of({ features: sparse([[[0, 1]]], 2) }) as never;
    const apply = async () => trainLinear.apply(narrow, model, trainLinear.params.parse({}), contextOf());
    expect(await diagnosticsOf(apply())).toMatchObject([{ code: "features-width" }]);
    expect(trainLinear.check?.(trainLinear.params.parse({ kind: "centroid", regularisation: [1, 2] }))).toHaveLength(1);
  });
});

describe("models/evaluate-multilabel", () => {
  it("gives the numbers that scikit-learn gives", async () => {
    const { actual, predicted, micro, macro, exact } = reference.label_sets;
    const input = Dataset.of({ labels: tokens(actual), predicted_labels: tokens(predicted) });
    const params = evaluateMultilabel.params.parse({ split: "all" });
    const outputs = await executeStage(evaluateMultilabel as never, { data: input }, params, contextOf());
    const { values } = outputs.metrics as Metrics;
    const found = [values.precision_micro, values.recall_micro, values.f1_micro];
    for (const [i, value] of found.entries()) expect(value).toBeCloseTo(micro[i], 12);
    const means = [values.precision_macro, values.recall_macro, values.f1_macro];
    for (const [i, value] of means.entries()) expect(value).toBeCloseTo(macro[i], 12);
    expect(values.exact_match).toBeCloseTo(exact, 12);
  });
});

describe("models/train-multilabel", () => {
  const sets = LABELS.map((label, row) =>
    row % 4 === 0 ? [] : label === "a" ? ["a", "ab"] : label === "b" ? ["ab"] : ["c"],
  );

  it("fits each label as one against the rest", async () => {
    const { model } = await fitted(data(LABELS, { labels: tokens(sets) }), {}, trainMultilabel as AnyStage);
    expect(model.config.classes).toEqual(["a", "ab", "c"]);
    const alone = data(sets.map((set) => (set.includes("ab") ? "yes" : "no")));
    const one = (await fitted(alone, { kind: "svm" })).model.weights.get("weights")!.values;
    const all = model.weights.get("weights")!.values;
    for (let place = 0; place < 8; place++) expect(all[place * 3 + 1]).toBe(one[place * 2 + 1]);
  });

  it("says at least one label where that is asked for, and none of few rows", async () => {
    const input = data(LABELS, { labels: tokens([...sets.slice(0, -1), ["rare"]]) });
    const { rows, model } = await fitted(input, { at_least_one: true, min_rows: 2 }, trainMultilabel as AnyStage);
    const said = rows.column("predicted_labels") as TokensColumn;
    for (let row = 0; row < rows.rows; row++) expect(tokensOfRow(said, row).length).toBeGreaterThan(0);
    expect(model.config.classes).toEqual(["a", "ab", "c"]);
  });
});

describe("the search for a minimum", () => {
  it("ends in the valley of Rosenbrock's function", () => {
    const { x, converged } = minimise(
      (at, gradient) => {
        const [a, b] = at;
        gradient[0] = -2 * (1 - a) - 400 * a * (b - a * a);
        gradient[1] = 200 * (b - a * a);
        return (1 - a) ** 2 + 100 * (b - a * a) ** 2;
      },
      Float64Array.of(-1.2, 1),
      { tolerance: 1e-9, iterations: 200 },
    );
    expect(converged).toBe(true);
    expect(Math.max(Math.abs(x[0] - 1), Math.abs(x[1] - 1))).toBeLessThan(1e-8);
  });

  it("has logarithms of its own, near those of Math", () => {
    const positive = fc.double({ min: 1e-300, max: 1e300, noNaN: true });
    fc.assert(
      fc.property(positive, (x) => Math.abs(exactLog(x) - Math.log(x)) <= 4e-16 * Math.max(1, Math.abs(Math.log(x)))),
    );
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        (x) =>
          Math.abs(exactLog1p(x) - Math.log1p(x)) <= 4e-16 * Math.max(1e-300, Math.log1p(x)) + 1e-15 * Math.log1p(x),
      ),
    );
  });
});
