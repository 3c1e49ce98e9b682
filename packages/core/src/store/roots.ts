/** @file What must stay in the store, whatever its size. */
import { statSync } from "node:fs";
import type { Key } from "../brands.js";
import { listRunRecords, liveRuns } from "../run/records.js";
import { namesIn } from "./contents.js";
import { pinnedRuns } from "./pins.js";
import type { Store } from "./store.js";
import { HOUR } from "./uses.js";

/** Why a result stays. */
export type Protection = "last runs" | "pinned" | "in use";

/** What stays. */
export interface Roots {
  readonly keys: ReadonlyMap<Key, Protection>;
  /** SHA-256 of downloaded files that the results of those runs were made from. */
  readonly files: ReadonlySet<string>;
  /** Whatever was used or came after this moment is in use, milliseconds since 1970. */
  readonly usedSince: number;
}

/** A result that nobody used for so long is not in use. */
export const GRACE = HOUR;

/** The results of the last runs of every pipeline, of pinned and tagged runs, and of runs that are going on. */
export async function rootsOf(
  store: Store,
  keepRuns: number,
  now: number,
  grace: number,
  breathe: () => Promise<void>,
): Promise<Roots> {
  const keys = new Map<Key, Protection>();
  const files = new Set<string>();
  const pinned = new Set<string>([...pinnedRuns(store), ...taggedRuns(store)]);
  const runs = new Map<string, number>();
  for (const record of listRunRecords(store)) {
    await breathe();
    const before = runs.get(record.pipeline.name) ?? 0;
    runs.set(record.pipeline.name, before + 1);
    const isPinned = pinned.has(record.run);
    if (!isPinned && before >= keepRuns) continue;
    for (const { key } of record.stages) {
      if (key === null || keys.get(key) === "pinned") continue;
      keys.set(key, isPinned ? "pinned" : "last runs");
      for (const group of Object.values(store.storedKey(key)?.record.files ?? {})) {
        for (const { digest } of group) files.add(digest);
      }
    }
  }
  // A run notes its hits when it begins, unless that was done within the hour before.
  const started = liveRuns(store).map(({ startedAt }) => Date.parse(startedAt) - HOUR);
  return { keys, files, usedSince: Math.min(now - grace, ...started.filter(Number.isFinite)) };
}

/** Runs that carry a tag: whoever gave it wants to find them again. */
function taggedRuns(store: Store): string[] {
  return namesIn(store.path("runs")).filter((run) => {
    const found = statSync(store.path("runs", run, "tags.json"), { throwIfNoEntry: false });
    return found !== undefined && found.size > 2;
  });
}
