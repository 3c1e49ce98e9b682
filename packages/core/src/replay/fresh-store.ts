import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { RecordedRun } from "../bundle/recorded-run.js";
import { fail } from "../diagnostics/diagnostic.js";
import { sha256 } from "../keys/record.js";
import { parseJson } from "../store/entry.js";
import { openStore, readText, type Store } from "../store/store.js";

/**
 * Opens the store of a replay. What it has counts as made here, so it must be empty, or be that of a replay that was
 * interrupted: then it goes on.
 * @throws DiagnosticError `replay-store-used`
 */
export function openReplayStore(directory: string): Store {
  const used = existsSync(directory) && readdirSync(directory).length > 0 && !existsSync(join(directory, MARK));
  if (!used) return openStore(directory);
  throw fail("replay-store-used", `"${directory}" is not empty`, {
    hint: "Give a new folder: what a store holds already would not be run again.",
  });
}

/**
 * Says in the store which run it is for.
 * @throws DiagnosticError `replay-store-used` when it is for another.
 */
export function markReplayStore(store: Store, run: RecordedRun): void {
  const own = sha256(JSON.stringify([run.run, run.yaml, [...run.keys.keys()]]));
  const path = store.path(MARK);
  const marked = parseJson(readText(path) ?? "") as { readonly replay?: unknown } | null;
  if (marked === null) store.writeFile(path, `${JSON.stringify({ replay: own, run: run.run })}\n`);
  else if (marked.replay !== own) {
    throw fail("replay-store-used", `"${store.directory}" belongs to the replay of another run`, {
      hint: "Give a new folder.",
    });
  }
}

const MARK = "replay.json";
