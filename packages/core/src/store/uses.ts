/**
 * @file When results were used, and how often lately: what may go is decided by it. Told at most once an hour for a
 * result, so that a run with nothing to do writes next to nothing.
 */
import { statSync } from "node:fs";
import type { Key } from "../brands.js";
import { readText, type Store } from "./store.js";

export const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** For how long a use counts as recent. */
const RECENT = 30 * DAY;

/** Notes that results were used now: the time of the entry, and a line in `index/uses.txt`. A store that cannot be written is none the worse. */
export function noteUses(store: Store, keys: readonly Key[], now = Date.now()): void {
  const noted: string[] = [];
  for (const key of keys) {
    const path = store.entryPath(key);
    const usedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    // A time that lies ahead was written by a clock that was wrong: it would protect the result for ever.
    if (usedAt === undefined || Math.abs(now - usedAt) < HOUR) continue;
    try {
      store.fs.touch(path, now);
    } catch {
      return;
    }
    noted.push(`${Math.floor(now / DAY)} ${key}\n`);
  }
  if (noted.length === 0) return;
  try {
    store.fs.append(usesPath(store), noted.join(""));
  } catch {
    // Only a choice of what goes first gets worse.
  }
}

/** How often each result was used in the last thirty days; hours in which it was used count once. */
export function recentUses(store: Store, now: number): Map<string, number> {
  const uses = new Map<string, number>();
  for (const [, key] of recentLines(store, now)) uses.set(key, (uses.get(key) ?? 0) + 1);
  return uses;
}

/** Drops what is no longer recent, and what belongs to no result. */
export function tidyUses(store: Store, now: number, kept: (key: string) => boolean): void {
  const before = readText(usesPath(store)) ?? "";
  const after = recentLines(store, now).flatMap(([day, key]) => (kept(key) ? [`${day} ${key}\n`] : []));
  if (after.join("") !== before) store.writeFile(usesPath(store), after.join(""));
}

function recentLines(store: Store, now: number): [day: number, key: string][] {
  const lines = (readText(usesPath(store)) ?? "").split("\n");
  return lines.flatMap((line): [number, string][] => {
    const match = /^(\d{1,7}) ([0-9a-f]{64})$/.exec(line);
    return match !== null && now - Number(match[1]) * DAY < RECENT ? [[Number(match[1]), match[2]]] : [];
  });
}

function usesPath(store: Store): string {
  return store.path("index", "uses.txt");
}
