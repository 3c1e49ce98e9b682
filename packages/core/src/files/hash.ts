import { createHash } from "node:crypto";
import type { Digest } from "../brands.js";
import { blocksOf } from "./blocks.js";

/**
 * SHA-256 of the content of a file, read in pieces, so that its size does not matter.
 * @throws the system's error when it cannot be read; the reason of `signal` when that aborts.
 */
export async function hashFile(path: string, signal?: AbortSignal): Promise<Digest> {
  const hash = createHash("sha256");
  signal?.throwIfAborted();
  for await (const block of blocksOf(path)) {
    signal?.throwIfAborted();
    hash.update(block);
  }
  return hash.digest("hex") as Digest;
}
