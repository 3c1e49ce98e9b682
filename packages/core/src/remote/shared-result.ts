/**
 * @file A result as it leaves one store for another: its entry with the record of its key, in one JSON text. Whoever
 * receives it believes nothing: the record must hash to the key, the files to the digest of their artifact.
 */
import type { Key } from "../brands.js";
import { byCodeUnit } from "../keys/canonical.js";
import type { FileNames } from "../keys/explain.js";
import { type KeyRecord, keyOf } from "../keys/record.js";
import { artifactDigest } from "../run/artifact-digest.js";
import type { StoredFile, StoredOutput } from "../run/record.js";
import type { Entry, StoredKey } from "../store/entry.js";
import { isSha256, isTable, Malformed, strictJson } from "./strict-json.js";

/** Who says that a result is right: an Ed25519 key, and its signature over everything else in the text. */
export interface Signature {
  /** `ed25519:` and 32 bytes in base64url. */
  readonly by: string;
  /** 64 bytes in base64url. */
  readonly value: string;
}

/** A result that can be shared. */
export interface SharedResult extends Omit<Entry, "schema"> {
  readonly schema: "result/1";
  readonly record: KeyRecord;
  /** Names of the files of the key, for explanations. */
  readonly files: FileNames;
  readonly signature?: Signature;
}

/** Longer texts are not read: previews are a few kilobytes each. */
export const LARGEST_RESULT_TEXT = 16 * 1024 * 1024;

/**
 * What an entry of a store and the record of its key look like elsewhere. Null for the rare one that JSON cannot hold: a
 * parameter of -0 or NaN comes back as another value, and then is no proof of the key.
 */
export function sharedResultOf(entry: Entry, { record, files }: StoredKey): SharedResult | null {
  const result = JSON.parse(JSON.stringify({ ...entry, schema: "result/1", record, files })) as SharedResult;
  return keyOf(result.record) === result.key ? result : null;
}

/** The one text of a result: keys in order, so that equal results are equal bytes. */
export function sharedText(result: SharedResult): string {
  return JSON.stringify(result, (_, value: unknown) => {
    if (!isTable(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => byCodeUnit(a, b)));
  });
}

/**
 * Reads a result that someone else wrote.
 * @throws Malformed when it is not a result, or not that of this key, or does not hold together.
 */
export function parseSharedResult(text: string, key: Key): SharedResult {
  const what = `the result ${key.slice(0, 12)}`;
  const found = strictJson(text, what);
  if (!isTable(found) || found.schema !== "result/1")
    throw new Malformed(`${what} is not in a form that is known here`);
  if (found.key !== key) throw new Malformed(`${what} says that it is another one`);
  if (!isRecord(found.record) || keyOf(found.record) !== key) {
    throw new Malformed(`${what} has a key record that is not its own`);
  }
  if (typeof found.computeMs !== "number" || !(found.computeMs >= 0)) throw new Malformed(`${what} took no known time`);
  if (typeof found.createdAt !== "string" || Number.isNaN(Date.parse(found.createdAt))) {
    throw new Malformed(`${what} was made at no known time`);
  }
  if (!isTable(found.files) || !Object.values(found.files).every(isListOfText)) {
    throw new Malformed(`${what} has malformed names of files`);
  }
  if (!Array.isArray(found.epochs) || !found.epochs.every(isEpoch)) throw new Malformed(`${what} has malformed epochs`);
  checkOutputs(found.outputs, found.record, what);
  if (found.signature !== undefined && !isSignature(found.signature)) {
    throw new Malformed(`${what} has a malformed signature`);
  }
  return found as unknown as SharedResult;
}

/** The different files of a result, by digest: what has to be brought over. */
export function filesOf({ outputs }: Pick<SharedResult, "outputs">): StoredFile[] {
  const found = new Map<string, StoredFile>();
  for (const output of Object.values(outputs)) for (const file of output.files) found.set(file.digest, file);
  return [...found.values()];
}

function checkOutputs(outputs: unknown, record: KeyRecord, what: string): void {
  if (!isTable(outputs)) throw new Malformed(`${what} has no outputs`);
  const ports = Object.keys(record.outputs);
  if (Object.keys(outputs).length !== ports.length) throw new Malformed(`${what} has other ports than its key`);
  const sizes = new Map<string, number>();
  for (const port of ports) {
    const output = Object.hasOwn(outputs, port) ? outputs[port] : undefined;
    if (!isName(port) || !isOutput(output))
      throw new Malformed(`${what} has a malformed output "${port.slice(0, 40)}"`);
    const { artifact, codec } = record.outputs[port];
    if (output.artifact !== artifact || output.codec !== codec) {
      throw new Malformed(`the output "${port}" of ${what} is encoded in another way than its key says`);
    }
    const names = new Set(output.files.map(({ name }) => name));
    if (names.size !== output.files.length) throw new Malformed(`the output "${port}" of ${what} names a file twice`);
    if (artifactDigest(output.artifact, output.codec, output.files) !== output.digest) {
      throw new Malformed(`the output "${port}" of ${what} has a digest that is not that of its files`);
    }
    for (const { digest, size } of output.files) {
      if ((sizes.get(digest) ?? size) !== size) throw new Malformed(`${what} gives one file two sizes`);
      sizes.set(digest, size);
    }
  }
}

function isRecord(value: unknown): value is KeyRecord {
  if (!isTable(value) || typeof value.schema !== "string") return false;
  const { stage, code, outputs } = value;
  const tables = [stage, code, outputs, value.params, value.inputs, value.files, value.columns, value.runtime];
  return (
    tables.every(isTable) &&
    typeof (stage as KeyRecord["stage"]).id === "string" &&
    typeof (stage as KeyRecord["stage"]).version === "number" &&
    Object.values(outputs as object).every(
      (output) => isTable(output) && typeof output.artifact === "string" && typeof output.codec === "string",
    )
  );
}

function isOutput(value: unknown): value is StoredOutput {
  return (
    isTable(value) &&
    typeof value.artifact === "string" &&
    typeof value.codec === "string" &&
    isSha256(value.digest) &&
    Array.isArray(value.files) &&
    value.files.every(isFile)
  );
}

function isFile(value: unknown): value is StoredFile {
  return (
    isTable(value) &&
    isName(value.name) &&
    isSha256(value.digest) &&
    Number.isSafeInteger(value.size) &&
    (value.size as number) >= 0
  );
}

/** Names become parts of paths: letters, digits, `.`, `_`, `-`, and no `..`. */
function isName(value: unknown): value is string {
  return typeof value === "string" && /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/.test(value) && !value.includes("..");
}

function isListOfText(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isEpoch(value: unknown): boolean {
  return isTable(value) && typeof value.epoch === "number" && typeof value.ms === "number" && isTable(value.metrics);
}

function isSignature(value: unknown): value is Signature {
  return isTable(value) && typeof value.by === "string" && typeof value.value === "string";
}
