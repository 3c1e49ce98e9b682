/** @file Mirror folders: copies of files that pipelines name by URL, found by their SHA-256. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Digest } from "../brands.js";
import { parseChecksums } from "./checksums.js";
import type { FileMemo } from "./memo.js";

/** Looks files up in mirror folders. A folder is indexed at the first look-up, once. */
export class Mirrors {
  readonly #folders: readonly string[];
  readonly #memo: FileMemo;
  readonly #indexes = new Map<string, Promise<ReadonlyMap<string, readonly string[]>>>();

  constructor(folders: readonly string[], memo: FileMemo) {
    this.#folders = folders.filter((folder) => folder !== "");
    this.#memo = memo;
  }

  /** The folders that are not there, for the message when a file cannot be had. */
  get missing(): readonly string[] {
    return this.#folders.filter((folder) => !statSync(folder, { throwIfNoEntry: false })?.isDirectory());
  }

  /** The path of a file with this content, or undefined. The content is checked: a list may be out of date. */
  async find(sha256: string, signal: AbortSignal): Promise<string | undefined> {
    for (const folder of this.#folders) {
      const paths = (await this.#index(folder, signal)).get(sha256) ?? [];
      for (const path of paths) {
        if (!statSync(path, { throwIfNoEntry: false })?.isFile()) continue;
        if ((await this.#memo.digest(path, signal)) === sha256) return path;
      }
    }
    return undefined;
  }

  #index(folder: string, signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>> {
    let index = this.#indexes.get(folder);
    if (index === undefined) {
      index = indexOf(folder, this.#memo, signal);
      this.#indexes.set(folder, index);
    }
    return index;
  }
}

async function indexOf(folder: string, memo: FileMemo, signal: AbortSignal) {
  const index = new Map<string, string[]>();
  const add = (digest: string, path: string): void => {
    const known = index.get(digest);
    if (known === undefined) index.set(digest, [path]);
    else known.push(path);
  };
  for (const [digest, name] of listed(folder) ?? (await hashed(folder, memo, signal))) add(digest, join(folder, name));
  return index;
}

/** What `SHA256SUMS` of a folder says, if it is there. */
function listed(folder: string): [string, string][] | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, "SHA256SUMS"), "utf8");
  } catch {
    return undefined;
  }
  return parseChecksums(text).map(({ sha256, name }) => [sha256, name]);
}

/** A folder without a list: every file in it is read once; the memo keeps what was found. */
async function hashed(folder: string, memo: FileMemo, signal: AbortSignal): Promise<[string, string][]> {
  const found: [Digest, string][] = [];
  let names: string[];
  try {
    names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  } catch {
    return [];
  }
  for (const name of names) {
    const path = join(folder, name);
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) found.push([await memo.digest(path, signal), name]);
  }
  return found;
}
