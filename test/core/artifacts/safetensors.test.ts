import { decodeSafetensors, encodeSafetensors, type TensorData } from "@seqloom/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 });
const tensor: fc.Arbitrary<TensorData> = shape.chain((own) => {
  const length = own.reduce((product, size) => product * size, 1);
  const list = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: length, maxLength: length });
  return fc.oneof(
    list(fc.float()).map((values) => ({ dtype: "float32" as const, shape: own, values: Float32Array.from(values) })),
    list(fc.double()).map((values) => ({ dtype: "float64" as const, shape: own, values: Float64Array.from(values) })),
    list(fc.maxSafeInteger()).map((values) => ({
      dtype: "int32" as const,
      shape: own,
      values: Int32Array.from(values),
    })),
  );
});
const name = fc.oneof(fc.string({ unit: "binary", maxLength: 5 }), fc.constantFrom("__proto__", "kernel:0", "", "é"));
const tensors = fc
  .uniqueArray(fc.tuple(name, tensor), { maxLength: 5, selector: ([own]) => own })
  .map((entries) => new Map(entries));

const float32 = (...values: number[]): TensorData => ({
  dtype: "float32",
  shape: [values.length],
  values: Float32Array.from(values),
});

/** Bytes with this header, which may be anything, and so many bytes of data. */
function crafted(header: unknown, data = 8): Uint8Array {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

describe("safetensors", () => {
  it("keep tensors: names, types, shapes, values", () => {
    fc.assert(
      fc.property(tensors, (given) => {
        expect(decodeSafetensors(encodeSafetensors(given))).toEqual(given);
      }),
    );
  });

  it("keep the order of tensors, whatever their names", () => {
    const given = new Map(["b", "10", "a", "2", "__proto__"].map((own, i) => [own, float32(i)]));
    expect([...decodeSafetensors(encodeSafetensors(given)).keys()]).toEqual(["b", "10", "a", "2", "__proto__"]);
  });

  it("begin with the length of a header that fills whole groups of 8 bytes", () => {
    fc.assert(
      fc.property(tensors, (given) => {
        const bytes = encodeSafetensors(given);
        const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
        const header = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(8, 8 + length));
        return length % 8 === 0 && header.startsWith("{") && Object.keys(JSON.parse(header)).length === given.size;
      }),
    );
  });

  it("are read wherever they lie in a buffer", () => {
    const given = new Map([["w", float32(1, 2)]]);
    const bytes = encodeSafetensors(given);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decodeSafetensors(shifted.subarray(3))).toEqual(given);
  });

  it("have the same bytes for NaN, whatever its bits, and leave the values as they are", () => {
    const odd = new Float32Array(new Uint32Array([0xffc00001, 0x3f800000]).buffer);
    const bytes = encodeSafetensors(new Map([["w", { dtype: "float32", shape: [2], values: odd }]]));
    expect(bytes).toEqual(encodeSafetensors(new Map([["w", float32(Number.NaN, 1)]])));
    expect(new Uint32Array(odd.buffer)[0]).toBe(0xffc00001);
  });

  it("are refused when they are cut short, at any place", () => {
    const bytes = encodeSafetensors(new Map([["w", float32(1, 2, 3)]]));
    for (let size = 0; size < bytes.length; size++) {
      expect(() => decodeSafetensors(bytes.subarray(0, size))).toThrow(RangeError);
    }
  });

  it("never give anything but tensors or a RangeError for bytes that someone changed", () => {
    const good = encodeSafetensors(new Map([["weights", float32(1, 2)]]));
    const change = fc.tuple(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = good.slice();
        for (const [at, value] of changes) bytes[at] = value;
        try {
          decodeSafetensors(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  const entry = (more: object) => ({ w: { dtype: "F32", shape: [2], data_offsets: [0, 8], ...more } });
  it.each<[string, unknown]>([
    ["is no JSON", "{"],
    ["is null", "null"],
    ["is a list", []],
    ["has null for a tensor", { w: null }],
    ["has a number for a tensor", { w: 1 }],
    ["lacks a shape", { w: { dtype: "F32", data_offsets: [0, 8] } }],
    ["has a negative size", entry({ shape: [-2] })],
    ["has half a size", entry({ shape: [0.5, 4] })],
    ["has sizes whose product is no number", entry({ shape: [9e15, 9e15, 9e15] })],
    ["has sizes as text", entry({ shape: ["2"] })],
    ["has offsets that end before they begin", entry({ data_offsets: [8, 0] })],
    ["has offsets past the end", entry({ shape: [4], data_offsets: [0, 16] })],
    ["has negative offsets", entry({ data_offsets: [-8, 0] })],
    ["has one offset", entry({ data_offsets: [0] })],
    ["has three offsets", entry({ data_offsets: [0, 8, 8] })],
    ["leaves bytes before a tensor", entry({ shape: [1], data_offsets: [4, 8] })],
    ["leaves bytes after the last tensor", entry({ shape: [1], data_offsets: [0, 4] })],
    ["lets tensors overlap", { ...entry({}), v: { dtype: "F32", shape: [2], data_offsets: [0, 8] } }],
    ["has fewer bytes than its shape", entry({ shape: [3] })],
    ["has a type that is not read", entry({ dtype: "BF16", shape: [4] })],
    ["has a type from the prototype of objects", entry({ dtype: "constructor" })],
  ])("are refused when the header %s", (_, header) => {
    expect(() => decodeSafetensors(crafted(header))).toThrow(RangeError);
  });

  it("are refused when the header claims to be larger than any file", () => {
    const bytes = new Uint8Array(16).fill(255);
    expect(() => decodeSafetensors(bytes)).toThrow("a header of");
  });

  it("may have metadata, which is passed over", () => {
    const header = { __metadata__: { format: "pt" }, ...entry({}) };
    expect([...decodeSafetensors(crafted(header)).keys()]).toEqual(["w"]);
  });

  it.each<[string, string, TensorData]>([
    ["a shape that does not fit", "w", { dtype: "float32", shape: [3], values: new Float32Array(2) }],
    ["another type than it says", "w", { dtype: "float32", shape: [2], values: new Int32Array(2) }],
    ["the name that the format keeps", "__metadata__", float32(1)],
  ])("are not written with %s", (_, own, bad) => {
    expect(() => encodeSafetensors(new Map([[own, bad]]))).toThrow(RangeError);
  });
});
