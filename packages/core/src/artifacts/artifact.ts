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
  /** A few kilobytes that show what the value is: rows of a dataset, words of a vocabulary. For reports and `runs show`. */
  readonly preview: (value: Value) => Json;
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
