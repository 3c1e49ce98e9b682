import { rmdirSync, rmSync } from "node:fs";
import { basename, dirname } from "node:path";
import { heldFiles } from "./contents.js";
import { sweep } from "./owner.js";
import type { Store } from "./store.js";
import { HOUR } from "./uses.js";

/** A file that a download or a memo was being written to, and that a crash left. */
export const HALF_WRITTEN = 24 * HOUR;
/** Damaged files, and checkpoints that nobody came back to, and what is known of code that made no result in the store stay so long. */
const LEFT_BEHIND = 14 * 24 * HOUR;

/** What nobody would miss. */
export class Litter {
  files = 0;
  bytes = 0;
  readonly #dry: boolean;

  constructor(dry: boolean) {
    this.#dry = dry;
  }

  remove(path: string, bytes: number, how: () => void = () => rmSync(path, { force: true })): void {
    this.files++;
    this.bytes += bytes;
    if (this.#dry) return;
    try {
      how();
    } catch {
      // Next time.
    }
  }

  /** @param codes hashes of the code that results in the store were made by */
  async leftBehind(store: Store, codes: ReadonlySet<string>, now: number, breathe: () => Promise<void>): Promise<void> {
    if (!this.#dry) sweep(store.path("tmp"), store.fs);
    for (const name of ["quarantine", "checkpoints"]) {
      const folder = store.path(name);
      for (const { path, stats } of heldFiles(folder)) {
        await breathe();
        if (now - stats.mtimeMs > LEFT_BEHIND) this.remove(path, stats.size, () => removeWithFolders(path, folder));
      }
    }
    for (const { path, stats } of heldFiles(store.path("index", "code"))) {
      await breathe();
      const unused = !codes.has(basename(path, ".json"));
      if (unused && now - stats.mtimeMs > LEFT_BEHIND) this.remove(path, stats.size);
    }
    for (const { path, stats } of [...heldFiles(store.path("memo")), ...heldFiles(store.path("index"))]) {
      await breathe();
      if (path.endsWith(".tmp") && now - stats.mtimeMs > HALF_WRITTEN) this.remove(path, stats.size);
    }
  }
}

/** With the folders that it leaves empty, up to `top`. */
function removeWithFolders(path: string, top: string): void {
  rmSync(path, { force: true });
  try {
    for (let folder = dirname(path); folder !== top; folder = dirname(folder)) rmdirSync(folder);
  } catch {
    // There is something else in it.
  }
}
