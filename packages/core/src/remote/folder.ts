/** @file A remote cache in a folder that others see too: a network drive, or what `seqloom cache serve` serves. */
import { createWriteStream } from "node:fs";
import { link, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { errorCode } from "../store/fs.js";
import { stagingName } from "../store/owner.js";
import { type Area, type Received, RemoteProblem, type RemoteStorage, type Sent } from "./storage.js";

/** Files at `<area>/<first two digits>/<name>`. Written beside, then linked: a name never holds half a file. */
export class FolderStorage implements RemoteStorage {
  readonly label: string;
  readonly #folder: string;

  constructor(folder: string) {
    this.label = folder;
    this.#folder = folder;
  }

  /** Where something is, whether it is there or not. */
  pathOf(area: Area, name: string): string {
    return join(this.#folder, area, name.slice(0, 2), name);
  }

  async find(area: Area, name: string): Promise<number | null> {
    try {
      const found = await stat(this.pathOf(area, name));
      return found.isFile() ? found.size : null;
    } catch (error) {
      if (errorCode(error) === "ENOENT") return null;
      throw unavailable(error);
    }
  }

  async read(area: Area, name: string, signal: AbortSignal): Promise<Received | null> {
    try {
      const handle = await open(this.pathOf(area, name), "r");
      const { size } = await handle.stat();
      return { size, body: handle.createReadStream({ signal }) };
    } catch (error) {
      if (errorCode(error) === "ENOENT") return null;
      throw unavailable(error);
    }
  }

  async write(area: Area, name: string, sent: Sent, signal: AbortSignal): Promise<boolean> {
    const path = this.pathOf(area, name);
    const temporary = join(this.#folder, "tmp", stagingName());
    try {
      await mkdir(dirname(temporary), { recursive: true });
      await mkdir(dirname(path), { recursive: true });
      await pipeline(sent.open(), createWriteStream(temporary, { flags: "wx" }), { signal });
      return await publish(temporary, path);
    } catch (error) {
      if (signal.aborted || error instanceof RemoteProblem) throw signal.aborted ? signal.reason : error;
      throw unavailable(error);
    } finally {
      await rm(temporary, { force: true }).catch(() => {});
    }
  }
}

/** Gives a finished file its name, unless the name is taken. */
export async function publish(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    // Some network drives know no links. Two writers of one name write the same there.
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(errorCode(error) ?? "")) throw error;
    if (
      await stat(path).then(
        () => true,
        () => false,
      )
    )
      return false;
    await rename(temporary, path);
    return true;
  }
}

function unavailable(error: unknown): RemoteProblem {
  const code = errorCode(error);
  const denied = code === "EACCES" || code === "EPERM" || code === "EROFS";
  return new RemoteProblem(denied ? "denied" : "unavailable", `its folder says ${code ?? (error as Error).message}`);
}
