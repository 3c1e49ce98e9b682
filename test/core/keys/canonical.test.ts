import { canonical, canonicalText } from "@seqloom/core/engine";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diagnosticsIn } from "./support.js";

const hex = (value: unknown) => Buffer.from(canonical(value)).toString("hex");

/** Values that a key may hold, made to collide: short strings, special numbers, the same shapes again and again. */
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<unknown>(
      null,
      true,
      false,
      0,
      -0,
      1,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ),
    fc.double(),
    fc.bigInt(),
    fc.string({ unit: "binary", maxLength: 4 }),
    fc.string({ maxLength: 2 }).map((text) => `${text}\ud800`),
    fc.array(fc.float({ noNaN: true }), { maxLength: 3 }).map((list) => Float32Array.from(list)),
    fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 3 }).map((list) => Uint8Array.from(list)),
    fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 3 }).map((list) => Int32Array.from(list)),
    fc.array(tie("any"), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 2 }), tie("any"), { maxKeys: 4, noNullPrototype: false }),
  ),
})).any;

/** Equality as keys mean it: by type and content, -0 apart from 0, NaN equal to itself, order of properties no matter. */
function same(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return Object.is(a, b);
  if (ArrayBuffer.isView(a) || ArrayBuffer.isView(b)) {
    if (Object.prototype.toString.call(a) !== Object.prototype.toString.call(b)) return false;
    const [left, right] = [a as Float32Array, b as Float32Array];
    return left.length === right.length && left.every((item, i) => Object.is(item, right[i]));
  }
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && same(a[key as never], b[key as never]));
}

describe("the canonical encoding", () => {
  it("is injective: two values have the same bytes exactly when they are the same", () => {
    fc.assert(
      fc.property(value, value, (a, b) => (hex(a) === hex(b)) === same(a, b)),
      { numRuns: 3000 },
    );
  });

  it("is the same for a copy of a value", () => {
    fc.assert(fc.property(value, (a) => hex(a) === hex(structuredClone(a))));
  });

  it("does not depend on the order of properties, which it sorts by code unit", () => {
    expect(hex({ b: 1, a: 2, "\u{1f600}": 3, "\ufb01": 4 })).toBe(hex({ "\ufb01": 4, "\u{1f600}": 3, a: 2, b: 1 }));
  });

  it("takes a property that is undefined as absent", () => {
    expect(hex({ a: 1, b: undefined })).toBe(hex({ a: 1 }));
  });

  it.each([
    ["0 and -0", 0, -0],
    ["NaN and null", Number.NaN, null],
    ["infinity and null", Number.POSITIVE_INFINITY, null],
    ["a number and its text", 1, "1"],
    ["a number and a bigint", 1, 1n],
    ["true and 1", true, 1],
    ["no list and an empty list", null, []],
    ["an empty list and an empty object", [], {}],
    ["a list and its nesting", [1, 2], [[1, 2]]],
    ["one text and two", ["ab"], ["a", "b"]],
    ["composed and decomposed letters", "\u00e9", "e\u0301"],
    ["half a surrogate pair and the replacement character", "\ud800", "\ufffd"],
    ["typed arrays of different types", new Float32Array([1]), new Float64Array([1])],
    ["typed arrays of different types with the same bytes", new Int32Array([1]), new Uint32Array([1])],
    ["a typed array and a list", new Float64Array([1]), [1]],
    ["typed arrays of different length", new Uint8Array(1), new Uint8Array(2)],
  ])("tells %s apart", (_, a, b) => {
    expect(hex(a)).not.toBe(hex(b));
  });

  it("has one encoding for NaN, whatever its bits", () => {
    const odd = new Float32Array(new Uint32Array([0x7fc00001, 0xffc00000]).buffer);
    expect(hex(odd)).toBe(hex(new Float32Array([Number.NaN, Number.NaN])));
    const odd64 = new Float64Array(new BigUint64Array([0xfff8000000000001n]).buffer);
    expect(hex(odd64)).toBe(hex(new Float64Array([Number.NaN])));
  });

  it("sees only its part of a buffer, and a Buffer as the bytes that it is", () => {
    const whole = new Float64Array([1, 2, 3]);
    expect(hex(whole.subarray(1, 2))).toBe(hex(new Float64Array([2])));
    expect(hex(Buffer.from([1, 2]))).toBe(hex(new Uint8Array([1, 2])));
  });

  it("never changes: these bytes are in the keys of every store", () => {
    const example = { text: "é", list: [1, -0, null, true], big: -12n, data: new Float32Array([1.5]) };
    expect(Buffer.from(canonical(example)).toString()).toBe(
      "o4:s3:bigi-12;s4:dataafloat32;1:0000c03fs4:listl4:d1;d-0;nts4:texts1:é",
    );
  });

  it.each<[string, unknown, string]>([
    ["a function", { params: { layers: [{ activation: () => 0 }] } }, ".params.layers[0].activation"],
    ["a symbol", [Symbol("x")], "[0]"],
    ["undefined in a list", { a: [1, undefined] }, ".a[1]"],
    ["a Date", { at: new Date(0) }, ".at"],
    ["a Map", { at: new Map() }, ".at"],
    ["a RegExp", { pattern: /x/ }, ".pattern"],
    ["an instance of a class", { a: new (class Point {})() }, ".a"],
    ["a DataView", { a: new DataView(new ArrayBuffer(1)) }, ".a"],
    ["a symbol as a key", { a: { [Symbol("x")]: 1 } }, ".a"],
  ])("refuses %s and says where it is", (_, bad, path) => {
    const [diagnostic] = diagnosticsIn(() => canonical(bad));
    expect(diagnostic.code).toBe("unhashable");
    expect(diagnostic.message).toContain(` at ${path} `);
  });

  it("refuses a value that contains itself, and takes one that is there twice", () => {
    const loop: { self?: unknown } = {};
    loop.self = { inner: [loop] };
    expect(diagnosticsIn(() => canonical(loop))[0].message).toContain("contains itself at .self.inner[0]");
    const shared = { a: 1 };
    expect(hex([shared, shared])).toBe(hex([{ a: 1 }, { a: 1 }]));
  });
});

it("gives the same text when it knows the texts of frozen parts, and keeps no text of what may change", () => {
  const known = new Map<object, string>();
  const [fixed, free] = [Object.freeze({ units: 3, name: "é" }), { rate: 1 }];
  for (const rate of [1, 2]) {
    free.rate = rate;
    const whole = { fixed, list: [free, fixed], rate };
    expect(canonicalText(whole, known)).toBe(Buffer.from(canonical(whole)).toString());
  }
  expect([...known.keys()]).toEqual([fixed]);
});
