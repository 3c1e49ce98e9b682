import { Dataset, type Matrix, type Model, tokens, utf8 } from "@seqloom/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { differenceOf } from "../../../packages/core/src/verify/difference.js";
import { anyDataset } from "../dataset/arbitrary.js";

const table = (text: string[], numbers: number[]) =>
  Dataset.of({
    text: utf8(text),
    vector: { type: "vector", width: 2, values: Float32Array.from(numbers) },
    words: tokens(text.map((one) => one.split(" "))),
  });

describe("the difference of two datasets", () => {
  it("is the first row and column, how many rows differ, and the largest difference of numbers", () => {
    const before = table(["a b", "c", "d"], [1, 2, 3, 4, 5, 6]);
    expect(differenceOf(before, table(["a b", "c", "d"], [1, 2, 3, 4.5, 5, 8]))).toEqual({
      ...{ where: "row 1, column vector, item 1", before: "4", after: "4.5" },
      ...{ count: 2, of: 3, largest: 2 },
    });
    expect(differenceOf(before, table(["a x", "c", "d"], [1, 2, 3, 4, 5, 6]))).toMatchObject({
      ...{ where: "row 0, column text", before: '"a b"', after: '"a x"', count: 1, largest: null },
    });
  });

  it("says so when rows or columns are missing", () => {
    const before = table(["a", "b"], [1, 2, 3, 4]);
    expect(differenceOf(before, before.slice(0, 1))).toMatchObject({ where: "the number of rows", count: 1, of: 2 });
    expect(differenceOf(before, before.without("vector"))).toMatchObject({
      where: "its columns",
      before: '"text, vector, words"',
      after: '"text, words"',
    });
  });

  it("is none for equal ones, and some for others", () => {
    fc.assert(
      fc.property(anyDataset, (data) => {
        expect(differenceOf(data, data.slice(0))).toBe(null);
        if (data.rows > 0) expect(differenceOf(data, data.slice(1))).not.toBe(null);
      }),
      { numRuns: 50 },
    );
  });
});

describe("the difference of other values", () => {
  const model = (values: number[]): Model => ({
    config: { classes: ["a", "b"] },
    weights: new Map([
      ["dense/bias", { dtype: "float32", shape: [1], values: Float32Array.from([0]) }],
      ["lstm/kernel", { dtype: "float32", shape: [3], values: Float32Array.from(values) }],
    ]),
  });

  it("names the first tensor and number of a model, and the largest difference of all", () => {
    expect(differenceOf(model([1, 2, 3]), model([1, 2.5, 5]))).toMatchObject({
      ...{ where: "weights lstm/kernel values 1", before: "2", after: "2.5", count: 2, largest: 2 },
    });
    expect(differenceOf(model([1, 2, 3]), model([1, 2, 3]))).toBe(null);
  });

  it("sees what comparing by value does not: -0, a number more, nothing in place of something", () => {
    const matrix = (values: number[]): Matrix => ({ rows: 1, columns: 2, values: Float64Array.from(values) });
    expect(differenceOf(matrix([0, Number.NaN]), matrix([-0, Number.NaN]))).toMatchObject({ before: "0", after: "-0" });
    expect(differenceOf({ tokens: ["a"] }, { tokens: ["a", "b"] })).toMatchObject({
      ...{ where: "tokens 1", before: "nothing", after: '"b"' },
    });
    expect(differenceOf("one", "two")).toMatchObject({ where: "the value", before: '"one"', after: '"two"' });
  });
});
