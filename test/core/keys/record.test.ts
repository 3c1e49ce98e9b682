import type { Digest, StageNode } from "@seqloom/core";
import { keyOf, keyRecordOf, type Runtime } from "@seqloom/core/engine";
import { describe, expect, it } from "vitest";

const runtime: Runtime = { device: "simd", unicode: "15.1", icu: "74.1" };

const plain: StageNode = {
  name: "model",
  stage: {
    id: "models/train",
    version: 1,
    kind: "estimator",
    description: "Trains.",
    module: { url: "file:///somewhere/train.js", name: "train" },
    code: {
      mode: "closure",
      hash: "a".repeat(64),
      hasher: "esbuild/1",
      packages: [
        ["b", "1"],
        ["a", "2"],
        ["b", "0"],
      ],
    },
    isolation: "process",
    seeded: false,
    usesDevice: false,
    usesUnicodeTables: false,
    fileNamesMatter: false,
    cpu: "all",
    resumable: null,
    inference: "run",
    fitOnly: [],
    pieces: false,
  },
  params: { units: 32 },
  inputs: { data: { stage: "padded", port: "data" } },
  outputs: { data: { artifact: "dataset", columns: {} }, state: { artifact: "model", columns: null } },
  columns: {},
  files: {},
  seed: "0123456789abcdef",
  at: { file: "a.yaml", line: 3, column: 5 },
};

const inputs = { data: "c".repeat(64) as Digest };
const files = { files: [{ name: "a.csv", digest: "d".repeat(64) as Digest }] };
const key = (node: StageNode, on = runtime) => keyOf(keyRecordOf(node, inputs, files, on));
const withStage = (stage: Partial<StageNode["stage"]>): StageNode => ({
  ...plain,
  stage: { ...plain.stage, ...stage },
});

describe("the key of a stage", () => {
  it("holds nothing that has no influence on the result", () => {
    const moved: StageNode = {
      ...withStage({
        description: "Other words.",
        module: { url: "file:///elsewhere/train.js", name: "train" },
        isolation: "thread",
        cpu: 1,
      }),
      name: "another-name",
      inputs: { data: { stage: "renamed", port: "data" } },
      at: null,
      seed: "ffffffffffffffff",
    };
    expect(key(moved)).toBe(key(plain));
  });

  it("holds the seed only of a stage that uses randomness", () => {
    const seeded = withStage({ seeded: true });
    expect(key(seeded)).not.toBe(key({ ...seeded, seed: "ffffffffffffffff" }));
    expect(keyRecordOf(plain, inputs, files, runtime).seed).toBeNull();
  });

  it("holds the device and the Unicode tables only of stages that depend on them", () => {
    const other: Runtime = { device: "cpu", unicode: "16.0", icu: "75.1" };
    expect(key(plain, other)).toBe(key(plain));
    expect(keyRecordOf(withStage({ usesDevice: true }), inputs, files, runtime).runtime).toEqual({ device: "simd" });
    expect(key(withStage({ usesUnicodeTables: true }), other)).not.toBe(key(withStage({ usesUnicodeTables: true })));
  });

  it("holds names of files only where the stage says that they matter", () => {
    const renamed = { files: [{ ...files.files[0], name: "b.csv" }] };
    expect(keyOf(keyRecordOf(plain, inputs, renamed, runtime))).toBe(key(plain));
    const named = withStage({ fileNamesMatter: true });
    expect(keyOf(keyRecordOf(named, inputs, renamed, runtime))).not.toBe(key(named));
  });

  it("changes with the order of files, which may be the order of rows", () => {
    const two = (a: string, b: string) => ({ files: [a, b].map((d) => ({ name: d, digest: d.repeat(64) as Digest })) });
    expect(keyOf(keyRecordOf(plain, inputs, two("1", "2"), runtime))).not.toBe(
      keyOf(keyRecordOf(plain, inputs, two("2", "1"), runtime)),
    );
  });

  it("lists each package once, with all of its versions, sorted", () => {
    expect(keyRecordOf(plain, inputs, files, runtime).packages).toEqual({ a: "2", b: "0, 1" });
  });

  it("survives JSON, in which the store keeps it", () => {
    const record = keyRecordOf(plain, inputs, files, runtime);
    expect(keyOf(JSON.parse(JSON.stringify(record)))).toBe(keyOf(record));
  });
});
