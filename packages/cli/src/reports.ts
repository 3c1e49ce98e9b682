/**
 * @file Which report shows which results. A run that changed nothing needs no report of its own: the one that shows the
 * same results is found by the digest of all keys.
 */
import { existsSync, readFileSync } from "node:fs";
import type { RunRecord, Store } from "@seqloom/core/engine";
import { sha256, writeRun } from "@seqloom/core/start";

/** Raised when reports look different, so that old ones are not handed out as new. */
const FORMAT = "report/4";

/** The path of an earlier report of the same results, or null. */
export function knownReport(store: Store, record: RunRecord): string | null {
  try {
    const { report } = JSON.parse(readFileSync(indexPath(store, record), "utf8")) as { readonly report?: unknown };
    return typeof report === "string" && existsSync(report) ? report : null;
  } catch {
    return null;
  }
}

/** Draws the report of a run beside its record, and remembers it. */
export async function makeReport(store: Store, record: RunRecord): Promise<string> {
  const [{ writeReport }, { readStoredPart }] = await Promise.all([
    import("@seqloom/report"),
    import("@seqloom/core/engine"),
  ]);
  const path = store.path("runs", record.run, "report.html");
  await writeReport({ ...record, report: path }, path, (output, part) => readStoredPart(store, output, part));
  if (record.status === "succeeded") store.writeFile(indexPath(store, record), JSON.stringify({ report: path }));
  return path;
}

/** Puts the path of the report into the stored record. */
export function linkReport(store: Store, record: RunRecord, report: string): RunRecord {
  const linked = { ...record, report };
  writeRun(store, linked);
  return linked;
}

function indexPath(store: Store, { pipeline, stages }: RunRecord): string {
  const parts = [FORMAT, pipeline.name, ...stages.flatMap(({ name, key }) => [name, key ?? ""])];
  return store.path("index", "reports", `${sha256(JSON.stringify(parts)).slice(0, 32)}.json`);
}
