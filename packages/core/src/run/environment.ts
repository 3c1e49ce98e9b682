import { availableParallelism, release, type as systemName, totalmem } from "node:os";
import { DEFAULT_DEVICE } from "../plan/planner.js";
import type { RunOptions } from "./run.js";
import { VERSION } from "./version.js";

/** The machine and the software, for a record. Part of no key: what a result depends on is in the key of its stage. */
export function environmentOf({
  device,
  concurrency,
  threads,
}: Pick<RunOptions, "device" | "concurrency" | "threads">): Record<string, string | number> {
  const cores = concurrency ?? availableParallelism();
  const { node, icu, unicode } = process.versions;
  return {
    seqloom: VERSION,
    node,
    ...(icu !== undefined && { icu }),
    ...(unicode !== undefined && { unicode }),
    platform: process.platform,
    arch: process.arch,
    system: `${systemName()} ${release()}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    cores,
    threads: threads ?? (Number(process.env.SEQLOOM_THREADS) || cores),
    device: device ?? DEFAULT_DEVICE,
  };
}
