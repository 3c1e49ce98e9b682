import type { RunId } from "../brands.js";
import { fail } from "../diagnostics/diagnostic.js";
import { readRun } from "../run/records.js";
import { namesIn } from "./contents.js";
import { guarded } from "./errors.js";
import type { Store } from "./store.js";

/**
 * Keeps the results of a run from being collected, until it is unpinned.
 * @throws DiagnosticError `unknown-run`, `store-not-writable`, ….
 */
export function pinRun(store: Store, run: string, now = new Date()): void {
  readRun(store, run);
  store.writeFile(pinPath(store, run), JSON.stringify({ run, pinnedAt: now.toISOString() }));
}

/** @throws DiagnosticError `not-pinned`, `store-not-writable`, …. */
export function unpinRun(store: Store, run: string): void {
  if (!pinnedRuns(store).includes(run as RunId)) {
    throw fail("not-pinned", `run ${run} is not pinned`, { hint: "seqloom cache du shows which runs are." });
  }
  guarded(store.directory, () => store.fs.remove(pinPath(store, run)));
}

/** The runs that are pinned, the oldest first. */
export function pinnedRuns(store: Store): RunId[] {
  return namesIn(store.path("pins")).flatMap((name) => {
    const run = /^([0-9A-Z]{26})\.json$/.exec(name)?.[1];
    return run === undefined ? [] : [run as RunId];
  });
}

/** The run was checked to be one before: ids become paths. */
function pinPath(store: Store, run: string): string {
  return store.path("pins", `${run}.json`);
}
