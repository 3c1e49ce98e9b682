import { readFileSync } from "node:fs";
import { type AnyStage, type Dataset, executeStage, type Matrix, type Metrics, type VectorColumn } from "@seqloom/core";
import { pca, scatter, transpose, truncatedSvd } from "@seqloom/data";
import { describe, expect, it } from "vitest";
import { testContext } from "../../support/context.js";
import { describeStage } from "../../support/describe-stage.js";
import { datasetOf, type Row, rowsOfDataset } from "../../support/rows.js";
import { diagnosticOf } from "../support.js";

describeStage(pca);
describeStage(truncatedSvd);
describeStage(transpose);

type Numbers = readonly (readonly number[])[];

/** What scikit-learn 1.2.1 and NumPy 1.24.2 give for these rows, up to the sign of each component. */
const reference = JSON.parse(readFileSync(new URL("../fixtures/factors.json", import.meta.url), "utf8")) as {
  readonly dense: Readonly<Record<"rows" | "pca" | "whitened" | "svd", Numbers>> &
    Readonly<Record<"shares" | "singular" | "svd_singular", readonly number[]>>;
  readonly sparse: Readonly<Record<"rows" | "pca" | "svd", Numbers>>;
};

const dense = (rows: Numbers): Dataset => datasetOf(rows.map((vector) => ({ vector })));
const sparse = (rows: Numbers): Dataset =>
  datasetOf(
    rows.map((row) => ({ features: row.flatMap((value, place) => (value === 0 ? [] : [[`f${place}`, value]])) })),
  );

async function run(stage: AnyStage, data: Dataset, params: Row): Promise<Record<string, unknown>> {
  return executeStage(stage, { data }, stage.params.parse(params), testContext());
}

const vectorsOf = (data: unknown): VectorColumn => (data as Dataset).column("vector") as VectorColumn;

function expectUpToSign(actual: VectorColumn, expected: Numbers): void {
  const size = Math.max(...expected.flat().map(Math.abs));
  for (let i = 0; i < actual.width; i++) {
    const own = expected.map((_, row) => actual.values[row * actual.width + i]);
    const product = own.reduce((sum, value, row) => sum + value * expected[row][i], 0);
    for (const [row, value] of own.entries()) {
      expect(Math.abs(value - Math.sign(product) * expected[row][i])).toBeLessThan(1e-5 * size);
    }
  }
}

describe("data/pca", () => {
  it("gives the numbers of scikit-learn's PCA for dense rows and for sparse ones", async () => {
    const { rows, shares, singular } = reference.dense;
    const { data, state, report } = await run(pca, dense(rows), { components: 3 });
    expectUpToSign(vectorsOf(data), reference.dense.pca);
    const { values, columns } = state as Matrix;
    for (const [i, wanted] of singular.entries()) {
      expect(values[(i + 1) * columns + 7]).toBeCloseTo(wanted, 6);
      expect(values[(i + 1) * columns + 8]).toBeCloseTo(shares[i], 8);
    }
    expect((report as Metrics).values.share_of_variance).toBeCloseTo(shares[0] + shares[1] + shares[2], 8);
    const counts = await run(pca, sparse(reference.sparse.rows), { components: 4 });
    expectUpToSign(vectorsOf(counts.data), reference.sparse.pca);
  });

  it("brings each number to variance 1 when it is to whiten", async () => {
    const { data } = await run(pca, dense(reference.dense.rows), { components: 3, whiten: true });
    expectUpToSign(vectorsOf(data), reference.dense.whitened);
  });

  it("learns from train rows only, and puts all rows in their space", async () => {
    const rows = reference.dense.rows.map((vector) => ({ vector, split: "train" }));
    const far = { vector: rows[0].vector.map((value) => value * 100), split: "test" };
    const { data } = await run(pca, datasetOf([...rows, far]), { components: 3 });
    const { values } = vectorsOf(data);
    expectUpToSign({ type: "vector", width: 3, values: values.slice(0, 36) }, reference.dense.pca);
    expect(Math.hypot(...values.slice(36))).toBeGreaterThan(100);
  });
});

describe("data/truncated-svd", () => {
  it("gives U Σ of NumPy's decomposition, for dense rows and for sparse ones", async () => {
    const { data } = await run(truncatedSvd, dense(reference.dense.rows), { components: 3 });
    expectUpToSign(vectorsOf(data), reference.dense.svd);
    const counts = await run(truncatedSvd, sparse(reference.sparse.rows), { components: 4 });
    expectUpToSign(vectorsOf(counts.data), reference.sparse.svd);
  });

  it("finds the same by a random subspace as exactly, with every seed the same bytes", async () => {
    // 60 rows that vary in 5 directions, and a little everywhere: what the randomised search is for.
    const { random } = testContext();
    const parts = Array.from({ length: 5 }, () => Array.from({ length: 80 }, () => random.normal()));
    const rows = Array.from({ length: 60 }, () => {
      const shares = parts.map((_, i) => random.normal() * (10 - i));
      return Array.from({ length: 80 }, (_, place) =>
        shares.reduce((sum, share, i) => sum + share * parts[i][place], 0.01 * random.normal()),
      );
    });
    const exact = vectorsOf((await run(truncatedSvd, dense(rows), { components: 5, method: "exact" })).data);
    const drawn = { components: 5, method: "randomised", oversamples: 4, iterations: 3 };
    const found = vectorsOf((await run(truncatedSvd, dense(rows), drawn)).data);
    const size = Math.max(...exact.values.map(Math.abs));
    for (const [i, value] of found.values.entries())
      expect(Math.abs(value - exact.values[i])).toBeLessThan(1e-4 * size);
    expect(vectorsOf((await run(truncatedSvd, dense(rows), drawn)).data).values).toEqual(found.values);
  });

  it("gives zeros for components beyond the rank", async () => {
    const rows = [
      [1, 2, 3],
      [2, 4, 6],
      [0, 0, 0],
    ];
    const { data } = await run(truncatedSvd, dense(rows), { components: 3 });
    for (const row of rowsOfDataset(data as Dataset)) expect((row.vector as number[]).slice(1)).toEqual([0, 0]);
  });

  it("refuses more components than there are, numbers that are none, and rows of another width", async () => {
    expect(await diagnosticOf(run(truncatedSvd, dense([[1, 2]]), {}))).toMatchObject({
      code: "too-many-components",
      hint: "Give components: 1, or fewer.",
    });
    const strange = run(
      pca,
      dense([
        [1, 2],
        [Number.NaN, 1],
      ]),
      { components: 1 },
    );
    expect(await diagnosticOf(strange)).toMatchObject({ code: "not-finite" });
    const { state } = await run(
      pca,
      dense([
        [1, 2],
        [3, 1],
      ]),
      { components: 1 },
    );
    const apply = () => pca.apply(dense([[1]]) as never, state as never, pca.params.parse({}), testContext());
    expect(await diagnosticOf((async () => apply())())).toMatchObject({ code: "features-width" });
  });
});

describe("data/transpose", () => {
  it("turns dense vectors too, and names what has no name by its number", async () => {
    const data = (
      await run(
        transpose,
        dense([
          [1, 2],
          [3, 4],
          [5, 6],
        ]),
        {},
      )
    ).data as Dataset;
    expect(rowsOfDataset(data)).toEqual([
      { id: "0", vector: [1, 3, 5] },
      { id: "1", vector: [2, 4, 6] },
    ]);
  });
});

describe("data/scatter", () => {
  const rows = [
    { vector: [0, 0, 9], label: "a", id: "one" },
    { vector: [0, 1, 9], label: "a", id: "two" },
    { vector: [5, 5, 9], label: "b", id: "three" },
    { vector: [0.1, 0.1, 9], label: "b", id: "four" },
  ];
  const drawn = async (params: Row) => (await run(scatter, datasetOf(rows), params)).metrics as Metrics;

  it("gives the points with their names and classes, and how many have a neighbour of their class", async () => {
    const { values, maps } = await drawn({ axes: [2, 1] });
    expect(maps?.map).toEqual({
      axes: ["axis 2", "axis 1"],
      x: [0, 1, 5, 0.1],
      y: [0, 0, 5, 0.1],
      classes: ["a", "b"],
      class: [0, 0, 1, 1],
      names: ["one", "two", "three", "four"],
    });
    // The nearest of one, two and four is each other's, and that of three is two: never one of its own class.
    expect(values).toEqual({ rows: 4, neighbour_accuracy: 0 });
  });

  it("draws some of many rows, the same each time", async () => {
    const first = (await drawn({ most: 2 })).maps?.map;
    expect(first?.x).toHaveLength(2);
    expect((await drawn({ most: 2 })).maps?.map).toEqual(first);
  });

  it("refuses axes that vectors do not have", async () => {
    expect(await diagnosticOf(drawn({ axes: [1, 4] }))).toMatchObject({
      code: "no-such-axis",
      hint: "Axes are 1 to 3.",
    });
  });
});
