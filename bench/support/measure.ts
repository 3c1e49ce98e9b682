/** @file What all benchmarks share: the form of a comparison, the median, and where peers and data are. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** One measured figure and its peer's, both in `unit`. For times a ratio below 1 means that ours takes less. */
export interface Comparison {
  readonly bench: string;
  readonly ours: number;
  readonly peer: number | null;
  readonly unit: string;
  readonly ratio: number | null;
  readonly note?: string;
}

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** The folder of the peers' scripts: `SEQLOOM_PEERS`, or `../shared/peers` beside the checkout; null when there is none. */
export function peersFolder(): string | null {
  const folder = process.env.SEQLOOM_PEERS ?? resolve(root, "../shared/peers");
  return existsSync(folder) ? folder : null;
}

/** The folder of the data sets: `SEQLOOM_MIRROR`, or `../shared/data` beside the checkout; null when there is none. */
export function dataFolder(): string | null {
  const folder = process.env.SEQLOOM_MIRROR ?? resolve(root, "../shared/data");
  return existsSync(folder) ? folder : null;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** A comparison of two figures; without a peer it says why. */
export function compared(bench: string, unit: string, ours: number, peer: number | null, note?: string): Comparison {
  const ratio = peer === null ? null : ours / peer;
  return { bench, ours, peer, unit, ratio, ...(note === undefined ? {} : { note }) };
}
