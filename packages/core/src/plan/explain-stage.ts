import type { Key } from "../brands.js";
import { didYouMean } from "../diagnostics/closest.js";
import { DiagnosticError, fail } from "../diagnostics/diagnostic.js";
import { explainDifference } from "../keys/explain.js";
import type { Reason } from "../keys/reason.js";
import type { KeyRecord } from "../keys/record.js";
import type { Pipeline } from "../pipeline/pipeline.js";
import { codeParts } from "../store/code.js";
import type { Entry, StoredKey } from "../store/entry.js";
import { lastKeys } from "../store/history.js";
import type { Store } from "../store/store.js";
import type { PlanNode, PlanOptions } from "./plan.js";
import { Planner, planPipeline } from "./planner.js";

/** One stage, explained. */
export interface Explanation {
  readonly planned: PlanNode;
  /** The key that it is compared with; null when there is none. */
  readonly against: Key | null;
  /**
   * Every difference from that key, the most telling first. Where the inputs are not known yet, of all but the inputs, and that
   * these are not known.
   */
  readonly differences: readonly Reason[];
  /** The result that is in the store for the key of now. */
  readonly entry: Entry | null;
}

/**
 * Says what a stage's key is made of, and how that differs from another key: the one it had last, or any that is given.
 * @param against a key that the store knows
 * @throws DiagnosticError `unknown-target` for a stage, `unknown-key` for a key that is not known.
 */
export async function explainStage(
  pipeline: Pipeline,
  store: Store,
  stage: string,
  options: PlanOptions & { readonly against?: Key | undefined } = {},
): Promise<Explanation> {
  const { nodes } = await planPipeline(pipeline, store, { ...options, targets: [stage] });
  const planned = nodes.find(({ node }) => node.name === stage) as PlanNode;
  const last = lastKeys(store, pipeline.name);
  const key = options.against ?? (Object.hasOwn(last, stage) ? last[stage] : null);
  const before = key === null ? null : store.storedKey(key);
  if (options.against !== undefined && before === null) {
    throw fail("unknown-key", `the store does not know the key ${options.against}`, {
      hint: didYouMean(options.against, Object.values(last), "key"),
    });
  }
  const entry = planned.status === "hit" ? planned.entry : null;
  if (before === null) return { planned, against: null, differences: reasonsOf(planned), entry };
  const record = await recordOf(planned, before, new Planner(pipeline, store, options));
  if (record === null) return { planned, against: key, differences: reasonsOf(planned), entry };
  const found = compare(before, record, planned, store);
  const more = reasonsOf(planned).filter(({ kind }) => BESIDE_THE_KEY.has(kind));
  return { planned, against: key, differences: [...more, ...found], entry };
}

/** What the key is made of; where its inputs are not known yet, all else beside the inputs that it had then. */
async function recordOf(planned: PlanNode, before: StoredKey, planner: Planner): Promise<KeyRecord | null> {
  if ("record" in planned) return planned.record;
  if (planned.status !== "unknown") return null;
  try {
    return planner.record(planned.node, before.record.inputs, await planner.files(planned.node));
  } catch (error) {
    if (error instanceof DiagnosticError) return null;
    throw error;
  }
}

function compare(before: StoredKey, record: KeyRecord, planned: PlanNode, store: Store): Reason[] {
  const after = "fileNames" in planned ? planned.fileNames : {};
  return explainDifference(before.record, record, {
    before: before.files,
    after,
    code: () => {
      const old = codeParts(store, before.record.code.hash);
      const own = codeParts(store, record.code.hash, planned.node.stage.code);
      return old === null || own === null ? null : { before: old, after: own };
    },
  });
}

/** Reasons that no comparison of keys finds. */
const BESIDE_THE_KEY: ReadonlySet<Reason["kind"]> = new Set([
  "entry-evicted",
  "entry-incomplete",
  "forced",
  "untracked",
  "upstream-unknown",
]);

function reasonsOf(planned: PlanNode): readonly Reason[] {
  return "reasons" in planned ? planned.reasons : [];
}
