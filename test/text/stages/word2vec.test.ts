import { type Dataset, executeStage, Random, rootSeed, type VectorColumn } from "@seqloom/core";
import { trainWordVectors, type WordTraining } from "@seqloom/simd/words";
import { word2vec } from "@seqloom/text";
import { afterEach, describe, expect, it } from "vitest";
import { testContext } from "../../support/context.js";
import { describeStage } from "../../support/describe-stage.js";
import { datasetOf, type Row } from "../../support/rows.js";
import { diagnosticOf } from "../support.js";

const small = { min_count: 1, dimensions: 6, epochs: 2, sample: 0 };
// It gives a row per word, not per text: what becomes of texts is looked at below.
describeStage(word2vec, {
  with: small,
  rows: [{ tokens: ["a", "great", "cast", "a"] }, { tokens: ["a", "film"] }],
  skip: ["unicode"],
});

/** Texts of two topics, each with words of its own, and words that are in both. */
function topics(random: Random, texts: number): Row[] {
  const words = [
    ["sun", "rain", "wind", "snow", "cloud"],
    ["bread", "milk", "salt", "soup", "rice"],
  ];
  return Array.from({ length: texts }, (_, text) => ({
    tokens: Array.from({ length: 12 }, () =>
      random.uniform() < 0.25 ? random.pick(["the", "of", "and"]) : random.pick(words[text % 2]),
    ),
  }));
}

async function vectorsOf(rows: readonly Row[], params: Row): Promise<Dataset> {
  const inputs = { data: datasetOf(rows) };
  return (await executeStage(word2vec, inputs, word2vec.params.parse(params), testContext())).vectors as Dataset;
}

function cosine(data: Dataset, one: string, other: string): number {
  const { values, width } = data.column("vector") as VectorColumn;
  const words = (data.column("word") as { readonly values: unknown }).values as readonly string[];
  const of = (word: string) => [...values.subarray(words.indexOf(word) * width, (words.indexOf(word) + 1) * width)];
  const [a, b] = [of(one), of(other)];
  const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, i) => sum + value * y[i], 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

const threads = process.env.SEQLOOM_THREADS;
afterEach(() => {
  if (threads === undefined) delete process.env.SEQLOOM_THREADS;
  else process.env.SEQLOOM_THREADS = threads;
});

describe("text/word2vec", () => {
  const learn = { min_count: 1, dimensions: 16, epochs: 20, sample: 0, learning_rate: 0.05 };

  it.each([
    ["skip_gram", 1],
    ["skip_gram", 4],
    ["cbow", 1],
    ["cbow", 4],
  ])("brings words of one topic together: %s with %d replicas", async (kind, replicas) => {
    const data = await vectorsOf(topics(new Random(rootSeed(3)), 400), { ...learn, kind, replicas });
    for (const [word, friend, stranger] of [
      ["sun", "rain", "bread"],
      ["snow", "cloud", "soup"],
      ["milk", "rice", "wind"],
    ]) {
      expect(cosine(data, word, friend)).toBeGreaterThan(cosine(data, word, stranger) + 0.3);
    }
  });

  it("gives the same bytes at any number of threads", async () => {
    const rows = topics(new Random(rootSeed(4)), 300);
    const params = { ...learn, epochs: 2, sample: 0.01 };
    const runs: Float32Array[] = [];
    for (const count of ["1", "2", "5"]) {
      process.env.SEQLOOM_THREADS = count;
      runs.push(((await vectorsOf(rows, params)).column("vector") as VectorColumn).values);
    }
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).toEqual(runs[0]);
  });

  it("gives the words of train rows, most frequent first, with their counts", async () => {
    const rows = [
      { tokens: ["b", "a", "b"], split: "train" },
      { tokens: ["c", "c", "c", "c"], split: "test" },
    ];
    const data = await vectorsOf(rows, small);
    expect(data.column("word")).toMatchObject({ values: ["b", "a"] });
    expect(data.column("count")).toMatchObject({ values: Int32Array.of(2, 1) });
  });

  it("needs words", async () => {
    const message = "0 of 2 words occur 5 times in the train rows";
    const diagnostic = await diagnosticOf(vectorsOf([{ tokens: ["a", "b"] }], {}));
    expect(diagnostic).toMatchObject({ code: "empty-vocabulary", message });
  });

  it("says so when the vectors grow beyond all numbers", async () => {
    const rows = topics(new Random(rootSeed(5)), 40);
    expect(await diagnosticOf(vectorsOf(rows, { ...learn, learning_rate: 1e30 }))).toMatchObject({
      code: "vectors-diverged",
    });
  });
});

/** One replica, every window after the other, in plain float64: what the kernel is to do. */
function reference(texts: readonly (readonly number[])[], counts: readonly number[], options: WordTraining): number[] {
  const { bag, dimensions: width, window, negatives, epochs, rates, seed, start } = options;
  const MASK = (1n << 64n) - 1n;
  const mixed64 = (state: bigint): bigint => {
    let z = state & MASK;
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
    return z ^ (z >> 31n);
  };
  const mixed32 = (value: number): number => {
    let bits = value | 0;
    bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
    return (bits ^ (bits >>> 16)) >>> 0;
  };
  const below = (random: bigint, bound: number): number => Number(((random >> 32n) * BigInt(bound)) >> 32n);
  const input = counts.map((_, word) => [...start.subarray(word * width, (word + 1) * width)]);
  const output = counts.map(() => new Array<number>(width).fill(0));
  const stream = texts.flatMap((text) => [...text, -1]);
  const words = texts.flat().length;
  const period = Math.max(200, Math.round(words / 8));
  for (let epoch = 0; epoch < epochs; epoch++) {
    const high = mixed32(seed[0] ^ Math.imul(epoch + 1, 0x9e3779b9));
    const state = (BigInt(high) << 32n) | BigInt(mixed32(seed[1] + epoch));
    for (const [p, word] of stream.entries()) {
      if (word < 0) continue;
      const done = (epoch + (Math.floor(p / period) * period) / stream.length) * words;
      const rate = rates[0] + (rates[1] - rates[0]) * (done / (words * epochs));
      const random = mixed64(state + BigInt(p) * 0x9e3779b97f4a7c15n);
      const reach = 1 + below(random, window);
      const around: number[] = [];
      for (let q = p - 1; q >= 0 && q >= p - reach && stream[q] >= 0; q--) around.push(stream[q]);
      for (let q = p + 1; q <= p + reach && stream[q] >= 0; q++) around.push(stream[q]);
      if (around.length === 0) continue;
      const targets = [word];
      // All words are as frequent, so no lot belongs to another word.
      for (let k = 1; k <= negatives; k++) {
        const drawn = below(mixed64(random + 0x9e3779b97f4a7c15n * BigInt(k)), counts.length);
        if (drawn !== word) targets.push(drawn);
      }
      const rows = bag ? [mean(around.map((id) => input[id]))] : around.map((id) => [...input[id]]);
      const old = targets.map((id) => [...output[id]]);
      for (const [c, row] of rows.entries()) {
        const change = new Array<number>(width).fill(0);
        for (const [t, id] of targets.entries()) {
          const score = row.reduce((sum, value, d) => sum + value * old[t][d], 0);
          const g = ((t === 0 ? 1 : 0) - 1 / (1 + Math.exp(-score))) * rate;
          for (let d = 0; d < width; d++) {
            change[d] += g * old[t][d];
            output[id][d] += g * row[d];
          }
        }
        for (const id of bag ? around : [around[c]]) {
          for (let d = 0; d < width; d++) input[id][d] += change[d] / (bag ? around.length : 1);
        }
      }
    }
  }
  return input.flat();
}

function mean(rows: readonly (readonly number[])[]): number[] {
  return rows[0].map((_, d) => rows.reduce((sum, row) => sum + row[d], 0) / rows.length);
}

describe("the kernel of word vectors", () => {
  it.each([
    { bag: false, dimensions: 6, negatives: 5, window: 3 },
    { bag: true, dimensions: 6, negatives: 5, window: 3 },
    { bag: false, dimensions: 41, negatives: 1, window: 5 },
    { bag: true, dimensions: 41, negatives: 9, window: 2 },
  ])("does what the definition says: $bag, $dimensions, $negatives, $window", async (shape) => {
    const random = new Random(rootSeed(6));
    const words = 20;
    const order = Array.from({ length: 12 }, () => [...random.permutation(words)]);
    const texts = order.flatMap((all) => [all.slice(0, 7), all.slice(7, 8), all.slice(8)]);
    const counts = new Array<number>(words).fill(order.length);
    const options: WordTraining = {
      ...{ ...shape, epochs: 3, rates: [0.05, 0.01], sample: 0, replicas: 1, seed: [123_456_789, 987_654_321] },
      start: Float32Array.from({ length: words * shape.dimensions }, () => random.normal() / 4),
    };
    const offsets = Int32Array.from([0, ...texts.map((_, i) => texts.slice(0, i + 1).flat().length)]);
    const corpus = { ids: Int32Array.from(texts.flat()), offsets, counts };
    const found = await trainWordVectors(corpus, options, async () => {});
    const wanted = reference(texts, counts, options);
    for (const [i, value] of found.entries()) expect(Math.abs(value - wanted[i])).toBeLessThan(1e-4);
    expect(Math.abs(found[0] - options.start[0])).toBeGreaterThan(1e-3);
  });
});
