import { readdirSync } from "node:fs";
import type { Key } from "../brands.js";
import { fail } from "../diagnostics/diagnostic.js";
import { listRuns, readRun } from "../run/records.js";
import type { Store } from "../store/store.js";

/**
 * The key that a person means: a key or its beginning (at least six digits), or the one that a stage had in a run, by the id of
 * the run, its beginning, or `latest`.
 * @throws DiagnosticError `unknown-key`, `unknown-run`.
 */
export function findKey(store: Store, text: string, stage: string): Key {
  if (/^[0-9a-f]{6,64}$/.test(text)) {
    const found = keysBeginningWith(store, text);
    if (found.length === 1) return found[0];
    const problem = found.length === 0 ? "the store knows no key that begins with" : `${found.length} keys begin with`;
    throw fail("unknown-key", `${problem} ${text}`, { hint: "`seqloom explain FILE STAGE` shows the key of a stage." });
  }
  const runs = listRuns(store).map(({ run }) => run);
  const matching = text === "latest" ? runs.slice(0, 1) : runs.filter((run) => run.startsWith(text.toUpperCase()));
  const record = readRun(store, matching.length === 1 ? matching[0] : text);
  const result = record.stages.find(({ name }) => name === stage);
  if (result?.key === undefined || result.key === null) {
    throw fail("unknown-key", `stage "${stage}" has no key in run ${record.run}`, {
      hint: result === undefined ? "The run had no stage of this name." : `It was ${result.status} there.`,
    });
  }
  return result.key;
}

function keysBeginningWith(store: Store, prefix: string): Key[] {
  try {
    return readdirSync(store.path("keys", prefix.slice(0, 2)))
      .filter((name) => name.startsWith(prefix) && /^[0-9a-f]{64}\.json$/.test(name))
      .map((name) => name.slice(0, 64) as Key);
  } catch {
    return [];
  }
}
