/**
 * @file Which keys were used last, so that a new key can be explained by an old one. All of it is advisory: it may be
 * lost, or a moment old, and only explanations get worse.
 */
import type { Key } from "../brands.js";
import { sha256 } from "../keys/record.js";
import { parseJson } from "./entry.js";
import { readText, type Store } from "./store.js";

/** The key that each stage of a pipeline had when it was last run, by name of the stage. */
export type LastKeys = Readonly<Record<string, Key>>;

const RECENT = 12;

/** The last keys of the stages of a pipeline. */
export function lastKeys(store: Store, pipeline: string): LastKeys {
  const stored = parseJson(quietly(() => readText(lastPath(store, pipeline))) ?? "") as { stages?: LastKeys } | null;
  return stored?.stages ?? {};
}

/** Remembers the keys of stages of a pipeline; those of other stages stay. Writes only what is new. */
export function rememberLast(store: Store, pipeline: string, keys: LastKeys): void {
  const before = lastKeys(store, pipeline);
  if (Object.entries(keys).every(([stage, key]) => before[stage] === key)) return;
  quietly(() => {
    const path = lastPath(store, pipeline);
    store.writeFile(path, JSON.stringify({ pipeline, stages: { ...before, ...keys } }));
  });
}

/** The newest keys of stages of this id, in whatever pipeline, the newest first. */
export function recentKeys(store: Store, stageId: string): Key[] {
  const text = quietly(() => readText(recentPath(store, stageId))) ?? "";
  const keys = text.split("\n").filter((line) => /^[0-9a-f]{64}$/.test(line));
  return [...new Set(keys.reverse())].slice(0, RECENT) as Key[];
}

/** Adds a key to those of a stage id. One short line: appending it is atomic. */
export function rememberRecent(store: Store, stageId: string, key: Key): void {
  quietly(() => {
    store.fs.makeFolder(store.path("index", "by-stage"));
    store.fs.append(recentPath(store, stageId), `${key}\n`);
  });
}

function lastPath(store: Store, pipeline: string): string {
  return store.path("index", "last", `${sha256(pipeline).slice(0, 32)}.json`);
}

function recentPath(store: Store, stageId: string): string {
  return store.path("index", "by-stage", `${sha256(stageId).slice(0, 32)}.txt`);
}

function quietly<T>(action: () => T): T | null {
  try {
    return action();
  } catch {
    return null;
  }
}
