import { type Dataset, executeStage, type LabelColumn, Random, rootSeed } from "@seqloom/core";
import { split } from "@seqloom/data";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { testContext } from "../../support/context.js";
import { describeStage } from "../../support/describe-stage.js";
import { datasetOf, type Row, rowsOfDataset } from "../../support/rows.js";
import { diagnosticOf, problemsOf, rendered } from "../support.js";

describeStage(split);

const run = async (rows: readonly Row[], given: Record<string, unknown>, seed = 1) => {
  const context = testContext({ random: new Random(rootSeed(seed)) });
  const { data } = await executeStage(split as never, { data: datasetOf(rows) }, split.params.parse(given), context);
  return { data: data as Dataset, logs: context.heard.logs };
};
const splitsOf = async (rows: readonly Row[], given: Record<string, unknown>, seed = 1) =>
  rowsOfDataset((await run(rows, given, seed)).data).map((row) => row.split as string);
const counts = (splits: readonly string[]) =>
  ["train", "validation", "test"].map((name) => splits.filter((one) => one === name).length);
const numbered = (count: number, more: (i: number) => Row = () => ({})): Row[] =>
  Array.from({ length: count }, (_, i) => ({ text: `row ${i}`, ...more(i) }));

describe("split", () => {
  it("gives sizes that are exact, for shares and for counts", async () => {
    expect(counts(await splitsOf(numbered(30), { validation: 0.1, test: 0.2 }))).toEqual([21, 3, 6]);
    expect(counts(await splitsOf(numbered(30), { validation: 7, test: 1 }))).toEqual([22, 7, 1]);
    expect(counts(await splitsOf(numbered(30), { validation: 0.5, test: 0 }))).toEqual([15, 15, 0]);
    expect(counts(await splitsOf(numbered(7), { validation: 0.25, test: 0.25 }))).toEqual([3, 2, 2]);
  });

  it("keeps the rows and their order", async () => {
    const { data } = await run(numbered(20), { validation: 0.3 });
    expect(rowsOfDataset(data, ["text"])).toEqual(numbered(20));
  });

  it("depends on the seed, and on nothing else", async () => {
    const one = await splitsOf(numbered(50), { validation: 0.5 });
    expect(await splitsOf(numbered(50), { validation: 0.5 })).toEqual(one);
    expect(await splitsOf(numbered(50), { validation: 0.5 }, 2)).not.toEqual(one);
  });

  it("splits the train rows only, where there is a split: test stays test", async () => {
    const rows = numbered(20, (i) => ({ split: i < 5 ? "test" : "train" }));
    const splits = await splitsOf(rows, { validation: 5 });
    expect(splits.slice(0, 5)).toEqual(Array(5).fill("test"));
    expect(counts(splits)).toEqual([10, 5, 5]);
  });

  it("leaves rows alone of which the split is not known", async () => {
    const rows = numbered(10, (i) => ({ split: i === 3 ? null : "train" }));
    const splits = await splitsOf(rows, { validation: 4 });
    expect([splits[3], counts(splits)]).toEqual([null, [5, 4, 0]]);
  });

  it("splits all rows anew when told to", async () => {
    const rows = numbered(20, () => ({ split: "test" }));
    expect(counts(await splitsOf(rows, { validation: 5, of: "all" }))).toEqual([15, 5, 0]);
  });

  it("holds out the last rows by order: test after validation", async () => {
    expect(await splitsOf(numbered(5), { method: "ordered", validation: 1, test: 2 })).toEqual([
      "train",
      "train",
      "validation",
      "test",
      "test",
    ]);
  });

  it("stratified, gives each split its share of each class, to within a row, with exact totals", async () => {
    const rows = numbered(101, (i) => ({ label: i < 60 ? "a" : i < 91 ? "b" : i < 100 ? "c" : null }));
    const { data } = await run(rows, { method: "stratified", validation: 0.2, test: 0.1 });
    const found = rowsOfDataset(data);
    expect(counts(found.map((row) => row.split as string))).toEqual([71, 20, 10]);
    for (const [label, size] of [
      ["a", 60],
      ["b", 31],
      ["c", 9],
    ] as const) {
      const [, validation, test] = counts(found.filter((row) => row.label === label).map((row) => row.split as string));
      expect(Math.abs(validation - size * 0.2)).toBeLessThan(1);
      expect(Math.abs(test - size * 0.1)).toBeLessThan(1);
    }
  });

  it("stratified, keeps a class of one row in train and says so", async () => {
    const rows = numbered(21, (i) => ({ label: i === 4 ? "rare" : i % 2 === 0 ? "a" : "b" }));
    for (const seed of [1, 2, 3, 4]) {
      const { data, logs } = await run(rows, { method: "stratified", validation: 0.5, test: 5 }, seed);
      expect(rowsOfDataset(data)[4].split).toBe("train");
      expect(logs).toEqual(['warning: classes with one row stay in train: "rare"']);
    }
  });

  it("grouped, never divides a group, and gives every split that is asked for a group", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 3, maxLength: 60 }), async (groups) => {
        fc.pre(new Set(groups).size >= 3);
        const { data } = await run(
          groups.map((group) => ({ group: `g${group}` })),
          {
            method: "grouped",
            validation: 1,
            test: 1,
          },
        );
        const found = rowsOfDataset(data);
        const pairs = new Set(found.map((row) => `${row.group} ${row.split}`));
        expect(pairs.size).toBe(new Set(groups).size);
        expect(Math.min(...counts(found.map((row) => row.split as string)))).toBeGreaterThan(0);
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it("grouped, holds out the groups that are named, and no others", async () => {
    const rows = numbered(40, (i) => ({ group: ["ann", "bob", "cem", "dan"][i % 4] }));
    const given = { method: "grouped", groups: { test: ["cem"], validation: ["ann"] } };
    const splits = await splitsOf(rows, given);
    expect(splits).toEqual(rows.map((_, i) => ["validation", "train", "test", "train"][i % 4]));
    expect(await splitsOf(rows, given, 2)).toEqual(splits);
    const wrong = await diagnosticOf(run(rows, { ...given, groups: { test: ["cen"] } }));
    expect(wrong).toMatchObject({ code: "group-unknown", hint: 'Did you mean "cem"?' });
    const all = await diagnosticOf(run(rows, { ...given, groups: { test: ["ann", "bob", "cem", "dan"] } }));
    expect(all).toMatchObject({ code: "split-too-few", hint: "Name fewer groups." });
    const messages = (params: object) =>
      split.check?.(split.params.parse(params)).map(({ message }: { message: string }) => message);
    expect(messages({ groups: { test: ["ann"] } })).toEqual(["groups do not go with method: random"]);
    expect(messages({ method: "grouped", groups: { test: ["ann"], validation: ["ann"] } })).toEqual([
      '"ann" is named for validation and for test',
    ]);
  });

  it("grouped, comes near to the sizes that are asked for", async () => {
    const rows = numbered(1000, (i) => ({ group: `g${Math.floor(i / 10)}` }));
    expect(counts(await splitsOf(rows, { method: "grouped", validation: 0.1, test: 0.2 }))).toEqual([700, 100, 200]);
  });

  it("always writes the same dictionary", async () => {
    const { data } = await run(numbered(4), { validation: 1 });
    expect((data.columns.get("split") as LabelColumn).dictionary).toEqual(["train", "validation", "test"]);
  });

  it("holds out exactly what was asked for, of any number of rows", async () => {
    const count = fc.integer({ min: 2, max: 80 });
    await fc.assert(
      fc.asyncProperty(count, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }), async (rows, a, b) => {
        fc.pre(a + b < rows);
        const method = rows % 2 === 0 ? "random" : "ordered";
        expect(counts(await splitsOf(numbered(rows), { method, validation: a, test: b }))).toEqual([
          rows - a - b,
          a,
          b,
        ]);
      }),
      { numRuns: 100, seed: 1 },
    );
  });
});

describe("split refuses", () => {
  it("sizes that make no sense", () => {
    expect(problemsOf(split, { validation: 0.5, test: 0.5 })).toEqual([
      "validation: validation 0.5 and test 0.5 leave no rows for train",
    ]);
    expect(problemsOf(split, { validation: 1.5 })).toEqual(["validation: 1.5 is neither a share nor a count"]);
  });

  it("too few rows for a split, or for train", async () => {
    expect(rendered(await diagnosticOf(run(numbered(4), { validation: 0.1 })))).toMatchInlineSnapshot(`
      "split-too-few: 4 rows leave none for validation
        Asked for are validation 0.1 and test 0 of the rows to split."
    `);
    expect(rendered(await diagnosticOf(run(numbered(4), { validation: 4 })))).toMatchInlineSnapshot(`
      "split-too-few: 4 rows leave none for train
        Asked for are validation 4 and test 0 of the rows to split."
    `);
  });

  it("too few groups", async () => {
    const rows = numbered(4, () => ({ group: "g" }));
    expect(rendered(await diagnosticOf(run(rows, { method: "grouped", validation: 1 })))).toMatchInlineSnapshot(`
      "split-too-few: 1 groups for 2 splits: a group is never divided
        Hold out less, or set method: random."
    `);
  });

  it("classes of which none can be divided", async () => {
    const rows = numbered(4, (i) => ({ label: `c${i}` }));
    expect(rendered(await diagnosticOf(run(rows, { method: "stratified", validation: 1 })))).toMatchInlineSnapshot(`
      "split-too-few: 1 rows to hold out, 0 in classes of two or more
        Hold out less, or set method: random."
    `);
  });

  it("data without the column that the method needs", async () => {
    expect(
      rendered(await diagnosticOf(run(numbered(4), { method: "stratified", validation: 1 }))),
    ).toMatchInlineSnapshot(`
      "column-missing: method stratified needs a label column "label": there is none
        Name the column that says the label of a row: columns: { label: … }."
    `);
  });
});
