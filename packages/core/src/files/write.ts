import { readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeFolder } from "../store/fs.js";

/** Writes a file of derived data, whole or not at all. False when it cannot be written: that costs time, not correctness. */
export function writeDerived(path: string, text: string): boolean {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    makeFolder(dirname(path));
    writeFileSync(temporary, text);
    renameSync(temporary, path);
    return true;
  } catch {
    try {
      rmSync(temporary, { force: true });
    } catch {
      // Not even a folder is there to clean.
    }
    return false;
  }
}

/** Removes the oldest files of a folder of derived data past so many. */
export function keepNewest(folder: string, count: number): void {
  try {
    const names = readdirSync(folder);
    if (names.length <= count) return;
    const aged = names.map((name) => ({ path: join(folder, name), time: statSync(join(folder, name)).mtimeMs }));
    aged.sort((a, b) => a.time - b.time);
    for (const { path } of aged.slice(0, names.length - count)) rmSync(path, { force: true });
  } catch {
    // Another process does the same.
  }
}
