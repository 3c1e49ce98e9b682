/** @file The folder behind `seqloom cache serve`: takes only what is whole, fits its name, and is not there yet. */
import { createHash } from "node:crypto";
import { createReadStream, readdirSync, statSync } from "node:fs";
import { mkdir, open, readFile, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Key } from "../brands.js";
import { errorCode, nodeFs } from "../store/fs.js";
import { stagingName, sweep } from "../store/owner.js";
import { FolderStorage, publish } from "./folder.js";
import { filesOf, LARGEST_RESULT_TEXT, parseSharedResult } from "./shared-result.js";
import type { Trust } from "./signature.js";
import type { Area } from "./storage.js";
import { Malformed } from "./strict-json.js";

/** How much is taken. */
export interface ServedLimits {
  /** Bytes of one file. */
  readonly maxFileBytes: number;
  /** Bytes of all files together. */
  readonly maxTotalBytes: number;
}

/**
 * What became of an upload. `taken`: something has this name already, and stays. `wrong`: it is not what its name says.
 * `untrusted`: it is not signed by a key that is trusted.
 */
export type Stored =
  | { readonly outcome: "stored" | "taken" }
  | { readonly outcome: "wrong" | "untrusted" | "too-large" | "full"; readonly why: string };

/** Results and files for others, at the same paths as {@link FolderStorage} has them. */
export class ServedFolder {
  readonly #folder: string;
  readonly #storage: FolderStorage;
  readonly #limits: ServedLimits;
  readonly #trust: Trust;
  #bytes: number;

  /** Opens the folder, which is made when something is stored. Removes what uploads of dead servers left. */
  constructor(folder: string, limits: ServedLimits, trust: Trust) {
    this.#folder = folder;
    this.#storage = new FolderStorage(folder);
    this.#limits = limits;
    this.#trust = trust;
    sweep(join(folder, "tmp"), nodeFs);
    this.#bytes = bytesIn(join(folder, "ac")) + bytesIn(join(folder, "cas"));
  }

  /** Bytes that are stored. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The size of what is there; null when it is not. */
  find(area: Area, name: string): Promise<number | null> {
    return this.#storage.find(area, name);
  }

  /** Bytes `start` to `end`, both included, of what is there. */
  read(area: Area, name: string, start: number, end: number) {
    return createReadStream(this.#storage.pathOf(area, name), { start, end });
  }

  /** Takes an upload: written aside, checked, then given its name by one link. */
  async write(area: Area, name: string, body: AsyncIterable<Uint8Array>): Promise<Stored> {
    const temporary = join(this.#folder, "tmp", stagingName());
    await mkdir(dirname(temporary), { recursive: true });
    const taken = { bytes: 0, kept: false };
    try {
      const received = await this.#receive(area, temporary, body, taken);
      if ("outcome" in received) return received;
      const problem =
        area === "cas"
          ? wrongFile(received.digest, name)
          : await this.#wrongResult(await readFile(temporary, "utf8"), name as Key);
      if (problem !== null) return problem;
      const path = this.#storage.pathOf(area, name);
      await mkdir(dirname(path), { recursive: true });
      if (!(await publish(temporary, path))) return { outcome: "taken" };
      taken.kept = true;
      return { outcome: "stored" };
    } catch (error) {
      if (errorCode(error) === "ENOSPC") return { outcome: "full", why: "the disk is full" };
      throw error;
    } finally {
      if (!taken.kept) this.#bytes -= taken.bytes;
      await rm(temporary, { force: true });
    }
  }

  async #receive(
    area: Area,
    path: string,
    body: AsyncIterable<Uint8Array>,
    taken: { bytes: number },
  ): Promise<Stored | { readonly digest: string }> {
    const most = area === "cas" ? this.#limits.maxFileBytes : LARGEST_RESULT_TEXT;
    const hash = createHash("sha256");
    const handle = await open(path, "wx");
    try {
      for await (const chunk of body) {
        // Counted as it comes: uploads at the same time share what room there is.
        taken.bytes += chunk.length;
        this.#bytes += chunk.length;
        if (taken.bytes > most) return { outcome: "too-large", why: `more than ${most} bytes` };
        if (this.#bytes > this.#limits.maxTotalBytes) return { outcome: "full", why: "the cache is full" };
        hash.update(chunk);
        await handle.writeFile(chunk);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    return { digest: hash.digest("hex") };
  }

  /** A result must hold together, and all its files must be here before it. */
  async #wrongResult(text: string, key: Key): Promise<Stored | null> {
    try {
      const result = parseSharedResult(text, key);
      const objection = this.#trust.objection(result);
      if (objection !== null) return { outcome: "untrusted", why: `the result ${objection}` };
      for (const { digest, size } of filesOf(result)) {
        const there = await stat(this.#storage.pathOf("cas", digest)).then(
          (found) => found.size,
          () => -1,
        );
        if (there !== size) return { outcome: "wrong", why: `its file ${digest} was not sent before it` };
      }
      return null;
    } catch (error) {
      if (error instanceof Malformed) return { outcome: "wrong", why: error.message };
      throw error;
    }
  }
}

function wrongFile(digest: string, name: string): Stored | null {
  return digest === name ? null : { outcome: "wrong", why: `its SHA-256 is ${digest}` };
}

function bytesIn(folder: string): number {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive: true }).reduce(
      (sum, item) => sum + (item.isFile() ? statSync(join(item.parentPath, item.name)).size : 0),
      0,
    );
  } catch {
    return 0;
  }
}
