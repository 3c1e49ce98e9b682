import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

/**
 * The calls that change the store, and no others. They stand behind an interface so that tests can let each of them fail,
 * or kill the process at it.
 */
export interface StoreFs {
  makeFolder(path: string): void;
  write(path: string, text: string): void;
  /** Makes a file read-only. */
  seal(path: string): void;
  /** Renames; what is at `to` is replaced at once. */
  move(from: string, to: string): void;
  /** Gives a file a second name; fails with EEXIST when `to` is taken. */
  link(from: string, to: string): void;
  append(path: string, text: string): void;
  /** Sets the time of a file, milliseconds since 1970. */
  touch(path: string, time: number): void;
  /** Removes a file or a folder with all that is in it; nothing there is fine. */
  remove(path: string): void;
}

/** The real file system. */
export const nodeFs: StoreFs = {
  makeFolder,
  write: (path, text) => writeFileSync(path, text),
  seal: (path) => chmodSync(path, 0o444),
  move: (from, to) => renameSync(from, to),
  link: (from, to) => linkSync(from, to),
  append: (path, text) => appendFileSync(path, text),
  touch: (path, time) => utimesSync(path, time / 1000, time / 1000),
  remove: (path) => rmSync(path, { recursive: true, force: true }),
};

/**
 * Makes a folder with those above it; one that is there is fine. Node's own way to do so never ends where a folder cannot be
 * made although the one above it is there, as in /proc.
 */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
    if (errorCode(error) !== "ENOENT" || dirname(path) === path) throw error;
    makeFolder(dirname(path));
    try {
      mkdirSync(path);
    } catch (second) {
      // Another process may have been faster.
      if (errorCode(second) !== "EEXIST") throw second;
    }
  }
}

/** The system's code of an error, such as ENOENT, or undefined. */
export function errorCode(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}
