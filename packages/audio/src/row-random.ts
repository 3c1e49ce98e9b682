import { createHash } from "node:crypto";
import type { Random } from "@seqloom/core";

/**
 * A stream of randomness of a row: of the stage's stream and of what is in the row, so that a row is treated the same whatever
 * rows stand beside it.
 */
export function randomOfRow(random: Random, values: Float32Array): Random {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return random.fork(createHash("sha256").update(bytes).digest("hex"));
}
