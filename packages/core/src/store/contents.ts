/** @file What lies in the store: read one thing at a time, so that a store of any size can be looked through. */
import { lstatSync, readdirSync, type Stats } from "node:fs";
import { join } from "node:path";
import type { Digest, Key } from "../brands.js";
import { type Entry, parseEntry } from "./entry.js";
import { readText, type Store } from "./store.js";

/** A result in the store. */
export interface HeldEntry {
  readonly key: Key;
  /** Null when its manifest cannot be read. */
  readonly entry: Entry | null;
  /** When it was last used, to the hour; milliseconds since 1970. */
  readonly usedAt: number;
}

/** A file of some result, or of none. */
export interface HeldBlob {
  readonly digest: Digest;
  readonly bytes: number;
  /** When it came into the store, milliseconds since 1970. */
  readonly addedAt: number;
}

/** Every result. One that goes while this runs is left out. */
export function* heldEntries(store: Store): Generator<HeldEntry> {
  for (const path of filesTwoDeep(store.path("entries"))) {
    const key = /([0-9a-f]{64})\.json$/.exec(path)?.[1] as Key | undefined;
    const stats = key === undefined ? undefined : lstatSync(path, { throwIfNoEntry: false });
    const text = stats === undefined ? null : readText(path);
    if (key === undefined || stats === undefined || text === null) continue;
    yield { key, entry: parseEntry(text, key), usedAt: stats.mtimeMs };
  }
}

/** Every blob. */
export function* heldBlobs(store: Store): Generator<HeldBlob> {
  for (const path of filesTwoDeep(store.path("blobs", "sha256"))) {
    const digest = path.slice(-65).replace(/[\\/]/, "");
    const stats = /^[0-9a-f]{64}$/.test(digest) ? lstatSync(path, { throwIfNoEntry: false }) : undefined;
    if (stats === undefined) continue;
    // Renaming into place changes ctime only; writing, mtime: whichever is later is when it came.
    yield { digest: digest as Digest, bytes: stats.size, addedAt: Math.max(stats.mtimeMs, stats.ctimeMs) };
  }
}

/** Every file under a folder of the store, with what `stat` says; nothing when there is no such folder. */
export function* heldFiles(folder: string): Generator<{ readonly path: string; readonly stats: Stats }> {
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory()) yield* heldFiles(path);
    else if (stats?.isFile()) yield { path, stats };
  }
}

/** The blobs of a result: digest → bytes. */
export function blobsOf(entry: Entry): Map<Digest, number> {
  const files = Object.values(entry.outputs).flatMap((output) => output.files);
  return new Map(files.map(({ digest, size }) => [digest, size]));
}

/** The names in a folder, sorted; none when it is not there. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/**
 * Lets other things happen now and then in a long loop: call it at every step. Between two pauses at most `slice`
 * milliseconds pass.
 * @throws the reason of `signal` when that aborts.
 */
export function breather(signal?: AbortSignal, slice = 20): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < slice) return;
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    last = performance.now();
  };
}

function* filesTwoDeep(folder: string): Generator<string> {
  for (const name of namesIn(folder)) {
    for (const file of namesIn(join(folder, name))) yield join(folder, name, file);
  }
}
