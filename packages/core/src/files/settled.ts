import type { BigIntStats } from "node:fs";

const SECOND = 1_000_000_000n;
/** Kernels stamp files with a clock that ticks every 1 to 10 ms. */
const TICK = 20_000_000n;

/**
 * Whether a later write is sure to change what `stat` says. A file that was written in the same tick of the file system's
 * clock as it was hashed could be written again in that tick and look the same ("racily clean", as Git calls it).
 * @param hashedAt nanoseconds since 1970
 */
export function isSettled(stats: BigIntStats, hashedAt: bigint): boolean {
  // Times in whole seconds: a file system that knows no finer, perhaps only every second one.
  const tick = stats.ctimeNs % SECOND === 0n ? 2n * SECOND : TICK;
  return stats.mtimeNs + tick <= hashedAt && stats.ctimeNs + tick <= hashedAt;
}
