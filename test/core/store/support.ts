import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Digest, Key, StoredOutput } from "@seqloom/core";
import {
  type KeyRecord,
  keyOf,
  nodeFs,
  type Result,
  type Store,
  type StoreFs,
  sha256,
  stagedPath,
} from "@seqloom/core/engine";

/** A record whose key depends on `name`. */
export function recordOf(name: string): KeyRecord {
  return {
    schema: "key/1",
    stage: { id: "test/stage", version: 1 },
    code: { mode: "manual", hash: "0", hasher: "none" },
    packages: {},
    params: { name },
    columns: {},
    inputs: {},
    files: {},
    outputs: { text: { artifact: "text", codec: "utf8/1" } },
    seed: null,
    runtime: {},
  };
}

/** The key of {@link recordOf}. */
export function keyNamed(name: string): Key {
  return keyOf(recordOf(name));
}

/** Writes these contents to the staging folder, as a worker does, and gives the result to commit. */
export function stage(staging: string, name: string, contents: Readonly<Record<string, string>>): Result {
  const files = Object.entries(contents).map(([file, content]) => {
    writeFileSync(stagedPath(staging, "text", file), content);
    return { name: file, digest: sha256(content), size: Buffer.byteLength(content) };
  });
  const digest = sha256(JSON.stringify(files));
  const text: StoredOutput = { artifact: "text", codec: "utf8/1", digest, files, preview: null };
  return {
    key: keyNamed(name),
    record: recordOf(name),
    fileNames: {},
    outputs: { text },
    computeMs: 12,
    epochs: [],
    createdAt: "2025-01-01T00:00:00.000Z",
  };
}

/** The path of the blob of a content. */
export function blobOf(store: Store, content: string): string {
  return store.blobPath(sha256(content) as Digest);
}

/** Every file under a folder, relative, sorted. */
export function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** The names of the calls that a file system of the store has. */
export const CALLS = Object.keys(nodeFs) as (keyof StoreFs)[];

/** A file system that calls `before` ahead of every call, with its number and name. */
export function watchedFs(before: (count: number, call: keyof StoreFs) => void): StoreFs {
  let count = 0;
  const watched = CALLS.map((call) => [
    call,
    (...parameters: unknown[]) => {
      before(count++, call);
      return (nodeFs[call] as (...all: unknown[]) => void)(...parameters);
    },
  ]);
  return Object.fromEntries(watched) as StoreFs;
}

/** An error of the system, such as ENOSPC. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as the test wants`), { code });
}
