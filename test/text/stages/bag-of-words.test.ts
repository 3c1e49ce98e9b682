import { readFileSync } from "node:fs";
import {
  type AnyStage,
  Dataset,
  executeStage,
  NAMED_PLACES,
  type SparseColumn,
  type TokensColumn,
  tokens,
} from "@seqloom/core";
import { bagOfWords, characterCounts, hashFeatures, nGrams, tfIdf } from "@seqloom/text";
import { describe, expect, it } from "vitest";
import { testContext } from "../../support/context.js";
import { describeStage } from "../../support/describe-stage.js";
import { datasetOf } from "../../support/rows.js";
import { diagnosticOf, lines, mirror, outOf } from "../support.js";

describeStage(bagOfWords);
describeStage(hashFeatures);
describeStage(nGrams);
describeStage(nGrams, { with: { shortest: 2, longest: 3, separator: "" } });
describeStage(tfIdf);
describeStage(characterCounts);

type Entry = readonly [place: string | number, value: number];

/** What scikit-learn 1.2.1 gives for these texts. */
const reference = JSON.parse(readFileSync(new URL("../fixtures/counts.json", import.meta.url), "utf8")) as {
  readonly texts: readonly string[];
  readonly bigrams: readonly Entry[][];
  readonly characters: readonly Entry[][];
  readonly min_rows_2: readonly Entry[][];
  readonly hashed: readonly Entry[][];
  readonly tfidf: readonly { readonly with: object; readonly rows: readonly Entry[][] }[];
};

async function run(stage: AnyStage, data: Dataset, params: object = {}): Promise<Dataset> {
  return (await executeStage(stage, { data }, stage.params.parse(params), testContext())).data as Dataset;
}

const words = () => Dataset.of({ tokens: tokens(reference.texts.map((text) => text.split(" "))) }) as Dataset;
const letters = () => Dataset.of({ tokens: tokens(reference.texts.map((text) => [...text])) }) as Dataset;

/** Every entry by name or, where there are no names, by place. */
function entriesOf(data: Dataset): Entry[][] {
  const { values, columns, offsets, names } = data.column("features") as SparseColumn;
  return Array.from({ length: data.rows }, (_, row) =>
    Array.from({ length: offsets[row + 1] - offsets[row] }, (_, i) => {
      const at = offsets[row] + i;
      return [names?.[columns[at]] ?? columns[at], values[at]] as const;
    }),
  );
}

function expectNear(actual: readonly Entry[][], expected: readonly Entry[][]): void {
  expect(actual.map((row) => row.map(([place]) => place))).toEqual(expected.map((row) => row.map(([place]) => place)));
  const numbers = expected.flat().map(([, value]) => value);
  for (const [i, [, value]] of actual.flat().entries()) expect(Math.abs(value - numbers[i])).toBeLessThan(1e-6);
}

describe("counts of words", () => {
  it("are those of scikit-learn's CountVectorizer, with words and pairs of words", async () => {
    expectNear(entriesOf(await run(bagOfWords, await run(nGrams, words()))), reference.bigrams);
  });

  it("are those of scikit-learn's CountVectorizer, with one to three characters", async () => {
    const runs = await run(nGrams, letters(), { longest: 3, separator: "" });
    expectNear(entriesOf(await run(bagOfWords, runs)), reference.characters);
  });

  it("leave out words of few rows", async () => {
    expectNear(entriesOf(await run(bagOfWords, words(), { min_rows: 2 })), reference.min_rows_2);
  });

  it("keep the most frequent words, in the order that is asked for", async () => {
    const data = await run(bagOfWords, words(), { max_size: 4, order: "frequency" });
    expect((data.column("features") as SparseColumn).names).toEqual(["great", "fun", "the", "a"]);
  });

  it("have places without names where there are too many", async () => {
    const many = Array.from({ length: NAMED_PLACES + 1 }, (_, i) => String(i));
    const features = (await run(bagOfWords, Dataset.of({ tokens: tokens([many]) }))).column("features") as SparseColumn;
    expect([features.names, features.width, features.values.length]).toEqual([undefined, many.length, many.length]);
  });

  it("need a word", async () => {
    const message = "the vocabulary would be empty: the 1 train rows hold no tokens";
    expect(await diagnosticOf(run(bagOfWords, datasetOf([{ tokens: [] }])))).toMatchObject({ message });
    const rare = run(bagOfWords, datasetOf([{ tokens: ["a"] }]), { min_rows: 2 });
    expect(await diagnosticOf(rare)).toMatchObject({ code: "empty-vocabulary", hint: "Lower min_count or min_rows." });
  });
});

describe("text/n-grams", () => {
  it("takes runs that are spelled alike for the same", async () => {
    expect(await outOf(nGrams, ["ab", "a", "b"], { separator: "" })).toEqual(["ab", "a", "b", "aba", "ab"]);
    const data = await run(nGrams, datasetOf([{ tokens: ["ab", "a", "b"] }]), { separator: "" });
    expect((data.column("tokens") as TokensColumn).dictionary).toEqual(["ab", "a", "b", "aba"]);
  });

  it("knows every pair of a large vocabulary apart", async () => {
    const row = Array.from({ length: 20_000 }, (_, i) => String((i * 7919) % 5000));
    const data = await run(nGrams, datasetOf([{ tokens: row }]), { shortest: 2 });
    const { dictionary, indices } = data.column("tokens") as TokensColumn;
    expect(Array.from(indices, (index) => dictionary[index])).toEqual(
      row.slice(1).map((word, i) => `${row[i]} ${word}`),
    );
  });
});

describe("text/hash-features", () => {
  it("puts words where scikit-learn's HashingVectorizer puts them", async () => {
    expectNear(entriesOf(await run(hashFeatures, words(), { size: 32 })), reference.hashed);
  });
});

describe("text/tf-idf", () => {
  it.each(reference.tfidf)("gives the numbers of scikit-learn's TfidfTransformer: $with", async (example) => {
    const counts = await run(bagOfWords, words());
    expectNear(entriesOf(await run(tfIdf, counts, example.with)), example.rows);
  });

  it.runIf(mirror !== null)("gives scikit-learn's numbers for 45,000 tweets", { timeout: 60_000 }, async () => {
    const rows = lines("emoji/tweeteval-emoji/train_text.txt").map((line) =>
      line
        .toLowerCase()
        .split(" ")
        .filter((word) => word !== ""),
    );
    const all = Dataset.of({ tokens: tokens(rows) }) as Dataset;
    const counts = await run(bagOfWords, all);
    const vocabulary = [...new Set(rows.flat())].sort().map((word) => (Buffer.byteLength(word) % 7) + 1);
    const expected = JSON.parse(readFileSync(new URL("../fixtures/tweets-tf-idf.json", import.meta.url), "utf8"));
    const variants = { default: {}, log_l1: { tf: "log", norm: "l1", smooth: false } };
    expect(rows).toHaveLength(expected.rows);
    for (const [name, params] of Object.entries(variants)) {
      const { values, columns, offsets, width } = (await run(tfIdf, counts, params)).column("features") as SparseColumn;
      let [sum, weighted, squares] = [0, 0, 0];
      for (let row = 0; row < rows.length; row++) {
        for (let at = offsets[row]; at < offsets[row + 1]; at++) {
          const weight = ((row % 89) + 1) * vocabulary[columns[at]];
          sum += values[at];
          weighted += values[at] * weight;
          squares += values[at] ** 2 * weight;
        }
      }
      const wanted = expected[name];
      expect([width, values.length]).toEqual([wanted.features, wanted.entries]);
      for (const [actual, number] of [
        [sum, wanted.sum],
        [weighted, wanted.weighted],
        [squares, wanted.squares],
      ])
        expect(Math.abs(actual / number - 1)).toBeLessThan(1e-7);
      const row = values.slice(offsets[12345], offsets[12346]).sort();
      expect(row).toHaveLength(wanted.row_12345.length);
      for (const [i, value] of row.entries()) expect(Math.abs(value - wanted.row_12345[i])).toBeLessThan(1e-6);
    }
  });

  it("needs train rows, and rows of the width that it learned from", async () => {
    const none = datasetOf([{ features: [["a", 1]], split: "test" }]);
    expect(await diagnosticOf(run(tfIdf, none))).toMatchObject({ code: "no-train-rows" });
    const state = (
      await executeStage(
        tfIdf as AnyStage,
        { data: await run(bagOfWords, words()) },
        tfIdf.params.parse({}),
        testContext(),
      )
    ).state as never;
    const apply = async () =>
      tfIdf.apply(datasetOf([{ features: [["a", 1]] }]) as never, state, tfIdf.params.parse({}), testContext());
    expect(await diagnosticOf(apply())).toMatchObject({ code: "features-width" });
  });
});

describe("parameters that do not fit together", () => {
  it("are named before anything runs", () => {
    expect(characterCounts.check?.(characterCounts.params.parse({ alphabet: "abca" }))).toMatchObject([
      { message: '"a" is in the alphabet twice' },
    ]);
    expect(nGrams.check?.(nGrams.params.parse({ shortest: 3 }))).toHaveLength(1);
  });
});
