import { parseJson } from "../store/entry.js";
import { readText, type Store } from "../store/store.js";
import type { SweepRecord } from "./record.js";

/** The path of the record of a sweep. */
export function sweepPath(store: Store, sweep: string): string {
  return store.path("runs", sweep, "sweep.json");
}

/** Writes the record of a sweep. */
export function writeSweep(store: Store, record: SweepRecord): void {
  store.writeFile(sweepPath(store, record.sweep), JSON.stringify(record));
}

/** The record of a sweep; null when there is none with this id. */
export function findSweep(store: Store, id: string): SweepRecord | null {
  if (!/^[0-9A-Z]{26}$/.test(id)) return null;
  const record = parseJson(readText(sweepPath(store, id)) ?? "") as Partial<SweepRecord> | null;
  return record?.schema === 1 && Array.isArray(record.points) ? (record as SweepRecord) : null;
}
