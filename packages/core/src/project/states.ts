/**
 * @file Whether files are as they were: by what `stat` says where that is sure, else by their content. It is what lets a run
 * with nothing to do pass over the bundler.
 */
import { type BigIntStats, readdirSync, readFileSync, statSync } from "node:fs";
import { isSettled } from "../files/settled.js";
import { sha256 } from "../keys/record.js";

/** A file or folder, what `stat` said of it, and the digest of its content (of a folder: of the names in it). */
export type FileState = readonly [path: string, state: string, digest: string];

/**
 * The states of files, as they are now. Files that are not there count by their absence. Null when one was written since
 * `started` (milliseconds since 1970): then nobody knows which content was looked at.
 */
export function statesOf(paths: readonly string[], started: number): FileState[] | null {
  const states = [...new Set(paths)].sort().map(stateOf);
  const late = paths.some((path) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isFile() === true && stats.mtimeMs >= started;
  });
  return late ? null : states;
}

/**
 * Whether none of these changed in content. `refreshed` has the states as they are now, where `stat` says something else than
 * before although the content is the same.
 */
export function compareStates(states: readonly FileState[]): {
  readonly same: boolean;
  readonly refreshed: FileState[] | null;
} {
  let refreshed: FileState[] | null = null;
  for (const [at, [path, state, digest]] of states.entries()) {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    if (state !== UNSETTLED && stats !== undefined && textOf(stats) === state) continue;
    const now = stateOf(path);
    if (now[2] !== digest) return { same: false, refreshed: null };
    if (now[1] === state) continue;
    refreshed ??= [...states];
    refreshed[at] = now;
  }
  return { same: true, refreshed };
}

/** A file that was written so shortly before that the next write might leave the same times. */
const UNSETTLED = "?";
const ABSENT = "absent";

function stateOf(path: string): FileState {
  const before = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (before === undefined) return [path, UNSETTLED, ABSENT];
  const now = BigInt(Date.now()) * 1_000_000n;
  const digest = sha256(before.isDirectory() ? readdirSync(path).sort().join("\n") : readFileSync(path));
  return [path, isSettled(before, now) ? textOf(before) : UNSETTLED, digest];
}

function textOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
}
