import type { Pipeline } from "../pipeline/pipeline.js";
import { parseEntry } from "../store/entry.js";
import { lastKeys } from "../store/history.js";
import { readText, type Store } from "../store/store.js";
import type { PlanNode } from "./plan.js";

/** What a stage of this pipeline took when it was computed last, milliseconds; null where the store does not know. */
export function lastComputeMs(pipeline: Pipeline, store: Store): (planned: PlanNode) => number | null {
  const last = lastKeys(store, pipeline.name);
  return ({ node }) => {
    const key = Object.hasOwn(last, node.name) ? last[node.name] : undefined;
    if (key === undefined) return null;
    try {
      return parseEntry(readText(store.entryPath(key)) ?? "", key)?.computeMs ?? null;
    } catch {
      return null;
    }
  };
}
