import type { Json } from "../json.js";

/** One file of an encoded artifact; `name` is relative, such as `data.arrow`. */
export interface EncodedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * A type of artifact: its name, and its codec between values and bytes. Encoding is deterministic: equal values give
 * equal bytes, on every machine; so a digest of the bytes names the value.
 */
export interface ArtifactType<Value, Name extends string = string> {
  readonly name: Name;
  /** Name and version of the encoding; a new version makes new keys. */
  readonly codec: string;
  readonly encode: (value: Value) => Promise<readonly EncodedFile[]>;
  readonly decode: (files: readonly EncodedFile[]) => Promise<Value>;
  /** Only of values that may be too large for one piece of memory: stored as parts, each encoded as a value of its own. */
  readonly parts?: Parts<Value>;
  /** A few kilobytes that show what the value is: rows of a dataset, words of a vocabulary. For reports and `runs show`. */
  readonly preview: (value: Value) => Json;
}

/** How a value is parted and put together. Where the parts are cut depends on the value alone. */
export interface Parts<Value> {
  /** At least one part; one at a time, so that all of them need not be in memory. */
  cut(value: Value): Iterable<Value>;
  join(parts: readonly Value[]): Value;
}

/** The name of the file of one part: `data.00002.arrow` for `data.arrow`. A value in one part keeps the plain name. */
export function partName(name: string, part: number): string {
  return name.replace(/(?=\.[^.]+$)/, `.${String(part).padStart(5, "0")}`);
}

/** The name that {@link partName} made the name of a part of. */
export function wholeName(name: string): string {
  return name.replace(/\.\d{5,}(?=\.[^.]+$)/, "");
}

/** Finds a file of an encoded artifact. */
export function fileNamed(files: readonly EncodedFile[], name: string): Uint8Array {
  const file = files.find((candidate) => candidate.name === name);
  if (file === undefined) throw new Error(`the stored artifact has no file "${name}"`);
  return file.bytes;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** JSON as bytes, keys in the order that the value has them: build values in a fixed order. */
export function jsonBytes(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

/** The value that {@link jsonBytes} wrote. */
export function fromJsonBytes<T>(bytes: Uint8Array): T {
  return JSON.parse(decoder.decode(bytes)) as T;
}
