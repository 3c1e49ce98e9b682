/**
 * @file One sequence of bytes for every value that a key may hold: type-tagged and length-prefixed, so that different
 * values never share bytes. `JSON.stringify` will not do: it makes NaN null, -0 zero, typed arrays objects.
 */
import { endianness } from "node:os";
import { plainNaN } from "../artifacts/nan.js";
import { fail } from "../diagnostics/diagnostic.js";

/**
 * The canonical bytes of a value of null, booleans, numbers, bigints, strings, arrays, plain objects and typed arrays.
 * Keys of objects are sorted by UTF-16 code unit; a property that is undefined counts as absent.
 * @throws DiagnosticError `unhashable`, with the path of what has no canonical form (a function, a symbol, an instance
 *   of a class, undefined in an array, a value that contains itself).
 */
export function canonical(value: unknown): Uint8Array {
  const writer = new Writer();
  write(writer, value, [], new Set());
  return writer.bytes();
}

type Path = readonly (string | number)[];

function write(out: Writer, value: unknown, path: Path, open: Set<object>): void {
  switch (typeof value) {
    case "boolean":
      out.tag(value ? "t" : "f");
      return;
    case "number":
      out.tag("d").double(value);
      return;
    case "bigint":
      out.tag("i").ascii(value.toString());
      return;
    case "string":
      out.string(value);
      return;
    case "object":
      writeReference(out, value, path, open);
      return;
    default:
      throw unhashable(path, value === undefined ? "undefined" : `a ${typeof value}`);
  }
}

function writeReference(out: Writer, value: object | null, path: Path, open: Set<object>): void {
  if (value === null) {
    out.tag("n");
    return;
  }
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    writeTyped(out, value as TypedArray);
    return;
  }
  if (open.has(value)) throw unhashable(path, "a value that contains itself");
  open.add(value);
  if (Array.isArray(value)) writeArray(out, value, path, open);
  else writeObject(out, value, path, open);
  open.delete(value);
}

function writeArray(out: Writer, items: readonly unknown[], path: Path, open: Set<object>): void {
  out.tag("l").count(items.length);
  for (let i = 0; i < items.length; i++) write(out, items[i], [...path, i], open);
}

function writeObject(out: Writer, value: object, path: Path, open: Set<object>): void {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null && !isPlainOfOtherRealm(prototype)) {
    throw unhashable(path, `an instance of ${(value.constructor as { name?: string } | undefined)?.name || "a class"}`);
  }
  if (Object.getOwnPropertySymbols(value).length > 0) throw unhashable(path, "an object with a symbol as a key");
  const record = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(record).filter((name) => record[name] !== undefined);
  names.sort(byCodeUnit);
  out.tag("o").count(names.length);
  for (const name of names) {
    out.string(name);
    write(out, record[name], [...path, name], open);
  }
}

/** Objects of another realm (a `vm` context) have an `Object.prototype` of their own. */
function isPlainOfOtherRealm(prototype: unknown): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, "isPrototypeOf");
}

/** Orders strings by UTF-16 code unit, the same in every locale. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

type TypedArray = Int8Array | Float32Array | Float64Array | BigInt64Array;

/** Element type, shape, elements in little-endian order. */
function writeTyped(out: Writer, value: TypedArray): void {
  const type = value[Symbol.toStringTag].replace("Array", "").toLowerCase();
  out.tag("a").ascii(type);
  out.count(1);
  out.count(value.length);
  const plain = value instanceof Float32Array || value instanceof Float64Array ? plainNaN(value) : value;
  const bytes = Buffer.from(new Uint8Array(plain.buffer, plain.byteOffset, plain.byteLength));
  if (endianness() === "BE") swap(bytes, value.BYTES_PER_ELEMENT);
  out.raw(bytes);
}

function swap(bytes: Buffer, size: number): void {
  if (size === 2) bytes.swap16();
  if (size === 4) bytes.swap32();
  if (size === 8) bytes.swap64();
}

function unhashable(path: Path, what: string): Error {
  const text = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("") || ".";
  return fail("unhashable", `${what} at ${text} cannot be part of a key`, {
    hint: "Use null, booleans, numbers, strings, lists, plain objects or typed arrays.",
  });
}

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Bytes that grow. */
class Writer {
  #bytes = Buffer.allocUnsafe(1024);
  #length = 0;

  #room(size: number): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length));
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    return at;
  }

  tag(letter: string): this {
    const at = this.#room(1);
    this.#bytes[at] = letter.charCodeAt(0);
    return this;
  }

  count(value: number): void {
    const at = this.#room(4);
    this.#bytes.writeUInt32LE(value, at);
  }

  double(value: number): void {
    const at = this.#room(8);
    if (Number.isNaN(value)) this.#bytes.writeBigUInt64LE(0x7ff8000000000000n, at);
    else this.#bytes.writeDoubleLE(value, at);
  }

  ascii(text: string): void {
    this.count(text.length);
    const at = this.#room(text.length);
    this.#bytes.write(text, at, "latin1");
  }

  /** UTF-8; but half a surrogate pair has no UTF-8, so such strings are written as UTF-16 under a tag of their own. */
  string(text: string): void {
    const whole = !LONE_SURROGATE.test(text);
    this.tag(whole ? "s" : "w");
    const size = whole ? Buffer.byteLength(text, "utf8") : text.length * 2;
    this.count(size);
    const at = this.#room(size);
    this.#bytes.write(text, at, whole ? "utf8" : "utf16le");
  }

  raw(bytes: Uint8Array): void {
    this.count(bytes.length);
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.#bytes.subarray(0, this.#length));
  }
}
