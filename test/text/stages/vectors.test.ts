import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type AnyStage,
  Dataset,
  executeStage,
  type Metrics,
  type SeriesColumn,
  type TokensColumn,
  utf8,
  type VectorColumn,
} from "@seqloom/core";
import { askVectors, debias, evaluateVectors, loadVectors, selectWords, writeVectors } from "@seqloom/text";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { filesOf } from "../../data/support.js";
import { testContext } from "../../support/context.js";
import { describeStage } from "../../support/describe-stage.js";
import { datasetOf, type Row, rowsOfDataset } from "../../support/rows.js";
import { diagnosticOf, mirror, wordsOf } from "../support.js";

const words: Readonly<Record<string, readonly number[]>> = {
  king: [1, 1, 0, 0.1],
  queen: [1, -1, 0, 0.1],
  man: [0, 1, 0, 1],
  woman: [0, -1, 0, 1],
  apple: [0, 0.1, 2, 0],
  pear: [0.1, 0, 1.9, 0],
};

function spaceOf(given: Readonly<Record<string, readonly number[]>> = words): Dataset {
  const rows = Object.values(given);
  const width = rows[0].length;
  return Dataset.of({
    word: utf8(Object.keys(given)),
    vector: { type: "vector", values: Float32Array.from(rows.flat()), width },
  }) as Dataset;
}

async function run(stage: AnyStage, inputs: Row, params: Row = {}): Promise<Record<string, unknown>> {
  return executeStage(stage, inputs, stage.params.parse(params), testContext());
}

async function load(content: string | Uint8Array, params: Row = {}): Promise<Dataset> {
  const given = await filesOf(loadVectors, { "v.txt": content }, { file: "v.txt", ...params });
  return (await executeStage(loadVectors as AnyStage, {}, given.params, testContext({ files: given.found })))
    .vectors as Dataset;
}

async function written(data: Dataset, format: string): Promise<Uint8Array> {
  const [{ bytes }] = (await run(writeVectors, { vectors: data }, { format })).files as { bytes: Uint8Array }[];
  return bytes;
}

describeStage(askVectors, { rows: [{ text: "king" }], inputs: { vectors: spaceOf() }, skip: ["unicode"] });

describe("text/load-vectors and text/write-vectors", () => {
  it.each(["word2vec_text", "word2vec_binary", "glove"])("bring any vectors back as they were: %s", async (format) => {
    const word = fc
      .string({ minLength: 1, unit: "grapheme" })
      .filter((text) => !/\s|\p{Cc}/u.test(text) && !Number.isFinite(Number(text)));
    const rows = fc.integer({ min: 2, max: 5 }).chain((width) =>
      fc.uniqueArray(
        fc.tuple(
          word,
          fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: width, maxLength: width }),
        ),
        {
          minLength: 1,
          maxLength: 6,
          selector: ([name]) => name,
        },
      ),
    );
    await fc.assert(
      fc.asyncProperty(rows, async (all) => {
        // A text has no negative zero that comes back: 0 and -0 are the same vector.
        const data = spaceOf(Object.fromEntries(all.map(([name, row]) => [` ${name}`, row.map((value) => value + 0)])));
        const named = Dataset.of({
          ...Object.fromEntries(data.columns),
          word: utf8(all.map(([name]) => name)),
        }) as Dataset;
        const again = await load(await written(named, format), { format });
        expect(again.column("word")).toEqual(named.column("word"));
        expect(again.column("vector")).toEqual(named.column("vector"));
      }),
      { numRuns: 30 },
    );
  });

  it.each(["word2vec_text", "word2vec_binary", "glove"])(
    "know the format of a file by its beginning: %s",
    async (format) => {
      expect(rowsOfDataset(await load(await written(spaceOf(), format)))).toEqual(rowsOfDataset(spaceOf()));
    },
  );

  it("take words with spaces, numbers as words, and the first of a file", async () => {
    const text = ". . 0.5 1\n7 2 3\nlast 1 1\n";
    const rows = rowsOfDataset(await load(`a 1 2\n${text}`, { limit: 3 }));
    expect(rows.map(({ word }) => word)).toEqual(["a", ". .", "7"]);
  });

  it.each([
    ["a header that says too few", "1 2\na 1 2\nb 1 2\n", "vectors-header", '"v.txt" says 1 words, and has more'],
    ["a header that says too many", "3 2\na 1 2\nb 1 2\n", "vectors-header", '"v.txt" says 3 words, and has 2'],
    ["a header that says the impossible", "400000 300\na 1 2\n", "vectors-header", /says 400000 words of 300 numbers/],
    ["too few numbers", "a 1 2 3\nb 1 2\n", "vectors-width", 'line 2 of "v.txt" has 2 numbers, and should have 3'],
    ["too many numbers", "a 1 2\nb 1 2 3\n", "vectors-width", 'line 2 of "v.txt" has 3 numbers, and should have 2'],
    ["no number", "a 1 2\nb 1 x\n", "vectors-number", 'the vector of "b" in "v.txt" holds "x", which is no number'],
    ["NaN", "a 1 2\nb NaN 3\n", "vectors-number", 'the vector of "b" in "v.txt" holds "NaN", which is no number'],
    ["only words", "hello\n", "vectors-width", 'line 1 of "v.txt" has 0 numbers, and should have 1'],
  ])("refuse %s", async (_, text, code, message) => {
    expect(await diagnosticOf(load(text))).toMatchObject({
      code,
      message: typeof message === "string" ? message : expect.stringMatching(message),
    });
  });

  it("refuse a binary file that is cut short, has more, or holds NaN", async () => {
    const bytes = await written(spaceOf(), "word2vec_binary");
    expect(await diagnosticOf(load(bytes.subarray(0, bytes.length - 9)))).toMatchObject({ code: "vectors-cut" });
    const less = Buffer.concat([Buffer.from("5 4\n"), bytes.subarray(4)]);
    expect(await diagnosticOf(load(less))).toMatchObject({ code: "vectors-header" });
    const strange = await written(spaceOf({ a: [Number.NaN, 1] }), "word2vec_binary");
    expect(await diagnosticOf(load(strange, { format: "word2vec_binary" }))).toMatchObject({ code: "vectors-number" });
    expect(await diagnosticOf(written(spaceOf({ "a b": [1] }), "glove"))).toMatchObject({ code: "vectors-word" });
  });

  it.runIf(mirror !== null)("read the files of gensim and GloVe", async () => {
    const folder = join(mirror!, "embeddings");
    const binary = await load(readFileSync(join(folder, "word2vec-format-samples/euclidean_vectors.bin")));
    const text = await load(readFileSync(join(folder, "word2vec-format-samples/lee_fasttext.vec")));
    const glove = await load(readFileSync(join(folder, "glove-6b-samples/glove.6B.100d.sample.txt.gz")));
    const size = (data: Dataset) => [data.rows, (data.column("vector") as VectorColumn).width];
    expect([size(binary), size(text), size(glove)]).toEqual([
      [2747, 10],
      [1762, 10],
      [100, 100],
    ]);
    expect((text.column("vector") as VectorColumn).values[0]).toBe(Math.fround(-0.65992));
  });
});

async function asked(text: string, params: Row = {}): Promise<{ words: string[]; scores: number[] }> {
  const { data } = await run(askVectors, { vectors: spaceOf(), data: datasetOf([{ text }]) }, params);
  const rows = data as Dataset;
  const { values } = rows.column("scores") as SeriesColumn;
  return { words: wordsOf(rows.column("predicted_tokens") as TokensColumn)[0], scores: [...values] };
}

describe("text/ask-vectors", () => {
  it("gives the neighbours of a word with their cosines", async () => {
    const { words: near, scores } = await asked("apple", { answers: 2 });
    expect(near).toEqual(["pear", "man"]);
    expect(scores[0]).toBeCloseTo((2 * 1.9) / Math.sqrt(4.01 * 3.62), 5);
  });

  it.each(["add", "multiply"])("does algebra with words: %s", async (scoring) => {
    expect((await asked("king - man + woman", { scoring })).words[0]).toBe("queen");
    expect((await asked("- man + king  +  woman", { scoring })).words[0]).toBe("queen");
    expect((await asked("KING − man + woman", { scoring })).words[0]).toBe("queen");
  });

  it("scores by 3CosMul's formula", async () => {
    const cosine = (a: string, b: string) => {
      const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, i) => sum + value * y[i], 0);
      return (dot(words[a], words[b]) / Math.sqrt(dot(words[a], words[a]) * dot(words[b], words[b])) + 1) / 2;
    };
    const { words: near, scores } = await asked("king - man + woman", { scoring: "multiply", answers: 3 });
    for (const [i, word] of near.entries()) {
      const wanted = (cosine("king", word) * cosine("woman", word)) / (cosine("man", word) + 0.001);
      expect(scores[i]).toBeCloseTo(wanted, 4);
    }
  });

  it("offers words that are spelled alike for one that it does not know", async () => {
    expect(await diagnosticOf(asked("quen"))).toMatchObject({
      code: "unknown-word",
      message: '"quen" is not among the 6 words that have a vector',
      hint: 'Closest in spelling: "queen", "man", "king".',
    });
  });

  it.each(["", "king queen", "king + ", "king + - man"])("refuses %j", async (text) => {
    expect(await diagnosticOf(asked(text))).toMatchObject({ code: "vector-question" });
  });
});

async function evaluated(files: Readonly<Record<string, string>>, params: Row): Promise<Metrics> {
  const given = await filesOf(evaluateVectors, files, params);
  const context = testContext({ files: given.found });
  return (await executeStage(evaluateVectors as AnyStage, { vectors: spaceOf() }, given.params, context))
    .metrics as Metrics;
}

describe("text/evaluate-vectors", () => {
  it("gives the rank correlation with people's ratings, and the share of analogies", async () => {
    const files = {
      "pairs.tsv": "# one\napple\tpear\t9\nking\tqueen\t5\nman\tapple\t1\nking\tnobody\t3\n",
      "analogies.txt": ": family\nman king woman queen\nMan Woman King Queen\n: fruit\napple pear plum plum\n",
    };
    const { values, tables } = await evaluated(files, { pairs: "pairs.tsv", analogies: "analogies.txt" });
    expect(values).toMatchObject({ pairs: 3, analogies: 2, analogy_accuracy: 1 });
    // Cosines: apple and pear 0.99, king and queen 0.005, man and apple 0.035.
    expect(values.wordsim).toBeCloseTo(0.5, 10);
    expect(tables?.analogies.rows).toEqual([
      ["family", 2, 2, 2, 1],
      ["fruit", 1, 0, 0, null],
    ]);
  });

  it("refuses lines that are none", async () => {
    expect(await diagnosticOf(evaluated({ p: "a b 3\n" }, { pairs: "p" }))).toMatchObject({ code: "rated-pair" });
    expect(await diagnosticOf(evaluated({ p: "a b c\n" }, { analogies: "p" }))).toMatchObject({ code: "analogy" });
  });

  it.runIf(mirror !== null)(
    "gives gensim's rank correlation for GloVe's vectors of tweets",
    { timeout: 60_000 },
    async () => {
      const folder = join(mirror!, "embeddings");
      const vectors = await load(readFileSync(join(folder, "glove-twitter-25d/glove.twitter.25d.12k.txt")));
      const given = { pairs: "word2vec-format-samples/wordsim353.tsv" };
      const { params, found } = await filesOf(evaluateVectors, folder, given);
      const { metrics } = await executeStage(
        evaluateVectors as AnyStage,
        { vectors },
        params,
        testContext({ files: found }),
      );
      const { values } = metrics as Metrics;
      expect(values.pairs).toBe(284);
      expect(values.wordsim).toBeCloseTo(0.4268756, 3);
    },
  );
});

describe("text/debias", () => {
  it("takes a direction out of words, and makes pairs equally far from them", async () => {
    const given = {
      pairs: [
        ["woman", "man"],
        ["queen", "king"],
      ],
      neutralise: ["apple"],
      equalise: [["king", "queen"]],
    };
    const { vectors, metrics } = await run(debias, { vectors: spaceOf() }, given);
    const { values } = (vectors as Dataset).column("vector") as VectorColumn;
    const of = (word: string) =>
      values.subarray(Object.keys(words).indexOf(word) * 4, Object.keys(words).indexOf(word) * 4 + 4);
    const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);
    expect(Math.abs(of("apple")[1])).toBeLessThan(1e-6);
    expect(dot(of("king"), of("apple"))).toBeCloseTo(dot(of("queen"), of("apple")), 6);
    for (const word of ["apple", "king", "queen"]) expect(dot(of(word), of(word))).toBeCloseTo(1, 6);
    expect(of("king")[1]).toBeGreaterThan(0);
    const { bias_before, bias_after } = (metrics as Metrics).values;
    expect(bias_before).toBeCloseTo(0.1 / Math.sqrt(4.01), 6);
    expect(bias_after).toBeLessThan(1e-6);
  });

  it("refuses pairs that do not differ, and words that are to be both", async () => {
    const same = run(debias, { vectors: spaceOf() }, { pairs: [["man", "man"]] });
    expect(await diagnosticOf(same)).toMatchObject({ code: "no-direction" });
    const both = { pairs: [["man", "woman"]], neutralise: ["king"], equalise: [["king", "queen"]] };
    expect(await diagnosticOf(run(debias, { vectors: spaceOf() }, both))).toMatchObject({ code: "debias-word" });
  });
});

describe("text/select-words", () => {
  it("takes words by group, as they are", async () => {
    const groups = { fruit: ["pear", "apple"], people: ["king"] };
    const { vectors } = await run(selectWords, { vectors: spaceOf() }, { groups });
    expect(rowsOfDataset(vectors as Dataset)).toMatchObject([
      { word: "pear", vector: words.pear, label: "fruit" },
      { word: "apple", label: "fruit" },
      { word: "king", label: "people" },
    ]);
  });
});
