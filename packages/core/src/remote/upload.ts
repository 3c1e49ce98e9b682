/** @file Gives results of this store to a remote cache: files first, then the entry that names them. */
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { sha256 } from "../keys/record.js";
import type { Entry } from "../store/entry.js";
import type { Store } from "../store/store.js";
import { Deadline } from "./deadline.js";
import { orAborted } from "./download.js";
import { filesOf, sharedResultOf, sharedText } from "./shared-result.js";
import type { Signer } from "./signature.js";
import { type Area, RemoteProblem, type RemoteStorage, type Sent } from "./storage.js";

/** Slower than this, in bytes a millisecond, an upload is given up. */
const SLOWEST = 64;

/** What an upload did; `there` when the remote had the result already. */
export interface Uploaded {
  readonly there: boolean;
  readonly bytes: number;
}

/**
 * Publishes a result, unless the remote has one for its key. Null when it cannot be shared.
 * @throws RemoteProblem when the remote does not take it; the reason of `signal` when that aborts.
 */
export async function uploadResult(
  storage: RemoteStorage,
  store: Store,
  entry: Entry,
  signer: Signer | null,
  timeout: number,
  signal: AbortSignal,
): Promise<Uploaded | null> {
  const stored = store.storedKey(entry.key);
  const plain = stored === null ? null : sharedResultOf(entry, stored);
  if (plain === null) return null;
  if ((await find(storage, "ac", entry.key, timeout, signal)) !== null) return { there: true, bytes: 0 };
  let bytes = 0;
  for (const { digest, size } of filesOf(plain)) {
    bytes += await once(storage, digest, async () => {
      const there = await find(storage, "cas", digest, timeout, signal);
      if (there === size || there === -1) return 0;
      const path = store.blobPath(digest);
      await write(storage, "cas", digest, { size, digest, open: () => createReadStream(path) }, timeout, signal);
      return size;
    });
  }
  const text = Buffer.from(sharedText(signer === null ? plain : signer.sign(plain)));
  const sent: Sent = { size: text.length, digest: sha256(text), open: () => Readable.from([text]) };
  const first = await write(storage, "ac", entry.key, sent, timeout, signal);
  return { there: !first, bytes: first ? bytes + text.length : bytes };
}

/** Files that are on their way, of each remote: results that end at the same time may have one in common. */
const underWay = new WeakMap<RemoteStorage, Map<string, Promise<number>>>();

/** Sends a file; where it is on its way already, waits until it is there. Gives the bytes that this call sent. */
async function once(storage: RemoteStorage, digest: string, send: () => Promise<number>): Promise<number> {
  const files = underWay.get(storage) ?? new Map<string, Promise<number>>();
  underWay.set(storage, files);
  const other = files.get(digest);
  if (other !== undefined) {
    await other;
    return 0;
  }
  const own = send();
  files.set(digest, own);
  try {
    return await own;
  } finally {
    files.delete(digest);
  }
}

function find(
  storage: RemoteStorage,
  area: Area,
  name: string,
  timeout: number,
  signal: AbortSignal,
): Promise<number | null> {
  return limited(signal, timeout, (own) => storage.find(area, name, own));
}

function write(
  storage: RemoteStorage,
  area: Area,
  name: string,
  sent: Sent,
  timeout: number,
  signal: AbortSignal,
): Promise<boolean> {
  return limited(signal, 2 * timeout + sent.size / SLOWEST, (own) => storage.write(area, name, sent, own));
}

/** Ends an action that takes too long. */
async function limited<T>(
  signal: AbortSignal,
  milliseconds: number,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new Deadline(signal, milliseconds, (what) => new RemoteProblem("unavailable", what));
  try {
    return await orAborted(action(deadline.signal), deadline.signal);
  } finally {
    deadline.close();
  }
}
