import { type Dataset, executeStage, Random, rootSeed } from "@seqloom/core";
import { generateReviews } from "@seqloom/data";
import { describe, expect, it } from "vitest";
import { testContext } from "../../support/context.js";
import { describeStage } from "../../support/describe-stage.js";
import { rowsOfDataset } from "../../support/rows.js";
import { problemsOf } from "../support.js";

describeStage(generateReviews);

interface Review {
  readonly text: string;
  readonly label: string;
  readonly split: string;
}

async function write(given: Record<string, unknown>, seed = 1): Promise<Review[]> {
  const params = generateReviews.params.parse(given);
  const context = testContext({ random: new Random(rootSeed(seed)) });
  const { data } = await executeStage(generateReviews as never, {}, params, context);
  return rowsOfDataset(data as Dataset) as unknown as Review[];
}

/** The words of a text in alphabetical order, as one string: two texts that have it in common are one bag of words. */
const bag = (text: string): string => (text.match(/[A-Za-z]+|[.,]/g) ?? []).sort().join(" ");

const countBy = (items: readonly string[]): Map<string, number> =>
  items.reduce((all, item) => all.set(item, (all.get(item) ?? 0) + 1), new Map<string, number>());

describe("generate-reviews", () => {
  it("writes as many as asked for, half of them positive, in splits of the sizes asked for", async () => {
    const reviews = await write({ rows: 2000, validation: 0.1, test: 300 });
    expect(Object.fromEntries(countBy(reviews.map(({ split, label }) => `${split} ${label}`)))).toEqual({
      "train positive": 750,
      "train negative": 750,
      "validation positive": 100,
      "validation negative": 100,
      "test positive": 150,
      "test negative": 150,
    });
  });

  it("gives both classes of every split the same bags of words, so that order alone tells them apart", async () => {
    const reviews = await write({ rows: 3000 });
    for (const split of ["train", "validation", "test"]) {
      const bags = (label: string) =>
        reviews
          .filter((one) => one.split === split && one.label === label)
          .map(({ text }) => bag(text))
          .sort();
      expect(bags("positive").length).toBeGreaterThan(100);
      expect(bags("positive")).toEqual(bags("negative"));
    }
  });

  it("keeps that with wrong labels, of which there are as many as asked for", async () => {
    const [clean, noisy] = [await write({ rows: 1000 }), await write({ rows: 1000, noise: 0.1 })];
    expect(noisy.map(({ text }) => text)).toEqual(clean.map(({ text }) => text));
    expect(noisy.filter(({ label }, i) => label !== clean[i].label)).toHaveLength(100);
    const bags = (label: string) =>
      noisy
        .filter((one) => one.label === label)
        .map(({ text }) => bag(text))
        .sort();
    expect(bags("positive")).toEqual(bags("negative"));
  });

  it("writes no text twice, so none is in two splits", async () => {
    const reviews = await write({ rows: 10_000 });
    expect(new Set(reviews.map(({ text }) => text)).size).toBe(10_000);
  });

  it("does not let the last word of sentiment decide: that is wrong on more than a quarter", async () => {
    const reviews = await write({ rows: 4000 });
    const good = /(wonderful|brilliant|gripping|funny|moving|clever|charming|superb|delightful|convincing)/g;
    const bad = /(terrible|dull|clumsy|boring|silly|awful|weak|lifeless|tedious|dreadful)/g;
    const last = (text: string, words: RegExp): number => [...text.matchAll(words)].at(-1)?.index ?? -1;
    const right = reviews.filter(({ text, label }) => last(text, good) > last(text, bad) === (label === "positive"));
    expect(right.length / reviews.length).toBeLessThan(0.75);
  });

  it("writes reviews of the lengths asked for, of many lengths", async () => {
    const reviews = await write({ rows: 2000, min_words: 8, max_words: 20 });
    const lengths = reviews.map(({ text }) => text.split(" ").length);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(8);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(20);
    expect(new Set(lengths).size).toBeGreaterThan(8);
  });

  it("writes whole sentences", async () => {
    for (const { text } of await write({ rows: 2000 })) {
      expect(text).toMatch(/^([A-Z][A-Za-z ]*(, [A-Za-z ]+)*\.( |$))+$/);
      expect(text).not.toMatch(/\{|\ba [aeiou]|\ban [^aeiou]| {2}/);
    }
  });

  it("writes others with another seed", async () => {
    const [one, other] = [await write({ rows: 100 }), await write({ rows: 100 }, 2)];
    expect(one.map(({ text }) => text)).not.toEqual(other.map(({ text }) => text));
  });

  it.each([
    [4, 12],
    [42, 50],
    [50, 58],
    [50, 70],
  ])("finds enough reviews of %d to %d words", async (min_words, max_words) => {
    expect(await write({ rows: 2000, min_words, max_words })).toHaveLength(2000);
  });

  it("refuses parameters that make no sense", () => {
    expect(problemsOf(generateReviews, { rows: 5 })).toEqual(["rows: 5 is odd"]);
    expect(problemsOf(generateReviews, { validation: 3 })).toEqual(["validation: 3 is no even count"]);
    expect(problemsOf(generateReviews, { min_words: 20, max_words: 24 })).toEqual([
      "min_words: min_words is too near to max_words",
    ]);
    expect(problemsOf(generateReviews, { validation: 0.5, test: 0.5 })).toEqual([
      "validation: validation and test leave no reviews for train",
    ]);
  });
});
