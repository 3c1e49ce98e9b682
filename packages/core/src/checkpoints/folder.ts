/**
 * @file Checkpoints on disk: `checkpoints/<ab>/<key>/<step>/` in the store, a folder each, with its files and
 * `checkpoint.json`, which names the digest of every file and of itself. A checkpoint is written elsewhere and renamed
 * into place as the last step, so a half-written one has no name that anybody looks for; one that was damaged later is
 * found out by its digests, and the one before it is taken.
 */
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { EncodedFile } from "../artifacts/artifact.js";
import type { Digest, Key } from "../brands.js";
import { sha256 } from "../keys/record.js";
import type { EpochRecord } from "../run/record.js";
import { parseJson } from "../store/entry.js";
import { errorCode } from "../store/fs.js";
import type { Store } from "../store/store.js";

/** So many checkpoints of a stage are kept: the newest, and one to fall back on. */
const KEPT = 2;

const SCHEMA = "checkpoint/1";
const MANIFEST = "checkpoint.json";

/** What is told to people of the work so far; it reaches no result. */
export interface Told {
  readonly epochs: readonly EpochRecord[];
  /** Milliseconds that the work took so far, those of earlier runs included. */
  readonly ms: number;
  /** Of these, since the last epoch ended. */
  readonly epochMs: number;
}

/** A checkpoint as it lies on disk. */
export interface StoredCheckpoint {
  /** How far the work was, as a number that grows with it. */
  readonly step: number;
  /** How far the work was, in words. */
  readonly at: string;
  readonly told: Told;
  readonly files: readonly EncodedFile[];
}

interface Manifest extends Omit<StoredCheckpoint, "files"> {
  readonly schema: typeof SCHEMA;
  readonly key: string;
  readonly files: readonly { readonly name: string; readonly digest: Digest }[];
}

/** The folder of the checkpoints of a key. */
export function checkpointFolder(store: Pick<Store, "path">, key: Key): string {
  return store.path("checkpoints", key.slice(0, 2), key);
}

/** Removes the checkpoints of a key: its result is there, or they are not to be used. */
export function removeCheckpoints(store: Store, key: Key): void {
  try {
    store.fs.remove(checkpointFolder(store, key));
  } catch {
    // Garbage at worst: a result that is in the store is never made from checkpoints again.
  }
}

/** Keeps a checkpoint, and removes all but the newest. `staging` is a new path on the same file system. */
export async function writeCheckpoint(
  folder: string,
  key: string,
  { files, ...rest }: StoredCheckpoint,
  staging: string,
): Promise<void> {
  await mkdir(staging, { recursive: true });
  try {
    const named: Manifest["files"][number][] = [];
    for (const { name, bytes } of files) {
      if (!isFileName(name)) throw new Error(`"${name}" cannot be the name of a file of a checkpoint`);
      await writeDurably(join(staging, name), bytes);
      named.push({ name, digest: sha256(bytes) });
    }
    const text = JSON.stringify({ schema: SCHEMA, key, ...rest, files: named } satisfies Manifest);
    await writeDurably(join(staging, MANIFEST), Buffer.from(`${sha256(text)}\n${text}`));
    await moveInto(staging, join(folder, nameOf(rest.step)));
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  for (const old of (await stepsIn(folder)).slice(KEPT)) await rm(join(folder, old), { recursive: true, force: true });
}

/**
 * The newest checkpoint of a key whose bytes are what was written, or null. Those that are damaged are removed.
 * @param onDamaged is told of each of these.
 */
export async function readNewest(
  folder: string,
  key: string,
  onDamaged: (step: number) => void,
): Promise<StoredCheckpoint | null> {
  for (const name of await stepsIn(folder)) {
    const found = await readCheckpoint(join(folder, name), key).catch(() => null);
    if (found?.step === Number(name)) return found;
    onDamaged(Number(name));
    await rm(join(folder, name), { recursive: true, force: true }).catch(() => {});
  }
  return null;
}

async function readCheckpoint(folder: string, key: string): Promise<StoredCheckpoint | null> {
  const [digest, text = ""] = (await readFile(join(folder, MANIFEST), "utf8")).split("\n", 2);
  const manifest = parseJson(text) as Manifest | null;
  if (sha256(text) !== digest || manifest?.schema !== SCHEMA || manifest.key !== key) return null;
  const files: EncodedFile[] = [];
  for (const { name, digest: expected } of manifest.files) {
    if (!isFileName(name)) return null;
    const bytes = await readFile(join(folder, name));
    if (sha256(bytes) !== expected) return null;
    files.push({ name, bytes });
  }
  const { step, at, told } = manifest;
  return { step, at, told, files };
}

/** On the disk, and not only on its way there, before the checkpoint gets its name. */
async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Another process that does the same work may have kept the same checkpoint: theirs is as good. */
async function moveInto(from: string, to: string, again = true): Promise<void> {
  try {
    await mkdir(dirname(to), { recursive: true });
    await rename(from, to);
  } catch (error) {
    // Garbage collection may take the folder away between the two, because it was empty.
    if (errorCode(error) === "ENOENT" && again) return moveInto(from, to, false);
    if (!["EEXIST", "ENOTEMPTY", "EPERM"].includes(errorCode(error) ?? "")) throw error;
  }
}

/** The names of the checkpoints in a folder, the newest first. */
async function stepsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  return names
    .filter((name) => /^\d{15}$/.test(name))
    .sort()
    .reverse();
}

function isFileName(name: string): boolean {
  return /^[\w-][\w.-]*$/.test(name) && name !== MANIFEST;
}

function nameOf(step: number): string {
  return String(step).padStart(15, "0");
}
