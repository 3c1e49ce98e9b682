import { createHash } from "node:crypto";
import {
  type ArtifactName,
  artifactType,
  artifactTypes,
  type Matrix,
  type Metrics,
  type Model,
  type Vocabulary,
} from "@seqloom/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const back = async <T>(name: ArtifactName, value: T) =>
  (await artifactType(name).decode(await artifactType(name).encode(value))) as T;
const digest = async (name: ArtifactName, value: unknown) => {
  const hash = createHash("sha256");
  for (const file of await artifactType(name).encode(value)) hash.update(file.name).update(file.bytes);
  return hash.digest("hex");
};

const matrix: fc.Arbitrary<Matrix> = fc
  .tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 }), fc.boolean(), fc.boolean(), fc.boolean())
  .map(([rows, columns, double, named, headed]) => ({
    rows,
    columns,
    values: new (double ? Float64Array : Float32Array)(Array.from({ length: rows * columns }, (_, i) => i / 3)),
    ...(named && { rowNames: Array.from({ length: rows }, (_, i) => `row ${i}`) }),
    ...(headed && { columnNames: Array.from({ length: columns }, (_, i) => `é${i}`) }),
  }));

const vocabulary: fc.Arbitrary<Vocabulary> = fc
  .uniqueArray(fc.string({ unit: "binary" }), { maxLength: 6 })
  .map((tokens) => ({ tokens, counts: tokens.map((_, i) => i), pad: tokens[0] ?? null, unknown: tokens[1] ?? null }));

describe("artifacts", () => {
  it("have a codec of the name that keys use, and a preview that JSON holds", async () => {
    const metrics: Metrics = { values: { accuracy: 0.5 } };
    expect(JSON.parse(JSON.stringify(artifactType("metrics").preview(metrics)))).toEqual(metrics);
    for (const [name, type] of Object.entries(artifactTypes)) {
      expect(type.name).toBe(name);
      expect(type.codec).toMatch(/^[a-z0-9-]+\/\d+$/);
    }
  });

  it("keep a matrix, with names or without", async () => {
    await fc.assert(
      fc.asyncProperty(matrix, async (value) => {
        expect(await back("matrix", value)).toEqual(value);
      }),
    );
  });

  it("keep a vocabulary", async () => {
    await fc.assert(
      fc.asyncProperty(vocabulary, async (value) => {
        expect(await back("vocabulary", value)).toEqual(value);
      }),
    );
  });

  it("keep text as it is: line ends, byte order mark, nothing", async () => {
    for (const text of ["", "\ufeffBOM", "a\r\nb\u2028c", "👩‍👩‍👧"]) expect(await back("text", text)).toBe(text);
  });

  it("keep a model: its configuration and its weights in order", async () => {
    const model: Model = {
      config: { layers: [{ dense: { units: 2 } }], classes: ["a", "b"] },
      weights: new Map([
        ["dense/kernel", { dtype: "float32", shape: [1, 2], values: Float32Array.of(1, 2) }],
        ["dense/bias", { dtype: "float32", shape: [2], values: Float32Array.of(0, -0) }],
      ]),
    };
    const read = await back("model", model);
    expect(read).toEqual(model);
    expect([...read.weights.keys()]).toEqual(["dense/kernel", "dense/bias"]);
  });

  it("have the same bytes for metrics whose numbers came in another order", async () => {
    const one: Metrics = { values: { a: 1, b: 2 }, curves: { loss: [1, 0.5], acc: [0, 1] } };
    const other: Metrics = { curves: { acc: [0, 1], loss: [1, 0.5] }, values: { b: 2, a: 1 } };
    expect(await digest("metrics", one)).toBe(await digest("metrics", other));
    expect(await back("metrics", one)).toEqual(one);
  });

  it("say which file is missing", async () => {
    await expect(artifactType("matrix").decode([])).rejects.toThrow('no file "matrix.safetensors"');
  });
});
