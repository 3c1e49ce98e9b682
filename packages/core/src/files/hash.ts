import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import type { Digest } from "../brands.js";

const CHUNK = 1 << 20;

/**
 * SHA-256 of the content of a file, read in pieces, so that its size does not matter.
 * @throws the system's error when it cannot be read; the reason of `signal` when that aborts.
 */
export async function hashFile(path: string, signal?: AbortSignal): Promise<Digest> {
  const hash = createHash("sha256");
  const handle = await open(path, "r");
  try {
    // A small file must not pay for a large buffer: a data set can be tens of thousands of them.
    const { size } = await handle.stat();
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK, size + 1));
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
  return hash.digest("hex") as Digest;
}
