/** @file The writing of records: all that a run with nothing to do needs of them. */
import type { Store } from "../store/store.js";
import type { RunRecord, StageResult, StoredOutput } from "./record.js";

/** Writes the record of a run. Previews are left out: the entries of the store have them. */
export function writeRun(store: Store, record: RunRecord): void {
  const stages = record.stages.map((stage) => ({ ...stage, outputs: eachOutput(stage, () => null) }));
  store.writeFile(runPath(store, record.run), JSON.stringify({ ...record, stages }));
}

/** The path of a record. */
export function runPath(store: Store, run: string): string {
  return store.path("runs", run, "run.json");
}

/** The outputs of a stage with other previews. */
export function eachOutput(
  stage: StageResult,
  preview: (port: string, output: StoredOutput) => StoredOutput["preview"],
): Record<string, StoredOutput> {
  return Object.fromEntries(
    Object.entries(stage.outputs).map(([port, output]) => [port, { ...output, preview: preview(port, output) }]),
  );
}
