/** @file Whether what the store holds is, byte for byte, what was put into it. */
import type { Digest, Key } from "../brands.js";
import { hashFile } from "../files/hash.js";
import type { StoredFile } from "../run/record.js";
import type { Lookup, Store } from "./store.js";

/**
 * The files whose bytes are not those that their digests name, or that cannot be read.
 * @param sound digests of blobs that need not be read again; those that are found sound are added
 * @throws the reason of `signal` when that aborts.
 */
export async function damagedFiles(
  store: Store,
  files: readonly StoredFile[],
  sound: Set<string>,
  signal?: AbortSignal,
): Promise<Digest[]> {
  const damaged: Digest[] = [];
  for (const { digest } of files) {
    if (sound.has(digest)) continue;
    const found = await hashFile(store.blobPath(digest), signal).catch(() => null);
    signal?.throwIfAborted();
    if (found === digest) sound.add(digest);
    else damaged.push(digest);
  }
  return damaged;
}

/**
 * The result of a key, as `Store.lookup` gives it, of which every file was read and compared with its digest. What is
 * damaged is set aside, so that the result is made again.
 */
export async function lookupSound(store: Store, key: Key, sound: Set<string>, signal?: AbortSignal): Promise<Lookup> {
  const found = store.lookup(key);
  if (!found.hit) return found;
  const files = Object.values(found.entry.outputs).flatMap((output) => output.files);
  const damaged = await damagedFiles(store, files, sound, signal);
  if (damaged.length === 0) return found;
  for (const digest of damaged) store.quarantineBlob(digest);
  return store.lookup(key);
}
