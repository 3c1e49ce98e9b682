import { join } from "node:path";
import type { Key } from "../brands.js";
import type { FileNames } from "../keys/explain.js";
import type { KeyRecord } from "../keys/record.js";
import type { EpochRecord, StoredOutput } from "../run/record.js";

/**
 * What the store knows of one result: `entries/<ab>/<key>.json`. The outputs are what counts; the rest is told to people
 * (how long it took, the curves of its training) and reaches no digest.
 */
export interface Entry {
  readonly schema: "entry/1";
  readonly key: Key;
  readonly outputs: Readonly<Record<string, StoredOutput>>;
  /** Milliseconds that computing it took. */
  readonly computeMs: number;
  readonly epochs: readonly EpochRecord[];
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** There when it is the result of another key that a person accepted for this one. */
  readonly blessed?: Blessing;
}

/** Who accepted the result of an earlier key for new code, and why. */
export interface Blessing {
  readonly from: Key;
  readonly author: string;
  readonly reason: string;
  /** What had changed, in words. */
  readonly changes: readonly string[];
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** What a key was made of: `keys/<ab>/<key>.json`. It stays when the result is evicted. */
export interface StoredKey {
  readonly record: KeyRecord;
  /** Names of the files, which the record itself may leave out. */
  readonly files: FileNames;
  /** When the result was collected, ISO 8601, UTC; absent while it is there. */
  readonly evictedAt?: string;
}

/** Where a worker leaves a file of an output port in its staging folder. */
export function stagedPath(staging: string, port: string, name: string): string {
  return join(staging, `${port}.${name}`);
}

/** The entry in this text, or null when it is not one, or not that of this key. */
export function parseEntry(text: string, key: Key): Entry | null {
  const entry = parseJson(text) as Partial<Entry> | null;
  if (entry === null || entry.schema !== "entry/1" || entry.key !== key) return null;
  if (typeof entry.computeMs !== "number" || !Array.isArray(entry.epochs)) return null;
  if (typeof entry.outputs !== "object" || entry.outputs === null) return null;
  return Object.values(entry.outputs).every(isOutput) ? (entry as Entry) : null;
}

function isOutput(output: Partial<StoredOutput> | null): boolean {
  return (
    output !== null &&
    typeof output.artifact === "string" &&
    typeof output.codec === "string" &&
    isDigest(output.digest) &&
    Array.isArray(output.files) &&
    output.files.every((file) => typeof file.name === "string" && isDigest(file.digest) && Number.isInteger(file.size))
  );
}

/** Whether this is 64 hexadecimal digits: digests become paths, so nothing else may pass. */
function isDigest(value: unknown): boolean {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

/** The value in JSON text, or null when it is no object. */
export function parseJson(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
