import type { Digest, Key } from "../brands.js";
import { hashFile } from "../files/hash.js";
import { heldEntries } from "./contents.js";
import type { Store } from "./store.js";

/** A stored file that is not what it was when it was written. */
export interface Damage {
  readonly key: Key;
  /** Id of the stage that made the result, where the store still knows it. */
  readonly use: string | null;
  /** `port/name`, or that the manifest itself cannot be read. */
  readonly file: string;
  readonly problem: string;
}

/** What checking a store found. */
export interface Checked {
  readonly results: number;
  readonly files: number;
  readonly bytes: number;
  readonly damaged: readonly Damage[];
}

/**
 * Reads every file of every result and compares it with its digest. What is damaged is set aside, results and files, so
 * that the next run makes it again.
 */
export async function checkStore(
  store: Store,
  options: { readonly signal?: AbortSignal; readonly onProgress?: (bytes: number) => void } = {},
): Promise<Checked> {
  const sound = new Map<Digest, string | null>();
  const damaged: Damage[] = [];
  let results = 0;
  let bytes = 0;
  for (const { key, entry } of heldEntries(store)) {
    options.signal?.throwIfAborted();
    results++;
    const found: Omit<Damage, "key" | "use">[] = [];
    if (entry === null) found.push({ file: "its manifest", problem: "cannot be read" });
    for (const [port, output] of Object.entries(entry?.outputs ?? {})) {
      for (const { name, digest, size } of output.files) {
        if (!sound.has(digest)) {
          sound.set(digest, await problemOf(store, digest, size, options.signal));
          bytes += size;
          options.onProgress?.(bytes);
        }
        const problem = sound.get(digest) ?? null;
        if (problem === null) continue;
        found.push({ file: `${port}/${name}`, problem });
        store.quarantineBlob(digest);
      }
    }
    if (found.length === 0) continue;
    const use = store.storedKey(key)?.record.stage.id ?? null;
    damaged.push(...found.map((one) => ({ key, use, ...one })));
    store.quarantine(key);
  }
  return { results, files: sound.size, bytes, damaged };
}

/** What is wrong with a blob; null when it is what its name says. */
async function problemOf(store: Store, digest: Digest, size: number, signal?: AbortSignal): Promise<string | null> {
  const problem = store.blobProblem(digest, size);
  if (problem !== null) return problem;
  try {
    return (await hashFile(store.blobPath(digest), signal)) === digest ? null : "has other content than was stored";
  } catch (error) {
    signal?.throwIfAborted();
    return `cannot be read (${(error as Error).message})`;
  }
}
