/**
 * @file Takes the results of a bundle into a store. A bundle is believed no more than a remote cache: what each member must be follows
 * from those before it, and the archive must be that, byte for byte of its headers. Nothing enters the store before all
 * of it was read and found right.
 */
import { createHash } from "node:crypto";
import { copyFile, type FileHandle, link, open } from "node:fs/promises";
import { join } from "node:path";
import type { Key } from "../brands.js";
import { fail } from "../diagnostics/diagnostic.js";
import { byCodeUnit } from "../keys/canonical.js";
import { filesOf, LARGEST_RESULT_TEXT, parseSharedResult, type SharedResult } from "../remote/shared-result.js";
import type { Trust } from "../remote/signature.js";
import { isSha256, isTable, Malformed, strictJson } from "../remote/strict-json.js";
import type { StoredFile } from "../run/record.js";
import { commit } from "../store/commit.js";
import { stagedPath } from "../store/entry.js";
import { errorCode } from "../store/fs.js";
import type { Store } from "../store/store.js";
import { BLOCK, END, fileMember, memberBytes, memberHeader, resultMember, sizeIn } from "./layout.js";

/** What an import did. */
export interface Imported {
  readonly results: number;
  readonly bytes: number;
  /** Keys for which the store has other bytes than the bundle; the store's stay. */
  readonly different: readonly Key[];
}

/**
 * Takes all results of a bundle into the store, or none.
 * @throws DiagnosticError `bundle-refused` with what is wrong, `bundle-not-read`; the reason of `signal` when that aborts.
 */
export async function importBundle(store: Store, path: string, trust: Trust, signal?: AbortSignal): Promise<Imported> {
  let handle: FileHandle;
  try {
    handle = await open(path, "r");
  } catch (error) {
    throw fail("bundle-not-read", `"${path}" cannot be read (${errorCode(error)})`, {
      hint: "Give the path of a bundle.",
    });
  }
  const staging = store.begin();
  try {
    const reader = await Reader.over(handle);
    const results = await readResults(reader, trust);
    await readFiles(reader, results, staging, signal);
    const different: Key[] = [];
    for (const result of results) {
      if ((await keep(store, result, staging)).length > 0) different.push(result.key);
    }
    return { results: results.length, bytes: reader.size, different };
  } catch (error) {
    if (error instanceof Malformed) {
      throw fail("bundle-refused", `"${path}" is no bundle to trust: ${error.message}`, {
        hint: "Nothing of it was kept. Export it again, and compare the SHA-256 of both files.",
      });
    }
    throw error;
  } finally {
    await handle.close();
    store.discard(staging);
  }
}

/** Reads an archive from its beginning to its end. */
class Reader {
  readonly size: number;
  readonly #handle: FileHandle;
  #at = 0;

  private constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.size = size;
  }

  static async over(handle: FileHandle): Promise<Reader> {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new Malformed("it is no file");
    return new Reader(handle, stats.size);
  }

  get left(): number {
    return this.size - this.#at;
  }

  /** The content of a member with this name, of at most `most` bytes. */
  async text(name: string, most: number): Promise<string> {
    const header = await this.#take(BLOCK);
    const size = sizeIn(header) ?? -1;
    if (!memberHeader(name, Math.max(size, 0)).equals(header)) throw new Malformed(`${name} is not where it must be`);
    if (size > most) throw new Malformed(`${name} has more than ${most} bytes`);
    const content = (await this.#take(size)).toString("utf8");
    await this.#padding(size);
    return content;
  }

  /** Hands over the content of a member that must have this name and size. */
  async member(name: string, size: number, take: (chunk: Buffer) => Promise<void>): Promise<void> {
    if (!memberHeader(name, size).equals(await this.#take(BLOCK)))
      throw new Malformed(`${name} is not where it must be`);
    for (let left = size; left > 0; ) {
      const chunk = await this.#take(Math.min(left, 1 << 20));
      left -= chunk.length;
      await take(chunk);
    }
    await this.#padding(size);
  }

  async end(): Promise<void> {
    if (this.left !== END || (await this.#take(END)).some((byte) => byte !== 0))
      throw new Malformed("its end is wrong");
  }

  async #padding(size: number): Promise<void> {
    const rest = await this.#take(memberBytes(size) - BLOCK - size);
    if (rest.some((byte) => byte !== 0)) throw new Malformed("what fills its blocks is not empty");
  }

  async #take(length: number): Promise<Buffer> {
    if (length > this.left) throw new Malformed("it is cut off");
    const buffer = Buffer.allocUnsafe(length);
    for (let got = 0; got < length; ) {
      const { bytesRead } = await this.#handle.read(buffer, got, length - got, this.#at + got);
      if (bytesRead === 0) throw new Malformed("it is cut off");
      got += bytesRead;
    }
    this.#at += length;
    return buffer;
  }
}

async function readResults(reader: Reader, trust: Trust): Promise<SharedResult[]> {
  const index = strictJson(await reader.text("bundle.json", LARGEST_RESULT_TEXT), "bundle.json");
  const keys = isTable(index) && index.schema === "bundle/1" ? index.results : null;
  if (!Array.isArray(keys) || !keys.every(isSha256))
    throw new Malformed("bundle.json is in no form that is known here");
  if (keys.some((key, i) => i > 0 && byCodeUnit(keys[i - 1], key) >= 0))
    throw new Malformed("its results are in no order");
  const results: SharedResult[] = [];
  for (const key of keys as Key[]) {
    const result = parseSharedResult(await reader.text(resultMember(key), LARGEST_RESULT_TEXT), key);
    const objection = trust.objection(result);
    if (objection !== null) throw new Malformed(`the result ${key.slice(0, 12)} ${objection}`);
    results.push(result);
  }
  return results;
}

async function readFiles(
  reader: Reader,
  results: readonly SharedResult[],
  staging: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const files = new Map<string, StoredFile>();
  for (const file of results.flatMap(filesOf)) {
    if ((files.get(file.digest)?.size ?? file.size) !== file.size) throw new Malformed("it gives one file two sizes");
    files.set(file.digest, file);
  }
  const sorted = [...files.values()].sort((a, b) => byCodeUnit(a.digest, b.digest));
  const expected = sorted.reduce((sum, { size }) => sum + memberBytes(size), END);
  // Before a byte is written: sizes that lie would fill the disk.
  if (reader.left !== expected) throw new Malformed(`it has ${reader.left} bytes where its files take ${expected}`);
  for (const { digest, size } of sorted) {
    signal?.throwIfAborted();
    const hash = createHash("sha256");
    const out = await open(join(staging, digest), "wx");
    try {
      await reader.member(fileMember(digest), size, async (chunk) => {
        hash.update(chunk);
        await out.writeFile(chunk);
      });
    } finally {
      await out.close();
    }
    if (hash.digest("hex") !== digest)
      throw new Malformed(`the file ${digest.slice(0, 12)} holds other bytes than its name says`);
  }
  await reader.end();
}

/** Commits one result. Gives the ports on which the store has another. */
async function keep(store: Store, result: SharedResult, files: string): Promise<readonly string[]> {
  const staging = store.begin();
  try {
    for (const [port, output] of Object.entries(result.outputs)) {
      for (const { name, digest } of output.files) {
        const [from, to] = [join(files, digest), stagedPath(staging, port, name)];
        await link(from, to).catch(() => copyFile(from, to));
      }
    }
    const { record, files: fileNames, ...rest } = result;
    return commit(store, staging, { ...rest, record, fileNames }).different;
  } finally {
    store.discard(staging);
  }
}
