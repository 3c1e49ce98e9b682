/**
 * @file Tensors in the safetensors format: eight bytes of header length (little endian), a JSON header
 * `{name: {dtype, shape, data_offsets}}`, then the data. https://github.com/huggingface/safetensors
 */

/** The element types that Seqloom stores. */
export type TensorType = "float32" | "int32" | "float64";

/** A tensor as plain data: flat values in row-major order. */
export interface TensorData {
  readonly dtype: TensorType;
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array | Float64Array;
}

const CODES = { float32: "F32", int32: "I32", float64: "F64" } as const;

interface Header {
  readonly [name: string]: {
    readonly dtype: string;
    readonly shape: readonly number[];
    readonly data_offsets: readonly [number, number];
  };
}

/** The bytes of these tensors, in the order given. The header is padded with spaces to 8 bytes, as the format asks. */
export function encodeSafetensors(tensors: ReadonlyMap<string, TensorData>): Uint8Array {
  const header: Record<string, Header[string]> = {};
  let end = 0;
  for (const [name, { dtype, shape, values }] of tensors) {
    header[name] = { dtype: CODES[dtype], shape, data_offsets: [end, end + values.byteLength] };
    end += values.byteLength;
  }
  const json = JSON.stringify(header);
  const text = new TextEncoder().encode(json + " ".repeat((8 - (new TextEncoder().encode(json).length % 8)) % 8));
  const bytes = new Uint8Array(8 + text.length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  let at = 8 + text.length;
  for (const { values } of tensors.values()) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return bytes;
}

/**
 * The tensors in these bytes.
 * @throws RangeError when the bytes are not safetensors, are cut short, or hold a type that Seqloom does not read.
 */
export function decodeSafetensors(bytes: Uint8Array): Map<string, TensorData> {
  if (bytes.length < 8) throw new RangeError(`not safetensors: ${bytes.length} bytes, the header alone needs 8`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (8 + length > bytes.length)
    throw new RangeError(`not safetensors: a header of ${length} bytes in ${bytes.length}`);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Header;
  const tensors = new Map<string, TensorData>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const [start, end] = entry.data_offsets;
    // A real copy: `slice` of a Node Buffer shares its memory, which belongs to a pool.
    const data = Uint8Array.from(bytes.subarray(8 + length + start, 8 + length + end));
    const count = entry.shape.reduce((product, size) => product * size, 1);
    tensors.set(name, { shape: entry.shape, ...view(name, entry.dtype, data, count) });
  }
  return tensors;
}

function view(
  name: string,
  code: string,
  data: Uint8Array<ArrayBuffer>,
  count: number,
): Pick<TensorData, "dtype" | "values"> {
  const size = code === "F64" ? 8 : 4;
  if (data.byteLength !== count * size) {
    throw new RangeError(`tensor "${name}": ${data.byteLength} bytes where its shape needs ${count * size}`);
  }
  switch (code) {
    case "F32":
      return { dtype: "float32", values: new Float32Array(data.buffer) };
    case "I32":
      return { dtype: "int32", values: new Int32Array(data.buffer) };
    case "F64":
      return { dtype: "float64", values: new Float64Array(data.buffer) };
    default:
      throw new RangeError(`tensor "${name}" has type ${code}; Seqloom reads F32, F64 and I32`);
  }
}
