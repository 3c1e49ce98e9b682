/**
 * @file Takes out of the store what nobody needs, cheapest to make again first. Safe beside runs: what a live run uses is
 * never touched, and a result that goes all the same at the wrong moment is a miss, no more.
 */
import { statSync } from "node:fs";
import type { Digest } from "../brands.js";
import { breather } from "./contents.js";
import { guarded } from "./errors.js";
import { type Evicted, Inventory } from "./inventory.js";
import { limitsOf } from "./limits.js";
import { HALF_WRITTEN, Litter } from "./litter.js";
import { GRACE, type Roots, rootsOf } from "./roots.js";
import { noteCollected } from "./size.js";
import type { Store } from "./store.js";
import { tidyUses } from "./uses.js";

/** How to collect. */
export interface CollectOptions {
  /** Only tell what would go. */
  readonly dry?: boolean | undefined;
  /** Bytes that the store may take, in the place of its own limit; null: no limit. */
  readonly maxBytes?: number | null | undefined;
  /** Milliseconds since 1970. */
  readonly now?: number | undefined;
  /** Milliseconds for which what was used stays. */
  readonly grace?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What went, or would go. Sizes are bytes. */
export interface Collected {
  readonly evicted: readonly Evicted[];
  /** Files that belong to no result, what crashed processes left, damaged files of last week. */
  readonly litter: { readonly files: number; readonly bytes: number };
  readonly freed: number;
  /** What results and downloads take afterwards. */
  readonly kept: number;
  /** Of that, what stays whatever the limit. */
  readonly protected: number;
  readonly maxBytes: number | null;
}

/** Collecting goes on until the store is so much smaller than its limit: not every run should have to. */
const LOW_WATER = 0.9;

/** @throws DiagnosticError when the store cannot be changed, or its limit cannot be understood. */
export async function collect(store: Store, options: CollectOptions = {}): Promise<Collected> {
  const { dry = false, now = Date.now(), grace = GRACE, signal } = options;
  const breathe = breather(signal);
  const act = (action: () => void): void => {
    if (!dry) guarded(store.directory, action);
  };
  const inventory = new Inventory(store, now);
  await inventory.files(breathe);
  const before = inventory.total;
  const limits = limitsOf(store, before);
  const maxBytes = options.maxBytes === undefined ? limits.maxBytes : options.maxBytes;
  const roots = await rootsOf(store, limits.keepRuns, now, grace, breathe);
  await inventory.results(roots, breathe);
  const unfinished = await inventory.downloads(roots, breathe);

  for (const key of inventory.unreadable) act(() => store.quarantine(key));
  for (const key of inventory.ahead) act(() => store.fs.touch(store.entryPath(key), now));
  const litter = new Litter(dry);
  await litter.leftBehind(store, inventory.codes, now, breathe);
  for (const digest of inventory.orphans(roots)) {
    await breathe();
    litter.remove(store.blobPath(digest), inventory.sizes.get(digest) ?? 0, () => removeBlob(store, digest, roots));
    inventory.sizes.delete(digest);
  }
  for (const path of unfinished) {
    const age = now - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now);
    if (age > HALF_WRITTEN) litter.remove(path, inventory.sizes.get(path) ?? 0);
    inventory.sizes.delete(path);
  }

  const evicted: Evicted[] = [];
  const worth = inventory.total;
  let kept = worth;
  if (maxBytes !== null && kept > maxBytes) {
    inventory.candidates.sort((a, b) => a.score - b.score || (a.told.usedAt < b.told.usedAt ? -1 : 1));
    for (const { told, files, remove } of inventory.candidates) {
      if (kept <= maxBytes * LOW_WATER) break;
      await breathe();
      act(() => remove(now));
      inventory.held.delete(told.id);
      evicted.push(told);
      for (const file of files) {
        const left = (inventory.references.get(file) ?? 1) - 1;
        inventory.references.set(file, left);
        if (left > 0) continue;
        if (told.kind === "result") act(() => removeBlob(store, file as Digest, roots));
        kept -= inventory.sizes.get(file) ?? 0;
      }
    }
  }
  if (!dry) {
    tidyUses(store, now, (key) => inventory.held.has(key));
    noteCollected(store, kept, now);
  }
  return {
    evicted,
    litter: { files: litter.files, bytes: litter.bytes },
    freed: worth - kept + litter.bytes,
    kept,
    protected: inventory.protected,
    maxBytes,
  };
}

/** A look at the last moment: another process may just have brought the same content for a result of its own. */
function removeBlob(store: Store, digest: Digest, roots: Roots): void {
  const path = store.blobPath(digest);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || Math.max(found.mtimeMs, found.ctimeMs) >= roots.usedSince) return;
  store.fs.remove(path);
}
