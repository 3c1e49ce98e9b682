/** @file What collecting has to know of a store: what there is, who refers to what, what must stay and what may go. */
import { rmSync } from "node:fs";
import { basename } from "node:path";
import type { Digest, Key } from "../brands.js";
import { blobsOf, heldBlobs, heldEntries, heldFiles } from "./contents.js";
import type { Roots } from "./roots.js";
import type { Store } from "./store.js";
import { HOUR, recentUses } from "./uses.js";

/** A result or a download that goes, because the store is too large. */
export interface Evicted {
  readonly kind: "result" | "download";
  /** Key of the result, or SHA-256 of the download. */
  readonly id: string;
  /** Id of the stage. */
  readonly use: string | null;
  readonly bytes: number;
  /** Milliseconds that making it again takes. */
  readonly computeMs: number;
  /** How often it was used in the last thirty days. */
  readonly uses: number;
  /** ISO 8601, UTC. */
  readonly usedAt: string;
}

/** Something that may go. */
export interface Candidate {
  readonly told: Evicted;
  /** Milliseconds of computing that a byte saves, now and by what is known of the last days; the least goes first. */
  readonly score: number;
  readonly files: readonly string[];
  remove(now: number): void;
}

/** What fetching a file again is taken to cost: 10 MB a second. */
const DOWNLOAD_MS_PER_BYTE = 1e-4;

/** What lies in a store. */
export class Inventory {
  /** Bytes of every blob (by digest) and every download (by path). */
  readonly sizes = new Map<string, number>();
  /** How many results refer to each of them. */
  readonly references = new Map<string, number>();
  readonly candidates: Candidate[] = [];
  /** Keys of results, of which some go later. */
  readonly held = new Set<string>();
  /** Hashes of the code that made them. */
  readonly codes = new Set<string>();
  /** Results whose manifests cannot be read. */
  readonly unreadable: Key[] = [];
  /** Results whose time lies ahead: a clock was wrong. */
  readonly ahead: Key[] = [];
  readonly #addedAt = new Map<Digest, number>();
  readonly #staying = new Set<string>();
  readonly #store: Store;
  readonly #now: number;

  constructor(store: Store, now: number) {
    this.#store = store;
    this.#now = now;
  }

  get total(): number {
    return sum(this.sizes.values());
  }

  /** Bytes that stay whatever the limit. */
  get protected(): number {
    return sum([...this.#staying].map((file) => this.sizes.get(file) ?? 0));
  }

  /** Every file that results are made of. */
  async files(breathe: () => Promise<void>): Promise<void> {
    for (const { digest, bytes, addedAt } of heldBlobs(this.#store)) {
      await breathe();
      this.sizes.set(digest, bytes);
      this.#addedAt.set(digest, addedAt);
    }
    for (const { path, stats } of heldFiles(this.#store.path("downloads"))) {
      await breathe();
      this.sizes.set(path, stats.size);
    }
  }

  /** Every result: those that stay, and those that may go. */
  async results(roots: Roots, breathe: () => Promise<void>): Promise<void> {
    const uses = recentUses(this.#store, this.#now);
    for (const { key, entry, usedAt } of heldEntries(this.#store)) {
      await breathe();
      if (entry === null) {
        this.unreadable.push(key);
        continue;
      }
      this.held.add(key);
      const record = this.#store.storedKey(key)?.record;
      if (record !== undefined) this.codes.add(record.code.hash);
      const blobs = blobsOf(entry);
      for (const digest of blobs.keys()) this.references.set(digest, (this.references.get(digest) ?? 0) + 1);
      if (usedAt > this.#now + HOUR) this.ahead.push(key);
      if (roots.keys.has(key) || this.isInUse(usedAt, roots)) {
        for (const digest of blobs.keys()) this.#staying.add(digest);
        continue;
      }
      const bytes = sum(blobs.values());
      const times = uses.get(key) ?? 0;
      const use = record?.stage.id ?? null;
      const { computeMs } = entry;
      this.candidates.push({
        told: { kind: "result", id: key, use, bytes, computeMs, uses: times, usedAt: iso(usedAt) },
        score: (computeMs * (1 + times)) / Math.max(1, bytes),
        files: [...blobs.keys()],
        remove: (now) => evict(this.#store, key, now),
      });
    }
  }

  /** Every download; gives those that were never finished. */
  async downloads(roots: Roots, breathe: () => Promise<void>): Promise<string[]> {
    const unfinished: string[] = [];
    for (const { path, stats } of heldFiles(this.#store.path("downloads"))) {
      await breathe();
      const id = basename(path);
      if (!/^[0-9a-f]{64}$/.test(id)) {
        unfinished.push(path);
        continue;
      }
      if (roots.files.has(id) || this.isInUse(stats.mtimeMs, roots)) {
        this.#staying.add(path);
        continue;
      }
      this.references.set(path, 1);
      const computeMs = stats.size * DOWNLOAD_MS_PER_BYTE;
      this.candidates.push({
        told: { kind: "download", id, use: null, bytes: stats.size, computeMs, uses: 0, usedAt: iso(stats.mtimeMs) },
        score: DOWNLOAD_MS_PER_BYTE,
        files: [path],
        remove: () => rmSync(path, { force: true }),
      });
    }
    return unfinished;
  }

  /** Blobs that no result refers to, and that did not come a moment ago for one that is being made. */
  orphans(roots: Roots): Digest[] {
    return [...this.#addedAt].flatMap(([digest, addedAt]) =>
      this.references.has(digest) || this.isInUse(addedAt, roots) ? [] : [digest],
    );
  }

  /** What was used lately, or by a run that is going on. A time that lies ahead says nothing: it counts as now. */
  isInUse(usedAt: number, roots: Roots): boolean {
    return Math.min(usedAt, this.#now) >= roots.usedSince;
  }
}

/** First the record of the key learns of it, so that an explanation can tell; then the entry goes. */
function evict(store: Store, key: Key, now: number): void {
  const known = store.storedKey(key);
  if (known !== null) store.writeFile(store.keyPath(key), JSON.stringify({ ...known, evictedAt: iso(now) }));
  store.fs.remove(store.entryPath(key));
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
