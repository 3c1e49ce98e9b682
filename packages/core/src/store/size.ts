/**
 * @file How large the store is, roughly and at no cost: what it was when it was last looked through, and what came since.
 * A run asks this at its end, and looks through the store only when it may have become too large, or once a day.
 */
import { statSync } from "node:fs";
import { parseJson } from "./entry.js";
import { limitsOf } from "./limits.js";
import { readText, type Store } from "./store.js";
import { HOUR } from "./uses.js";

const EVERY = 24 * HOUR;

/** Notes that a result came, of so many bytes. */
export function noteAdded(store: Store, bytes: number): void {
  try {
    store.fs.append(store.path("index", "added.txt"), `${bytes}\n`);
  } catch {
    // It is seen when the store is looked through.
  }
}

/** Notes what the store takes now, after it was looked through. */
export function noteCollected(store: Store, bytes: number, now: number): void {
  store.writeFile(store.path("index", "size.json"), JSON.stringify({ bytes, at: new Date(now).toISOString() }));
  store.fs.remove(store.path("index", "added.txt"));
}

/** Whether it is time to look through the store. */
export function isDue(store: Store, now = Date.now()): boolean {
  const known = parseJson(readText(store.path("index", "size.json")) ?? "") as { bytes?: number; at?: string } | null;
  const since = typeof known?.at === "string" ? Date.parse(known.at) : madeAt(store);
  if (!(Math.abs(now - since) < EVERY)) return true;
  const added = (readText(store.path("index", "added.txt")) ?? "").split("\n");
  const bytes = added.reduce((sum, line) => sum + (Number(line) || 0), known?.bytes ?? 0);
  const { maxBytes } = limitsOf(store, bytes);
  return maxBytes !== null && bytes > maxBytes;
}

function madeAt(store: Store): number {
  return statSync(store.path("format"), { throwIfNoEntry: false })?.mtimeMs ?? Number.NaN;
}
