import { rmdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { heldFiles } from "./contents.js";
import { sweep } from "./owner.js";
import type { Store } from "./store.js";
import { HOUR } from "./uses.js";

/** A file that a download or a memo was being written to, and that a crash left. */
export const HALF_WRITTEN = 24 * HOUR;
/** Damaged files, and checkpoints that nobody came back to, stay so long. */
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

  async leftBehind(store: Store, now: number, breathe: () => Promise<void>): Promise<void> {
    if (!this.#dry) sweep(store.path("tmp"), store.fs);
    for (const folder of ["quarantine", "checkpoints"]) {
      for (const { path, stats } of heldFiles(store.path(folder))) {
        await breathe();
        if (now - stats.mtimeMs > LEFT_BEHIND) this.remove(path, stats.size, () => removeWithFolder(path));
      }
    }
    for (const { path, stats } of [...heldFiles(store.path("memo")), ...heldFiles(store.path("index"))]) {
      await breathe();
      if (path.endsWith(".tmp") && now - stats.mtimeMs > HALF_WRITTEN) this.remove(path, stats.size);
    }
  }
}

function removeWithFolder(path: string): void {
  rmSync(path, { force: true });
  try {
    rmdirSync(dirname(path)); // when it was the last
  } catch {
    // It was not.
  }
}
