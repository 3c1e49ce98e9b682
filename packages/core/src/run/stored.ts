/** @file What a run left in the store for a pipeline as it is now: what prediction and export read. */
import { type DiagnosticError, fail } from "../diagnostics/diagnostic.js";
import type { Pipeline } from "../pipeline/pipeline.js";
import type { PlanNode } from "../plan/plan.js";
import { Planner } from "../plan/planner.js";
import type { Store } from "../store/store.js";
import { noteUses } from "../store/uses.js";
import { readArtifact } from "./artifact-files.js";
import { taskInput } from "./stage-runner.js";

/** Stored results of the stages that were asked for. */
export interface StoredResults {
  /** The value on an output port. */
  read(stage: string, port: string): Promise<unknown>;
}

/** How results are looked up. */
export interface StoredOptions {
  readonly device?: string | undefined;
  readonly mirrors?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Plans the pipeline: the results of the keys of now, or none.
 * @throws DiagnosticError `not-trained` when one of the stages that are needed has no result.
 */
export async function openStored(
  pipeline: Pipeline,
  store: Store,
  needed: Iterable<string>,
  options: StoredOptions = {},
): Promise<StoredResults> {
  const planner = new Planner(pipeline, store, options);
  const planned = new Map<string, PlanNode>();
  const outputsOf = (stage: string) => {
    const before = planned.get(stage);
    return before?.status === "hit" ? before.entry.outputs : undefined;
  };
  for (const node of pipeline.nodes) planned.set(node.name, await planner.assess(node, outputsOf));
  noteUses(
    store,
    [...planned.values()].flatMap((one) => (one.status === "hit" ? [one.key] : [])),
  );
  planner.finish();
  const missing = [...new Set(needed)].filter((name) => planned.get(name)?.status !== "hit");
  if (missing.length > 0) throw notTrained(pipeline, missing);
  return {
    async read(stage, port) {
      const found = outputsOf(stage);
      if (found === undefined) throw notTrained(pipeline, [stage]);
      return readArtifact(taskInput(store, found[port]));
    },
  };
}

function notTrained(pipeline: Pipeline, missing: readonly string[]): DiagnosticError {
  const stages = missing.map((name) => `"${name}"`).join(", ");
  return fail(
    "not-trained",
    `pipeline "${pipeline.name}", as it is now, has no stored result of ${missing.length === 1 ? "stage" : "stages"} ${stages}`,
    { hint: `Run \`seqloom run ${pipeline.file ?? pipeline.name}\` first.` },
  );
}
