/**
 * @file Takes the results of a bundle into a store. A bundle is believed no more than a remote cache: what each member must be follows
 * from those before it, and the archive must be that, byte for byte of its headers. Nothing enters the store before all
 * of it was read and found right.
 */
import { createHash } from "node:crypto";
import { copyFile, type FileHandle, link, open } from "node:fs/promises";
import { join } from "node:path";
import type { Key } from "../brands.js";
import { type DiagnosticError, fail } from "../diagnostics/diagnostic.js";
import { byCodeUnit } from "../keys/canonical.js";
import { filesOf, LARGEST_RESULT_TEXT, parseSharedResult, type SharedResult } from "../remote/shared-result.js";
import type { Trust } from "../remote/signature.js";
import { isSha256, isTable, Malformed, strictJson } from "../remote/strict-json.js";
import type { StoredFile } from "../run/record.js";
import { commit } from "../store/commit.js";
import { stagedPath } from "../store/entry.js";
import { errorCode } from "../store/fs.js";
import type { Store } from "../store/store.js";
import { END, fileMember, memberBytes, resultMember } from "./layout.js";
import { BundleReader } from "./reader.js";
import type { RecordedRun } from "./recorded-run.js";

/** What an import did. */
export interface Imported {
  readonly results: number;
  readonly bytes: number;
  /** Keys for which the store has other bytes than the bundle; the store's stay. */
  readonly different: readonly Key[];
}

/** What a bundle had: its results, which the store has now, and the run that it is of, if it is of one. */
export interface Opened extends Imported {
  readonly run: RecordedRun | null;
}

/**
 * Takes all results of a bundle into the store, or none.
 * @throws DiagnosticError `bundle-refused` with what is wrong, `bundle-not-read`; the reason of `signal` when that aborts.
 */
export async function importBundle(store: Store, path: string, trust: Trust, signal?: AbortSignal): Promise<Imported> {
  const { run: _, ...imported } = await openBundle(store, path, trust, signal);
  return imported;
}

/** As {@link importBundle}, and gives the run that the bundle is of. */
export async function openBundle(store: Store, path: string, trust: Trust, signal?: AbortSignal): Promise<Opened> {
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
    const reader = await BundleReader.over(handle);
    const { results, run } = await readTexts(reader, trust);
    await readFiles(reader, results, staging, signal);
    const different: Key[] = [];
    for (const result of results) {
      if ((await keep(store, result, staging)).length > 0) different.push(result.key);
    }
    return { results: results.length, bytes: reader.size, different, run };
  } catch (error) {
    throw error instanceof Malformed ? refused(path, error) : error;
  } finally {
    await handle.close();
    store.discard(staging);
  }
}

/** What is said of a bundle that does not hold together. */
export function refused(path: string, { message }: Malformed): DiagnosticError {
  return fail("bundle-refused", `"${path}" is no bundle to trust: ${message}`, {
    hint: "Nothing of it was kept. Export it again, and compare the SHA-256 of both files.",
  });
}

async function readTexts(
  reader: BundleReader,
  trust: Trust,
): Promise<{ readonly results: readonly SharedResult[]; readonly run: RecordedRun | null }> {
  const index = strictJson(await reader.text("bundle.json", LARGEST_RESULT_TEXT), "bundle.json");
  const { schema, keys, results: names } = isTable(index) ? index : {};
  if (schema === "bundle/1") return { results: await readResults(reader, keyList(names), trust), run: null };
  if (schema !== "run-bundle/1") throw new Malformed("bundle.json is in no form that is known here");
  const { keyMember, LARGEST_RUN_TEXT, PIPELINE_MEMBER, RUN_MEMBER, recordedRun } = await import("./recorded-run.js");
  const [own, wanted] = [keyList(keys), keyList(names)];
  const run = await reader.text(RUN_MEMBER, LARGEST_RUN_TEXT);
  const yaml = await reader.text(PIPELINE_MEMBER, LARGEST_RUN_TEXT);
  const records = new Map<string, string>();
  for (const key of own) records.set(key, await reader.text(keyMember(key), LARGEST_RUN_TEXT));
  const results = await readResults(reader, wanted, trust);
  return { results, run: recordedRun(run, yaml, records, results) };
}

function keyList(list: unknown): readonly Key[] {
  if (!Array.isArray(list) || !list.every(isSha256))
    throw new Malformed("bundle.json is in no form that is known here");
  if (list.some((key, i) => i > 0 && byCodeUnit(list[i - 1], key) >= 0))
    throw new Malformed("its results are in no order");
  return list as string[] as Key[];
}

async function readResults(reader: BundleReader, keys: readonly Key[], trust: Trust): Promise<SharedResult[]> {
  const results: SharedResult[] = [];
  for (const key of keys) {
    const result = parseSharedResult(await reader.text(resultMember(key), LARGEST_RESULT_TEXT), key);
    const objection = trust.objection(result);
    if (objection !== null) throw new Malformed(`the result ${key.slice(0, 12)} ${objection}`);
    results.push(result);
  }
  return results;
}

async function readFiles(
  reader: BundleReader,
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
