/**
 * @file How a result enters the store. The order is the whole protocol: blobs, then the record of the key, then the entry.
 * An entry is linked into place as the last step, so whatever happens before leaves no entry, and whatever happens after
 * leaves a whole one. Two processes may commit the same key: the first link wins, the other finds out and compares.
 */
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Key } from "../brands.js";
import type { FileNames } from "../keys/explain.js";
import type { KeyRecord } from "../keys/record.js";
import type { EpochRecord, StoredFile, StoredOutput } from "../run/record.js";
import { type Entry, parseEntry, stagedPath } from "./entry.js";
import { guarded } from "./errors.js";
import { errorCode } from "./fs.js";
import { rememberRecent } from "./history.js";
import { noteAdded } from "./size.js";
import { readText, type Store } from "./store.js";

/** A finished result in a staging folder, its files where `stagedPath` says. */
export interface Result {
  readonly key: Key;
  readonly record: KeyRecord;
  readonly fileNames: FileNames;
  readonly outputs: Readonly<Record<string, StoredOutput>>;
  readonly computeMs: number;
  readonly epochs: readonly EpochRecord[];
  readonly createdAt: string;
}

/** What the store holds after a commit, and the ports on which our result differed from one made before. */
export interface Committed {
  readonly entry: Entry;
  readonly different: readonly string[];
}

/**
 * Moves a result from its staging folder into the store, and removes the folder. When the key has a result already, that
 * one stays, unless `replace` says otherwise or it is incomplete.
 * @throws DiagnosticError `disk-full`, `store-not-writable`, …; the store then has no entry and no half of one.
 */
export function commit(store: Store, staging: string, result: Result, replace = false): Committed {
  const entry: Entry = {
    schema: "entry/1",
    key: result.key,
    outputs: result.outputs,
    computeMs: result.computeMs,
    epochs: result.epochs,
    createdAt: result.createdAt,
  };
  try {
    return guarded(store.directory, () => {
      for (const [port, output] of Object.entries(result.outputs)) {
        for (const file of output.files) publishBlob(store, stagedPath(staging, port, file.name), file);
      }
      writeStaged(store, join(staging, "key.json"), { record: result.record, files: result.fileNames });
      store.moveInto(join(staging, "key.json"), store.keyPath(result.key));
      writeStaged(store, join(staging, "entry.json"), entry);
      const before = publishEntry(store, join(staging, "entry.json"), result.key, replace);
      rememberRecent(store, result.record.stage.id, result.key);
      if (before === null) noteAdded(store, sizeOf(entry));
      return { entry: before === null || replace ? entry : before, different: differences(before, entry) };
    });
  } finally {
    store.discard(staging);
  }
}

function sizeOf({ outputs }: Entry): number {
  return Object.values(outputs).reduce((sum, { files }) => files.reduce((bytes, { size }) => bytes + size, sum), 0);
}

function writeStaged(store: Store, path: string, value: unknown): void {
  store.fs.write(path, JSON.stringify(value));
}

/** Content names the blob, so one that is there already is the same, or damaged and then mended by ours. */
function publishBlob(store: Store, from: string, file: StoredFile): void {
  const to = store.blobPath(file.digest);
  // A chunk that was known before is in the store, and nowhere else.
  if (!existsSync(from) && statSync(to, { throwIfNoEntry: false })?.size === file.size) return;
  store.fs.seal(from);
  try {
    store.moveInto(from, to);
  } catch (error) {
    // Windows does not replace a file that someone has open.
    const kept = statSync(to, { throwIfNoEntry: false })?.size === file.size;
    if (!kept || !["EEXIST", "EPERM", "EACCES"].includes(errorCode(error) ?? "")) throw error;
  }
  store.renewed(file.digest);
}

/** The commit point. Returns the complete entry that was there before, or null when ours is the first. */
function publishEntry(store: Store, staged: string, key: Key, replace: boolean): Entry | null {
  const path = store.entryPath(key);
  try {
    linkInto(store, staged, path);
    return null;
  } catch (error) {
    const code = errorCode(error) ?? "";
    const noLinks = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(code);
    if (code !== "EEXIST" && !noLinks) throw error;
    const text = readText(path);
    const found = text === null ? null : parseEntry(text, key);
    const complete = found !== null && isComplete(store, found) ? found : null;
    if (complete === null || replace) store.moveInto(staged, path);
    return complete;
  }
}

function linkInto(store: Store, from: string, to: string): void {
  try {
    store.fs.link(from, to);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
    store.fs.makeFolder(dirname(to));
    store.fs.link(from, to);
  }
}

function isComplete(store: Store, entry: Entry): boolean {
  return Object.values(entry.outputs).every((output) =>
    output.files.every(
      ({ digest, size }) => statSync(store.blobPath(digest), { throwIfNoEntry: false })?.size === size,
    ),
  );
}

/** The ports whose artifacts differ: the same key must always give the same bytes. */
function differences(before: Entry | null, after: Entry): string[] {
  if (before === null) return [];
  const ports = new Set([...Object.keys(before.outputs), ...Object.keys(after.outputs)]);
  return [...ports].filter((port) => before.outputs[port]?.digest !== after.outputs[port]?.digest).sort();
}
