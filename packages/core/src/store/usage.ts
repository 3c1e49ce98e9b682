import type { Digest, Key, RunId } from "../brands.js";
import { listRunRecords } from "../run/records.js";
import { blobsOf, breather, heldBlobs, heldEntries, heldFiles } from "./contents.js";
import { limitsOf } from "./limits.js";
import { pinnedRuns } from "./pins.js";
import type { Store } from "./store.js";

/** What the results of one stage, or of one pipeline, take. */
export interface UsageLine {
  readonly name: string;
  readonly results: number;
  /** Bytes of their files. What two stages or pipelines share is counted for both. */
  readonly bytes: number;
  /** Milliseconds that computing them again would take. */
  readonly computeMs: number;
}

/** What a store takes, in bytes, and for what. */
export interface Usage {
  readonly store: string;
  readonly results: number;
  /** The files of results, each once. */
  readonly blobs: number;
  /** Files that pipelines name by URL. */
  readonly downloads: number;
  /** Damaged files, set aside. */
  readonly quarantine: number;
  /** Manifests, records of keys and runs, logs, reports, memos. */
  readonly other: number;
  readonly total: number;
  /** How large results and downloads may get; null: no limit. */
  readonly maxBytes: number | null;
  /** Runs whose results stay until they are unpinned. */
  readonly pinned: readonly RunId[];
  /** By id of the stage, the largest first. */
  readonly stages: readonly UsageLine[];
  /** By name of the pipeline, as far as records of runs tell, the largest first. */
  readonly pipelines: readonly UsageLine[];
}

/** Looks through the whole store. */
export async function usageOf(store: Store, signal?: AbortSignal): Promise<Usage> {
  const breathe = breather(signal);
  const results = new Map<Key, { readonly blobs: Map<Digest, number>; readonly computeMs: number }>();
  const byStage = new Tally();
  for (const { key, entry } of heldEntries(store)) {
    await breathe();
    if (entry === null) continue;
    const result = { blobs: blobsOf(entry), computeMs: entry.computeMs };
    results.set(key, result);
    byStage.add(store.storedKey(key)?.record.stage.id ?? "(unknown)", key, result);
  }
  const byPipeline = new Tally();
  for (const { pipeline, stages } of listRunRecords(store)) {
    await breathe();
    for (const { key } of stages) {
      const result = key === null ? undefined : results.get(key);
      if (key !== null && result !== undefined) byPipeline.add(pipeline.name, key, result);
    }
  }
  let blobs = 0;
  for (const { bytes } of heldBlobs(store)) {
    await breathe();
    blobs += bytes;
  }
  const downloads = await sizeOf(store.path("downloads"), breathe);
  const quarantine = await sizeOf(store.path("quarantine"), breathe);
  const total = await sizeOf(store.directory, breathe);
  return {
    store: store.directory,
    results: results.size,
    blobs,
    downloads,
    quarantine,
    other: total - blobs - downloads - quarantine,
    total,
    maxBytes: limitsOf(store, blobs + downloads).maxBytes,
    pinned: pinnedRuns(store),
    stages: byStage.lines(),
    pipelines: byPipeline.lines(),
  };
}

interface Result {
  readonly blobs: ReadonlyMap<Digest, number>;
  readonly computeMs: number;
}

/** Adds results up under names, each once. */
class Tally {
  readonly #names = new Map<string, { keys: Set<Key>; blobs: Map<Digest, number>; computeMs: number }>();

  add(name: string, key: Key, { blobs, computeMs }: Result): void {
    let sum = this.#names.get(name);
    if (sum === undefined) {
      sum = { keys: new Set(), blobs: new Map(), computeMs: 0 };
      this.#names.set(name, sum);
    }
    if (sum.keys.has(key)) return;
    sum.keys.add(key);
    sum.computeMs += computeMs;
    for (const [digest, bytes] of blobs) sum.blobs.set(digest, bytes);
  }

  lines(): UsageLine[] {
    const lines = [...this.#names].map(([name, { keys, blobs, computeMs }]) => ({
      name,
      results: keys.size,
      bytes: [...blobs.values()].reduce((sum, bytes) => sum + bytes, 0),
      computeMs,
    }));
    return lines.sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
  }
}

async function sizeOf(folder: string, breathe: () => Promise<void>): Promise<number> {
  let sum = 0;
  for (const { stats } of heldFiles(folder)) {
    await breathe();
    sum += stats.size;
  }
  return sum;
}
