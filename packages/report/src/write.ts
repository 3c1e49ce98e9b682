import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { RunRecord } from "@seqloom/core";
import { renderReport } from "./page.js";
import type { ReadPart } from "./sound/part.js";

/**
 * Writes the report of a run to a file, in one step: a reader sees the old report, none, or the whole new one.
 * @throws The system's error when the file cannot be written.
 */
export async function writeReport(record: RunRecord, path: string, read?: ReadPart): Promise<void> {
  await writePage(await renderReport(record, read), path);
}

/** Writes a page in one step. */
export async function writePage(page: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, page);
  await rename(temporary, path);
}
