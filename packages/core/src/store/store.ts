import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Digest, Key } from "../brands.js";
import { fail } from "../diagnostics/diagnostic.js";
import type { Reason } from "../keys/reason.js";
import { type Entry, parseEntry, parseJson, type StoredKey } from "./entry.js";
import { guarded } from "./errors.js";
import { errorCode, nodeFs, type StoreFs } from "./fs.js";
import { stagingName, sweep } from "./owner.js";

/** The layout that this version reads and writes. */
const FORMAT = 1;

/** What the store has for a key: the result, or why there is none (null: it knows nothing of this key). */
export type Lookup =
  | { readonly hit: true; readonly entry: Entry }
  | { readonly hit: false; readonly reason: Reason | null };

/** The folder of the store: `SEQLOOM_HOME`, or `.seqloom` beside the pipeline. */
export function storeDirectory(
  pipelineDirectory: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const home = environment.SEQLOOM_HOME;
  return home === undefined || home === "" ? join(pipelineDirectory, ".seqloom") : resolve(home);
}

/**
 * Opens the store in a folder. Nothing is written until something is to be kept.
 * @throws DiagnosticError `store-too-new`, `store-damaged`, `store-not-a-folder`, `store-not-readable`.
 */
export function openStore(directory: string, fs: StoreFs = nodeFs): Store {
  const path = resolve(directory);
  const format = readFormat(path);
  if (format !== null && format > FORMAT) {
    throw fail("store-too-new", `the store "${path}" has format ${format}; this version of Seqloom knows ${FORMAT}`, {
      hint: "Update Seqloom, or set SEQLOOM_HOME to another folder.",
    });
  }
  return new Store(path, fs, format !== null);
}

/** Content-addressed results on disk. Reading never waits for writing: an entry appears at once, whole, and never changes. */
export class Store {
  readonly directory: string;
  readonly fs: StoreFs;
  #ready: boolean;
  #swept = false;
  /** Blobs that were found to be damaged, and how. */
  readonly #damaged = new Map<Digest, string>();

  constructor(directory: string, fs: StoreFs, ready: boolean) {
    this.directory = directory;
    this.fs = fs;
    this.#ready = ready;
  }

  /** A path inside the store. */
  path(...parts: readonly string[]): string {
    return join(this.directory, ...parts);
  }

  /** Where the bytes with this digest are kept. */
  blobPath(digest: Digest): string {
    return this.path("blobs", "sha256", digest.slice(0, 2), digest.slice(2));
  }

  entryPath(key: Key): string {
    return this.path("entries", key.slice(0, 2), `${key}.json`);
  }

  keyPath(key: Key): string {
    return this.path("keys", key.slice(0, 2), `${key}.json`);
  }

  /**
   * The result of a key, if it is there and every file of it is there with its size. A broken entry is taken out of the
   * way, so that the result can be made again.
   */
  lookup(key: Key): Lookup {
    return guarded(this.directory, () => this.#lookup(key), "read");
  }

  #lookup(key: Key): Lookup {
    const text = readText(this.entryPath(key));
    if (text === null) {
      const known = this.storedKey(key);
      return { hit: false, reason: known === null ? null : { kind: "entry-evicted", at: known.evictedAt ?? null } };
    }
    const entry = parseEntry(text, key);
    const reason: Reason | null =
      entry === null
        ? { kind: "entry-incomplete", file: "its manifest", problem: "cannot be read" }
        : this.#incomplete(entry);
    if (entry !== null && reason === null) return { hit: true, entry };
    this.quarantine(key);
    return { hit: false, reason };
  }

  /** Whether all files of an entry are there; the first that is not, otherwise. */
  #incomplete(entry: Entry): Reason | null {
    for (const [port, output] of Object.entries(entry.outputs)) {
      for (const { name, digest, size } of output.files) {
        const problem = this.blobProblem(digest, size);
        if (problem !== null) return { kind: "entry-incomplete", file: `${port}/${name}`, problem };
      }
    }
    return null;
  }

  /** What can be seen to be wrong with a blob without reading it; null when nothing is. */
  blobProblem(digest: Digest, size: number): string | null {
    const known = this.#damaged.get(digest);
    if (known !== undefined) return known;
    const found = statSync(this.blobPath(digest), { throwIfNoEntry: false });
    if (found?.size === size) return null;
    return found === undefined ? "is missing" : `has ${found.size} bytes where ${size} were stored`;
  }

  /** What a key was made of, or null when the store does not know it. */
  storedKey(key: Key): StoredKey | null {
    const stored = parseJson(readText(this.keyPath(key)) ?? "") as Partial<StoredKey> | null;
    if (stored?.record?.schema !== "key/1") return null;
    const { record, files = {}, evictedAt } = stored;
    return { record, files, ...(typeof evictedAt === "string" && { evictedAt }) };
  }

  /** Takes an entry out of use. In a store that cannot be written it stays; nobody trusts it without looking. */
  quarantine(key: Key): void {
    try {
      this.fs.makeFolder(this.path("quarantine"));
      this.fs.move(this.entryPath(key), this.path("quarantine", `${key}.${randomBytes(4).toString("hex")}.json`));
    } catch {
      // Gone already, or read-only.
    }
  }

  /** Takes a file that does not hold what its name says out of use. Those who ask for it are told so until it is made again. */
  quarantineBlob(digest: Digest, problem = "has other content than was stored"): void {
    if (!existsSync(this.blobPath(digest))) return;
    try {
      this.fs.makeFolder(this.path("quarantine"));
      this.fs.move(this.blobPath(digest), this.path("quarantine", `${digest}.${randomBytes(4).toString("hex")}.blob`));
    } catch {
      // Gone already, or read-only: then it must at least not be trusted in this process.
    }
    this.#damaged.set(digest, problem);
  }

  /** A blob was written: whatever was known of the one before no longer holds. */
  renewed(digest: Digest): void {
    this.#damaged.delete(digest);
  }

  /** An empty folder on the same file system for a result in the making. */
  begin(): string {
    return guarded(this.directory, () => {
      this.#makeReady();
      if (!this.#swept) sweep(this.path("tmp"), this.fs);
      this.#swept = true;
      const staging = this.path("tmp", stagingName());
      this.fs.makeFolder(staging);
      return staging;
    });
  }

  /** Removes a staging folder or file. What cannot be removed now is swept later. */
  discard(staging: string): void {
    try {
      this.fs.remove(staging);
    } catch {
      // Not worth failing a run.
    }
  }

  /** Writes a small file: whole or not at all. */
  writeFile(path: string, text: string): void {
    guarded(this.directory, () => {
      this.#makeReady();
      const temporary = this.path("tmp", stagingName());
      try {
        this.fs.write(temporary, text);
        this.moveInto(temporary, path);
      } catch (error) {
        this.discard(temporary);
        throw error;
      }
    });
  }

  /** Renames into a folder that may not be there yet. */
  moveInto(from: string, to: string): void {
    try {
      this.fs.move(from, to);
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
      this.fs.makeFolder(dirname(to));
      this.fs.move(from, to);
    }
  }

  #makeReady(): void {
    this.fs.makeFolder(this.path("tmp"));
    if (this.#ready) return;
    // Results are not sources, and not worth a backup: Git and backup programs look for these two.
    this.fs.write(this.path(".gitignore"), "*\n");
    this.fs.write(this.path("CACHEDIR.TAG"), "Signature: 8a477f597d28d172789f06886806bc55\n");
    const temporary = this.path("tmp", stagingName());
    this.fs.write(temporary, `${JSON.stringify({ store: FORMAT })}\n`);
    this.fs.move(temporary, this.path("format"));
    this.#ready = true;
  }
}

/** The text of a file, or null when it is not there. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}

function readFormat(directory: string): number | null {
  const text = guarded(directory, () => readText(join(directory, "format")), "read");
  if (text === null) return null;
  const { store } = (parseJson(text) ?? {}) as { readonly store?: unknown };
  if (typeof store === "number" && Number.isInteger(store)) return store;
  throw fail("store-damaged", `"${join(directory, "format")}" does not say what format the store has`, {
    hint: `If the folder holds nothing but a store of Seqloom, remove it: everything in it can be made again.`,
  });
}
