import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { fail, type ResolvedFile } from "@seqloom/core";

const unzip = promisify(gunzip);

/**
 * The content of a file, unpacked if it is gzip: known by its first bytes, whatever its name.
 * @throws DiagnosticError `file-empty` when there is nothing in it and that is not `allowed` (`false` says that it could be), `file-gzip` when it is damaged.
 */
export async function readBytes(file: ResolvedFile, signal: AbortSignal, allowed?: boolean): Promise<Buffer> {
  const bytes = await readFile(file.path, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
  const content = bytes[0] === 0x1f && bytes[1] === 0x8b ? await unpack(bytes, file.name) : bytes;
  if (content.length === 0 && allowed !== true) {
    throw fail("file-empty", `"${file.name}" is empty`, {
      hint: `Was it written to the end? ${allowed === false ? KEEP : "A loader needs at least one row."}`,
    });
  }
  return content;
}

const KEEP = "If a text may be empty, set empty: keep.";

async function unpack(bytes: Buffer, name: string): Promise<Buffer> {
  try {
    return await unzip(bytes);
  } catch (error) {
    throw fail("file-gzip", `"${name}" begins as a gzip file but cannot be unpacked: ${(error as Error).message}`, {
      hint: "The file is cut short or damaged: copy or download it again.",
    });
  }
}
