/**
 * @file Tensors in the safetensors format: eight bytes of header length (little endian), a JSON header
 * `{name: {dtype, shape, data_offsets}}`, then the data. https://github.com/huggingface/safetensors
 */
import { plainNaN } from "./nan.js";

/** The element types that Seqloom stores. */
export type TensorType = "float32" | "int32" | "float64";

/** A tensor as plain data: flat values in row-major order. */
export interface TensorData {
  readonly dtype: TensorType;
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array | Float64Array;
}

const ARRAYS = { float32: Float32Array, int32: Int32Array, float64: Float64Array } as const;
const CODES = { float32: "F32", int32: "I32", float64: "F64" } as const;
const TYPES: ReadonlyMap<string, TensorType> = new Map([
  ["F32", "float32"],
  ["I32", "int32"],
  ["F64", "float64"],
]);

/** The key of the header that names no tensor. */
const METADATA = "__metadata__";

/** The format's own limit for a header, bytes. */
const LONGEST_HEADER = 100_000_000;

/**
 * The bytes of these tensors, in the order given. The header is padded with spaces to 8 bytes, as the format asks.
 * @throws RangeError when values do not fit their shape or type.
 */
export function encodeSafetensors(tensors: ReadonlyMap<string, TensorData>): Uint8Array {
  const entries: string[] = [];
  const data: Uint8Array[] = [];
  let end = 0;
  for (const [name, tensor] of tensors) {
    const bytes = bytesOf(name, tensor);
    const offsets = [end, end + bytes.length];
    // Written by hand, entry by entry: an object would sort names that look like numbers to the front.
    const entry = { dtype: CODES[tensor.dtype], shape: tensor.shape, data_offsets: offsets };
    entries.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    data.push(bytes);
    end += bytes.length;
  }
  const header = Buffer.from(`{${entries.join(",")}}`);
  const length = Math.ceil(header.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + end).fill(0x20, 8 + header.length, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(header, 8);
  let at = 8 + length;
  for (const part of data) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function bytesOf(name: string, { dtype, shape, values }: TensorData): Uint8Array {
  if (name === METADATA) throw new RangeError(`a tensor cannot be called "${METADATA}": the format keeps that name`);
  if (!(values instanceof ARRAYS[dtype])) throw new RangeError(`tensor "${name}" says ${dtype} and holds other values`);
  const count = shape.reduce((product, size) => product * size, 1);
  if (values.length !== count) {
    throw new RangeError(`tensor "${name}" has ${values.length} values where shape [${shape}] needs ${count}`);
  }
  const plain = values instanceof Int32Array ? values : plainNaN(values);
  return new Uint8Array(plain.buffer, plain.byteOffset, plain.byteLength);
}

/**
 * The tensors in these bytes, in the order of their data.
 * @throws RangeError when the bytes are not safetensors, are cut short, say one thing and hold another, or have a type
 *   that Seqloom does not read.
 */
export function decodeSafetensors(bytes: Uint8Array): Map<string, TensorData> {
  if (bytes.length < 8) throw new RangeError(`not safetensors: ${bytes.length} bytes, the header alone needs 8`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > LONGEST_HEADER || 8 + length > bytes.length) {
    throw new RangeError(`not safetensors: a header of ${length} bytes in ${bytes.length}`);
  }
  const data = bytes.subarray(8 + length);
  const tensors = new Map<string, TensorData>();
  let end = 0;
  for (const [name, entry] of headerEntries(bytes.subarray(8, 8 + length))) {
    // The format allows neither holes nor overlaps: each tensor begins where the one before it ends.
    if (entry.start !== end || entry.end < entry.start || entry.end > data.length) {
      throw new RangeError(
        `tensor "${name}" lies at ${entry.start} to ${entry.end}; expected from ${end}, in ${data.length}`,
      );
    }
    tensors.set(name, tensorOf(name, entry, data));
    end = entry.end;
  }
  if (end !== data.length) throw new RangeError(`not safetensors: ${data.length - end} bytes belong to no tensor`);
  return tensors;
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

/** The entries of a header, in the order of their data. */
function headerEntries(bytes: Uint8Array): [string, Entry][] {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw new RangeError("not safetensors: the header is not JSON");
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) {
    throw new RangeError("not safetensors: the header is no object");
  }
  const entries = Object.entries(header).flatMap(([name, raw]): [string, Entry][] =>
    name === METADATA ? [] : [[name, entryOf(name, raw)]],
  );
  return entries.sort(([, a], [, b]) => a.start - b.start || a.end - b.end);
}

function entryOf(name: string, raw: unknown): Entry {
  const { dtype, shape, data_offsets: offsets } = (raw ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof dtype !== "string" || !isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) {
    throw new RangeError(`tensor "${name}": its header says no dtype, shape and data_offsets`);
  }
  return { dtype, shape, start: offsets[0], end: offsets[1] };
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function tensorOf(name: string, { dtype: code, shape, start, end }: Entry, data: Uint8Array): TensorData {
  const dtype = TYPES.get(code);
  if (dtype === undefined) throw new RangeError(`tensor "${name}" has type ${code}; Seqloom reads F32, F64 and I32`);
  const size = ARRAYS[dtype].BYTES_PER_ELEMENT;
  const needed = shape.reduce((product, length) => product * length, size);
  if (end - start !== needed) {
    throw new RangeError(`tensor "${name}": ${end - start} bytes where its shape needs ${needed}`);
  }
  // A copy: the data of a file need not lie where an array of this type may begin.
  const own = Uint8Array.from(data.subarray(start, end));
  return { dtype, shape, values: new ARRAYS[dtype](own.buffer) };
}
