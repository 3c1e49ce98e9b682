import type { Digest, Json } from "@seqloom/core";
import { changedFields, explainDifference, type KeyRecord, keyOf, reasonText } from "@seqloom/core/engine";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const digest = fc.constantFrom("a".repeat(64), "b".repeat(64)) as fc.Arbitrary<Digest>;
const name = fc.constantFrom("data", "state", "constructor", "__proto__");
const table = <T>(value: fc.Arbitrary<T>) => fc.dictionary(name, value, { maxKeys: 2, noNullPrototype: true });
const json = fc.letrec<{ any: Json }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>(null, true, 0, -0, 1, "", "a"),
    fc.array(tie("any"), { maxLength: 2 }),
    fc.dictionary(name, tie("any"), { maxKeys: 2, noNullPrototype: true }),
  ),
})).any;

/** Records with few values per field, so that many pairs are equal in many fields. */
const record: fc.Arbitrary<KeyRecord> = fc.record({
  schema: fc.constant("key/1" as const),
  stage: fc.record({ id: fc.constantFrom("text/stem", "text/pad"), version: fc.integer({ min: 1, max: 2 }) }),
  code: fc.record({
    mode: fc.constantFrom("closure", "manual"),
    hash: fc.constantFrom("0".repeat(64), "1".repeat(64)),
    hasher: fc.constantFrom("esbuild/1", "esbuild/2"),
  }),
  packages: table(fc.constantFrom("1.0.0", "2.0.0")),
  params: table(json),
  columns: table(fc.constantFrom("text", "review")),
  inputs: table(digest),
  files: table(fc.array(fc.record({ name: fc.constantFrom(null, "a.csv"), digest }), { maxLength: 3 })),
  env: fc.dictionary(name, fc.constantFrom("unset", "e".repeat(64), "f".repeat(64)), {
    minKeys: 1,
    maxKeys: 2,
    noNullPrototype: true,
  }),
  outputs: table(
    fc.record({ artifact: fc.constantFrom("dataset", "model"), codec: fc.constantFrom("arrow/1", "arrow/2") }),
  ),
  seed: fc.constantFrom(null, "0011223344556677", "8899aabbccddeeff"),
  runtime: table(fc.constantFrom("simd", "cpu")),
});

const base: KeyRecord = {
  schema: "key/1",
  stage: { id: "models/train", version: 1 },
  code: { mode: "closure", hash: "a".repeat(64), hasher: "esbuild/1" },
  packages: { natural: "8.1.1" },
  params: { units: 32, layers: [{ dense: { units: 2 } }] },
  columns: {},
  inputs: { data: "c".repeat(64) as Digest },
  files: { files: [{ name: null, digest: "d".repeat(64) }] },
  env: { LEXICON: "e".repeat(64) },
  outputs: { data: { artifact: "dataset", codec: "arrow/1" } },
  seed: "0011223344556677",
  runtime: { device: "simd" },
};

const words = (change: Partial<KeyRecord>) => explainDifference(base, { ...base, ...change }).map(reasonText);

describe("explaining the difference of two keys", () => {
  it("is empty exactly when the keys are equal", () => {
    fc.assert(
      fc.property(record, record, (a, b) => (explainDifference(a, b).length === 0) === (keyOf(a) === keyOf(b))),
      { numRuns: 5000 },
    );
  });

  it("is empty exactly when the keys are equal, also for records that differ in one field only", () => {
    const fields = fc.constantFrom(...(Object.keys(base) as (keyof KeyRecord)[]));
    fc.assert(
      fc.property(record, record, fields, (a, other, field) => {
        const b: KeyRecord = { ...a, [field]: other[field] };
        const fieldsChanged = changedFields(a, b);
        return keyOf(a) === keyOf(b) ? fieldsChanged.length === 0 : fieldsChanged.join() === field;
      }),
      { numRuns: 5000 },
    );
  });

  it("is symmetric in what it finds", () => {
    fc.assert(fc.property(record, record, (a, b) => changedFields(a, b).join() === changedFields(b, a).join()));
  });

  it("gives every change a sentence", () => {
    fc.assert(
      fc.property(record, record, (a, b) => explainDifference(a, b).every((reason) => reasonText(reason).length > 5)),
    );
  });

  it("names a parameter by its whole path, with both values", () => {
    expect(words({ params: { units: 64, layers: [{ dense: { units: 3 } }] } })).toEqual([
      "with.layers[0].dense.units 2 → 3",
      "with.units 32 → 64",
    ]);
    expect(words({ params: { units: 32, layers: [], more: true } })).toEqual([
      'with.layers [{"dense":{"units":2}}] → []',
      "with.more unset → true",
    ]);
  });

  it("tells 0 from -0, as the key does", () => {
    const zero = { ...base, params: { x: 0 } };
    const minus = { ...base, params: { x: -0 } };
    expect(explainDifference(zero, minus)).toHaveLength(1);
  });

  it("names code, packages, seed, device, version and encodings", () => {
    expect(words({ code: { ...base.code, hash: "b".repeat(64) } })).toEqual(["code changed (aaaaaaaa → bbbbbbbb)"]);
    expect(words({ code: { ...base.code, hasher: "esbuild/2" } })).toEqual([
      "code is hashed another way (closure esbuild/1 → closure esbuild/2)",
    ]);
    expect(words({ packages: { natural: "8.2.0", stopword: "3.1.5" } })).toEqual([
      "package natural 8.1.1 → 8.2.0",
      "package stopword absent → 3.1.5",
    ]);
    expect(words({ seed: null })).toEqual(["uses no randomness any more"]);
    expect(words({ runtime: { device: "cpu" } })).toEqual(['device "simd" → "cpu"']);
    expect(words({ stage: { id: "models/train", version: 2 } })).toEqual(["version 1 → 2"]);
    expect(words({ outputs: { data: { artifact: "dataset", codec: "arrow/2" } } })).toEqual([
      "encoding of data dataset arrow/1 → dataset arrow/2",
    ]);
  });

  it("names the files that were changed, added or removed, though the key has digests only", () => {
    const files = (...digests: string[]) => ({
      ...base,
      files: { files: digests.map((d) => ({ name: null, digest: d })) },
    });
    const changed = (before: string[], after: string[], from: string[], to: string[]) =>
      explainDifference(files(...before), files(...after), { before: { files: from }, after: { files: to } }).map(
        reasonText,
      );
    expect(changed(["1", "2"], ["1", "3"], ["a", "b"], ["a", "b"])).toEqual(["files of files changed: b"]);
    expect(changed(["1"], ["0", "1"], ["b"], ["a", "b"])).toEqual(["files of files changed: a"]);
    expect(changed(["1", "2"], ["1"], ["a", "b"], ["a"])).toEqual(["files of files changed: b"]);
    expect(changed(["1", "2"], ["2", "1"], ["a", "b"], ["b", "a"])).toEqual(["files of files changed: b, a"]);
    expect(changed(["1"], ["2"], [], [])).toEqual(["files of files changed: file 1"]);
  });

  it("tells which port changed when two inputs swap their roles", () => {
    const swapped = explainDifference(
      { ...base, inputs: { left: "1".repeat(64) as Digest, right: "2".repeat(64) as Digest } },
      { ...base, inputs: { left: "2".repeat(64) as Digest, right: "1".repeat(64) as Digest } },
    );
    expect(swapped.map(reasonText)).toEqual([
      "input left changed (11111111 → 22222222)",
      "input right changed (22222222 → 11111111)",
    ]);
  });
});
