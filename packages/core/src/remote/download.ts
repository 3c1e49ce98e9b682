/** @file Brings a result from a remote cache into the store: every byte verified, or nothing kept. */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, link, open } from "node:fs/promises";
import type { Key } from "../brands.js";
import type { StoredFile } from "../run/record.js";
import { commit } from "../store/commit.js";
import { type Entry, stagedPath } from "../store/entry.js";
import { errorCode } from "../store/fs.js";
import type { Store } from "../store/store.js";
import { Deadline } from "./deadline.js";
import { LARGEST_RESULT_TEXT, parseSharedResult, type SharedResult } from "./shared-result.js";
import type { Trust } from "./signature.js";
import { type Received, RemoteProblem, type RemoteStorage } from "./storage.js";
import { Malformed } from "./strict-json.js";

/** How far a remote cache is believed. */
export interface DownloadLimits {
  /** Milliseconds without a byte after which it is given up. */
  readonly timeout: number;
  /** Bytes of all files of one result. */
  readonly maxResultBytes: number;
}

/** Slower than this (bytes a millisecond) a remote cache is of no use, unless computing takes longer still. */
const SLOWEST = 256;

/** Files of a result that are fetched at the same time. */
const AT_ONCE = 4;

/** A result that is in the store now, and what it cost. */
export interface Downloaded {
  readonly entry: Entry;
  readonly bytes: number;
}

/**
 * Fetches the result of a key into the store. Null when the remote does not have it.
 * @throws RemoteProblem when it cannot be had, or must not be used; the reason of `signal` when that aborts.
 */
export async function downloadResult(
  storage: RemoteStorage,
  store: Store,
  key: Key,
  trust: Trust,
  limits: DownloadLimits,
  signal: AbortSignal,
): Promise<Downloaded | null> {
  const text = await fetchText(storage, key, limits, signal);
  if (text === null) return null;
  const result = checked(text, key, trust, limits);
  const staging = store.begin();
  try {
    const fetched = await fetchFiles(storage, store, result, staging, limits, signal);
    const { record, files, ...rest } = result;
    const { entry } = commit(store, staging, { ...rest, record, fileNames: files });
    return { entry, bytes: fetched + text.length };
  } finally {
    store.discard(staging);
  }
}

function checked(text: Buffer, key: Key, trust: Trust, { maxResultBytes }: DownloadLimits): SharedResult {
  let result: SharedResult;
  try {
    result = parseSharedResult(text.toString("utf8"), key);
  } catch (error) {
    if (error instanceof Malformed) throw new RemoteProblem("wrong", error.message);
    throw error;
  }
  const objection = trust.objection(result);
  if (objection !== null) throw new RemoteProblem("untrusted", `the result ${key.slice(0, 12)} ${objection}`);
  const size = sizeOf(result);
  if (size > maxResultBytes) {
    throw new RemoteProblem("wrong", `the result ${key.slice(0, 12)} claims ${size} bytes, more than is allowed`);
  }
  return result;
}

function sizeOf({ outputs }: SharedResult): number {
  return Object.values(outputs).reduce((sum, { files }) => sum + files.reduce((all, { size }) => all + size, 0), 0);
}

async function fetchText(
  storage: RemoteStorage,
  key: Key,
  { timeout }: DownloadLimits,
  signal: AbortSignal,
): Promise<Buffer | null> {
  const deadline = new Deadline(signal, timeout, (what) => new RemoteProblem("unavailable", what));
  deadline.within(4 * timeout);
  try {
    const received = await orAborted(storage.read("ac", key, deadline.signal), deadline.signal);
    if (received === null) return null;
    const chunks: Uint8Array[] = [];
    await each(received, LARGEST_RESULT_TEXT, deadline, async (chunk) => void chunks.push(chunk));
    return Buffer.concat(chunks);
  } finally {
    deadline.close();
  }
}

/** Brings all files into the staging folder, those that the store has from there. Gives the bytes that were sent. */
async function fetchFiles(
  storage: RemoteStorage,
  store: Store,
  { outputs, computeMs }: SharedResult,
  staging: string,
  limits: DownloadLimits,
  signal: AbortSignal,
): Promise<number> {
  const wanted = new Map<string, { readonly file: StoredFile; readonly paths: string[] }>();
  for (const [port, { files }] of Object.entries(outputs)) {
    for (const file of files) {
      const path = stagedPath(staging, port, file.name);
      const known = wanted.get(file.digest);
      if (known === undefined) wanted.set(file.digest, { file, paths: [path] });
      else known.paths.push(path);
    }
  }
  const queue = [...wanted.values()];
  const stop = new AbortController();
  const all = AbortSignal.any([signal, stop.signal]);
  let bytes = 0;
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { file, paths } = next;
      const [first, ...others] = paths;
      if (!(await takeFromStore(store, file, first))) {
        await fetchFile(storage, file, first, computeMs, limits, all);
        bytes += file.size;
      }
      for (const path of others) await copyFile(first, path, constants.COPYFILE_FICLONE);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, queue.length) }, worker));
  } catch (error) {
    // The others must not go on writing into a folder that is about to go.
    stop.abort(error);
    throw error;
  }
  return bytes;
}

async function takeFromStore(store: Store, { digest, size }: StoredFile, path: string): Promise<boolean> {
  if (store.blobProblem(digest, size) !== null) return false;
  const kept = store.blobPath(digest);
  return link(kept, path).then(
    () => true,
    () =>
      copyFile(kept, path).then(
        () => true,
        () => false,
      ),
  );
}

async function fetchFile(
  storage: RemoteStorage,
  { digest, size }: StoredFile,
  path: string,
  computeMs: number,
  { timeout }: DownloadLimits,
  signal: AbortSignal,
): Promise<void> {
  const what = `the file ${digest.slice(0, 12)}`;
  const deadline = new Deadline(signal, timeout, (why) => new RemoteProblem("unavailable", why));
  // Waiting must not take longer than computing would; but a fast stage with a large result gets a fair chance.
  deadline.within(2 * timeout + Math.max(computeMs, size / SLOWEST));
  try {
    const received = await orAborted(storage.read("cas", digest, deadline.signal), deadline.signal);
    if (received === null) throw new RemoteProblem("wrong", `${what} of a result is missing`);
    if (received.size !== null && received.size !== size) {
      await cancel(received);
      throw new RemoteProblem("wrong", `${what} has ${received.size} bytes where ${size} were expected`);
    }
    const hash = createHash("sha256");
    const handle = await open(path, "wx");
    let got = 0;
    try {
      await each(received, size, deadline, async (chunk) => {
        hash.update(chunk);
        await handle.writeFile(chunk);
        got += chunk.length;
      });
    } finally {
      await handle.close();
    }
    if (got !== size) throw new RemoteProblem("unavailable", `${what} ended after ${got} of ${size} bytes`);
    if (hash.digest("hex") !== digest) throw new RemoteProblem("wrong", `${what} holds other bytes than its name says`);
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    throw new RemoteProblem("local", `${what} cannot be written here (${errorCode(error)})`);
  } finally {
    deadline.close();
  }
}

/** Hands over each piece of a body, at most `most` bytes in all. */
async function each(
  received: Received,
  most: number,
  deadline: Deadline,
  take: (chunk: Uint8Array) => Promise<void>,
): Promise<void> {
  const iterator = received.body[Symbol.asyncIterator]();
  let bytes = 0;
  try {
    for (;;) {
      // A storage may not hear the signal while it waits for the next piece.
      const { done, value } = await orAborted(iterator.next(), deadline.signal);
      if (done === true) return;
      deadline.touch();
      bytes += value.length;
      if (bytes > most) throw new RemoteProblem("wrong", `it sends more than the ${most} bytes that were expected`);
      await take(value);
    }
  } finally {
    // Not waited for: what hangs may hang here too.
    iterator.return?.().then(undefined, () => {});
  }
}

async function cancel({ body }: Received): Promise<void> {
  await body[Symbol.asyncIterator]().return?.();
}

/** Settles with the promise, or with the reason of the signal when that comes first. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
