/**
 * @file Remembers the SHA-256 of files by what `stat` says of them, so that a run with nothing to do reads no data file.
 * Everything in it can be computed again: a lost or broken memo costs time, never correctness.
 */
import { type BigIntStats, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Digest } from "../brands.js";
import { fail } from "../diagnostics/diagnostic.js";
import { makeFolder } from "../store/fs.js";
import { hashFile } from "./hash.js";
import { isSettled } from "./settled.js";

/** What `stat` said when the file was hashed, and the hash. */
type Entry = readonly [state: string, digest: Digest];

interface Stored {
  readonly format: 1;
  /** `dev:ino` → entry, least recently added first. */
  readonly files: Readonly<Record<string, Entry>>;
}

/** More entries than any data set has files; past it the oldest go. */
const CAPACITY = 200_000;

/** A persistent memo of file hashes: (dev, ino, size, mtime, ctime) → SHA-256. */
export class FileMemo {
  readonly #path: string | null;
  readonly #files: Map<string, Entry>;
  readonly #added = new Map<string, Entry>();

  private constructor(path: string | null, files: Map<string, Entry>) {
    this.#path = path;
    this.#files = files;
  }

  /** The memo kept at `path`; empty when there is none, or when it cannot be read. */
  static load(path: string): FileMemo {
    return new FileMemo(path, read(path));
  }

  /** A memo that is never written: for one use. */
  static inMemory(): FileMemo {
    return new FileMemo(null, new Map());
  }

  /** Whether the digest of a file is known without reading it. */
  knows(path: string): boolean {
    const stats = statSync(path, { bigint: true });
    return this.#files.get(keyOf(stats))?.[0] === stateOf(stats);
  }

  /**
   * SHA-256 of a file: from the memo when nothing about the file changed since, else by reading it.
   * @throws DiagnosticError `file-changing` when something keeps writing to it; the system's error when it cannot be read.
   */
  async digest(path: string, signal?: AbortSignal): Promise<Digest> {
    for (let attempt = 0; attempt < 3; attempt++) {
      const before = statSync(path, { bigint: true });
      const known = this.#files.get(keyOf(before));
      if (known !== undefined && known[0] === stateOf(before)) return known[1];
      const started = BigInt(Date.now()) * 1_000_000n;
      const digest = await hashFile(path, signal);
      const after = statSync(path, { bigint: true });
      if (keyOf(after) !== keyOf(before) || stateOf(after) !== stateOf(before)) continue;
      if (isSettled(before, started)) {
        const entry: Entry = [stateOf(before), digest];
        this.#files.set(keyOf(before), entry);
        this.#added.set(keyOf(before), entry);
      }
      return digest;
    }
    throw fail("file-changing", `"${path}" changed while it was being read`, {
      hint: "Something is still writing to this file: wait until it is done, then run again.",
    });
  }

  /** Writes what is new, beside what other processes wrote meanwhile; at once or not at all. */
  save(): void {
    if (this.#path === null || this.#added.size === 0) return;
    const files = read(this.#path);
    for (const [key, entry] of this.#added) {
      files.delete(key); // so that it moves to the end
      files.set(key, entry);
    }
    const kept = [...files].slice(-CAPACITY);
    const stored: Stored = { format: 1, files: Object.fromEntries(kept) };
    const temporary = `${this.#path}.${process.pid}.tmp`;
    makeFolder(dirname(this.#path));
    writeFileSync(temporary, JSON.stringify(stored));
    renameSync(temporary, this.#path);
    this.#added.clear();
  }
}

function keyOf(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}`;
}

function stateOf(stats: BigIntStats): string {
  return `${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
}

function read(path: string): Map<string, Entry> {
  try {
    const stored = JSON.parse(readFileSync(path, "utf8")) as Partial<Stored>;
    if (stored.format !== 1 || typeof stored.files !== "object") return new Map();
    return new Map(Object.entries(stored.files));
  } catch {
    return new Map();
  }
}
