/** @file Embedding layers that begin with word vectors: from the words of a pipeline to a trained model. */
import { Dataset, executeStage, labels, type Matrix, type Metrics, type Model, tokens, utf8 } from "@seqloom/core";
import { releaseModels, train } from "@seqloom/models";
import { embeddingMatrix, encode, pad } from "@seqloom/text";
import { afterEach, describe, expect, it } from "vitest";
import { describeStage } from "../../support/describe-stage.js";
import { contextOf, diagnosticsOf } from "../helpers.js";

afterEach(releaseModels);

const VECTORS = { good: [1, 0], fine: [0.9, 0.1], bad: [-1, 0], awful: [-0.9, -0.1], film: [0, 1] };
const vectors = Dataset.of({
  word: utf8(Object.keys(VECTORS)),
  vector: { type: "vector", values: Float32Array.from(Object.values(VECTORS).flat()), width: 2 },
});
const vocabulary = {
  tokens: ["<pad>", "<unk>", "film", "Good", "odd"],
  counts: [0, 1, 4, 2, 1],
  pad: "<pad>",
  unknown: "<unk>",
};

describeStage(embeddingMatrix, { inputs: { vectors, vocabulary } });

async function matrixOf(unknown: "zero" | "random", words = vocabulary): Promise<{ matrix: Matrix; report: Metrics }> {
  const params = embeddingMatrix.params.parse({ unknown });
  return (await executeStage(embeddingMatrix as never, { vectors, vocabulary: words }, params, contextOf())) as never;
}

describe("text/embedding-matrix", () => {
  it("has a row per id: the vector of the word, or else zeros", async () => {
    const { matrix, report } = await matrixOf("zero");
    expect([...matrix.values]).toEqual([0, 0, 0, 0, 0, 1, 1, 0, 0, 0]);
    expect([matrix.rows, matrix.columns, matrix.rowNames]).toEqual([5, 2, vocabulary.tokens]);
    expect(report.values).toEqual({ words: 4, with_vectors: 2, share_with_vectors: 0.5 });
  });

  it("gives words without a vector random numbers of their own, and the padding none", async () => {
    const { matrix } = await matrixOf("random");
    const { values } = matrix;
    expect([values[0], values[1]]).toEqual([0, 0]);
    expect(new Set([values[2], values[3], values[8], values[9]]).size).toBe(4);
    const fewer = { ...vocabulary, tokens: ["<pad>", "odd"], counts: [0, 1], unknown: null };
    expect((await matrixOf("random", fewer as never)).matrix.values.slice(2)).toEqual(values.slice(8));
  });
});

/** Reviews of two words; the words that tell are others in train rows than in test rows, with like vectors. */
async function reviews(): Promise<{ data: Dataset; matrix: Matrix }> {
  const rows = Array.from({ length: 40 }, (_, row) => {
    const [good, bad] = row < 30 ? ["good", "bad"] : ["fine", "awful"];
    return { words: ["film", row % 2 === 0 ? good : bad], split: row < 30 ? "train" : "test" };
  });
  // Vectors are of all words, so the vocabulary is too.
  const all = Dataset.of({ tokens: tokens(rows.map(({ words }) => words)) });
  const fitted = await executeStage(encode as never, { data: all }, encode.params.parse({}), contextOf());
  const padded = await executeStage(pad as never, { data: fitted.data }, pad.params.parse({ length: 2 }), contextOf());
  const { matrix } = await matrixOf("zero", fitted.state as never);
  const data = (padded.data as Dataset).with({
    label: labels(rows.map((_, row) => (row % 2 === 0 ? "positive" : "negative"))),
    split: labels(rows.map(({ split }) => split)),
  } as never);
  return { data: data as unknown as Dataset, matrix };
}

const layersOf = (embedding: object) => [
  { embedding: { units: 2, ...embedding } },
  "global_average_pooling_1d",
  { dense: { units: 2, activation: "softmax" } },
];

async function trained(inputs: Record<string, unknown>, embedding: object) {
  const params = train.params.parse({
    layers: layersOf(embedding),
    epochs: 20,
    optimizer: { adam: { learning_rate: 0.1 } },
  });
  return (await executeStage(train as never, inputs, params, contextOf())) as { data: Dataset; state: Model };
}

const embeddingsOf = (model: Model) => model.weights.get("embedding/embeddings")?.values as Float32Array;

describe("an embedding layer that begins with vectors", () => {
  it("keeps them when it is not trained, and knows words by their like that no train row has", async () => {
    const { data, matrix } = await reviews();
    const result = await trained({ data, vectors: matrix }, { vectors: true, trainable: false });
    expect([...embeddingsOf(result.state)]).toEqual([...matrix.values]);
    const test = result.data.ofSplit("test") as Dataset<{ label: "label"; prediction: "label" }>;
    const [label, said] = [test.column("label"), test.column("prediction")];
    expect(Array.from(said.indices, (index) => said.dictionary[index])).toEqual(
      Array.from(label.indices, (index) => label.dictionary[index]),
    );
  });

  it("goes on from them when it is trained: words of train rows move, others stay", async () => {
    const { data, matrix } = await reviews();
    const found = embeddingsOf((await trained({ data, vectors: matrix }, { vectors: true })).state);
    const row = (values: ArrayLike<number>, word: string) => {
      const id = matrix.rowNames!.indexOf(word);
      return [values[2 * id], values[2 * id + 1]];
    };
    expect(row(found, "awful")).toEqual(row(matrix.values, "awful"));
    expect(row(found, "good")).not.toEqual(row(matrix.values, "good"));
  });

  it("says what is missing, too much, of another vocabulary, or of another shape", async () => {
    const { data, matrix } = await reviews();
    const code = async (inputs: Record<string, unknown>, embedding: object) =>
      (await diagnosticsOf(trained(inputs, embedding)))[0].code;
    expect(await code({ data }, { vectors: true })).toBe("no-vectors");
    expect(await code({ data, vectors: matrix }, {})).toBe("vectors-unused");
    const swapped = { ...matrix, rowNames: [...matrix.rowNames!].reverse() };
    expect(await code({ data, vectors: swapped }, { vectors: true })).toBe("vectors-vocabulary");
    expect(await code({ data, vectors: matrix }, { vectors: true, units: 3 })).toBe("vectors-shape");
  });
});
