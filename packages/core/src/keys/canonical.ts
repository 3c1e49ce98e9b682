/**
 * @file One sequence of bytes for every value that a key may hold: type-tagged and length-prefixed, so that different
 * values never share bytes. `JSON.stringify` will not do: it makes NaN null, -0 zero, typed arrays objects.
 *
 * It is written as text, then encoded: `n`, `t`, `f`, `d<number>;`, `i<bigint>;`, `s<length>:<text>`, `w<length>:<hex>`,
 * `l<count>:<items>`, `o<count>:<name, value, …>`, `a<type>;<length>:<hex>`.
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
  return new TextEncoder().encode(canonicalText(value));
}

/**
 * The same as text, whose UTF-8 are the canonical bytes.
 * @param known texts of frozen objects that were met before, for many values that have parts in common. What is frozen in
 *   them must be so to its depths.
 * @throws DiagnosticError `unhashable`.
 */
export function canonicalText(value: unknown, known?: Map<object, string>): string {
  return textOf(value, { path: [], open: [], known });
}

/** Orders strings by UTF-16 code unit, the same in every locale. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

type Path = (string | number)[];

interface Walk {
  readonly path: Path;
  /** The objects that the value is in, at each step of `path`. */
  readonly open: object[];
  readonly known: Map<object, string> | undefined;
}

function textOf(value: unknown, walk: Walk): string {
  switch (typeof value) {
    case "boolean":
      return value ? "t" : "f";
    case "number":
      // The shortest text that reads back as this number: one for each.
      return Object.is(value, -0) ? "d-0;" : `d${value};`;
    case "bigint":
      return `i${value};`;
    case "string":
      return stringText(value);
    case "object":
      return value === null ? "n" : referenceText(value, walk);
    default:
      throw unhashable(walk.path, value === undefined ? "undefined" : `a ${typeof value}`);
  }
}

const SURROGATE = /[\uD800-\uDFFF]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Half a surrogate pair has no UTF-8, so strings that have one are written as UTF-16 under a tag of their own. */
function stringText(value: string): string {
  if (!SURROGATE.test(value) || !LONE_SURROGATE.test(value)) return `s${value.length}:${value}`;
  return `w${value.length}:${Buffer.from(value, "utf16le").toString("hex")}`;
}

function referenceText(value: object, walk: Walk): string {
  const { path, open, known } = walk;
  const before = known?.get(value);
  if (before !== undefined) return before;
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return typedText(value as TypedArray);
  if (open.includes(value)) throw unhashable(path, "a value that contains itself");
  open.push(value);
  const text = Array.isArray(value) ? listText(value, walk) : objectText(value, walk);
  open.pop();
  if (known !== undefined && Object.isFrozen(value)) known.set(value, text);
  return text;
}

function listText(items: readonly unknown[], walk: Walk): string {
  let text = `l${items.length}:`;
  for (let i = 0; i < items.length; i++) {
    walk.path.push(i);
    text += textOf(items[i], walk);
    walk.path.pop();
  }
  return text;
}

function objectText(value: object, walk: Walk): string {
  const { path } = walk;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null && !isPlainOfOtherRealm(prototype)) {
    throw unhashable(path, `an instance of ${(value.constructor as { name?: string } | undefined)?.name || "a class"}`);
  }
  if (Object.getOwnPropertySymbols(value).length > 0) throw unhashable(path, "an object with a symbol as a key");
  const record = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(record).filter((name) => record[name] !== undefined);
  names.sort(byCodeUnit);
  let text = `o${names.length}:`;
  for (const name of names) {
    path.push(name);
    text += stringText(name) + textOf(record[name], walk);
    path.pop();
  }
  return text;
}

/** Objects of another realm (a `vm` context) have an `Object.prototype` of their own. */
function isPlainOfOtherRealm(prototype: unknown): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, "isPrototypeOf");
}

type TypedArray = Int8Array | Float32Array | Float64Array | BigInt64Array;

/** Element type, number of elements, elements in little-endian order. */
function typedText(value: TypedArray): string {
  const type = value[Symbol.toStringTag].replace("Array", "").toLowerCase();
  const plain = value instanceof Float32Array || value instanceof Float64Array ? plainNaN(value) : value;
  const bytes = Buffer.from(new Uint8Array(plain.buffer, plain.byteOffset, plain.byteLength));
  if (endianness() === "BE") swap(bytes, value.BYTES_PER_ELEMENT);
  return `a${type};${value.length}:${bytes.toString("hex")}`;
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
