/**
 * @file Accepting an old result for new code: after a refactor that changes no result, nothing has to be computed again. Who
 * accepted it and why stays with the result.
 */
import type { Key } from "../brands.js";
import { DiagnosticError, fail } from "../diagnostics/diagnostic.js";
import { changedFields } from "../keys/explain.js";
import { reasonText } from "../keys/reason.js";
import type { Pipeline } from "../pipeline/pipeline.js";
import { rememberCode } from "../store/code.js";
import type { Blessing, Entry } from "../store/entry.js";
import { rememberLast, rememberRecent } from "../store/history.js";
import type { Store } from "../store/store.js";
import { explainStage } from "./explain-stage.js";
import type { PlanNode } from "./plan.js";

/** What is accepted, by whom and why. */
export interface BlessOptions {
  readonly author: string;
  readonly reason: string;
  /** The key whose result is accepted; by default the one that the stage had last. */
  readonly from?: Key | undefined;
  /** Accept it although more than the code differs. */
  readonly whateverChanged?: boolean | undefined;
  readonly device?: string | undefined;
}

/**
 * Accepts the result of an earlier key of a stage for the key that it has now.
 * @throws DiagnosticError `bless-…` when there is nothing to accept, nothing to accept it for, or more than the code differs.
 */
export async function bless(pipeline: Pipeline, store: Store, stage: string, options: BlessOptions): Promise<Blessing> {
  const { planned, against, differences } = await explainStage(pipeline, store, stage, {
    against: options.from,
    device: options.device,
  });
  if (planned.status === "hit") {
    throw fail("bless-needless", `stage "${stage}" has a result for its code of now`, {
      hint: "There is nothing to accept.",
    });
  }
  if (planned.status === "broken") throw new DiagnosticError(planned.diagnostics);
  if (planned.status === "unknown") throw notKnown(stage, planned);
  const before = against === null ? null : store.storedKey(against);
  if (against === null || before === null) {
    throw fail("bless-nothing", `stage "${stage}" never ran in this pipeline, so there is no result to accept`, {
      hint: "Run it, or name a key with --from.",
    });
  }
  if (planned.reasons.some(({ kind }) => kind === "untracked")) {
    throw fail("bless-untracked", `stage "${stage}" runs every time, because its code cannot be followed`, {
      hint: "Declare what it reads: `extraFiles: [ … ]`.",
    });
  }
  const more = changedFields(before.record, planned.record).filter((field) => field !== "code");
  if (more.length > 0 && options.whateverChanged !== true) {
    const what = differences.filter(({ kind }) => kind !== "code-changed" && kind !== "hasher-changed").map(reasonText);
    throw fail("bless-more-changed", `more than the code of "${stage}" changed: ${what.join(", ")}`, {
      hint: "Its result would be another: run it. If you know that it is not, add --whatever-changed.",
      stage,
    });
  }
  const found = store.lookup(against);
  if (!found.hit) {
    throw fail("bless-gone", `the result of the key ${against.slice(0, 12)} of "${stage}" is no longer in the store`, {
      hint: "Run the stage.",
    });
  }
  const blessing: Blessing = {
    from: against,
    author: options.author,
    reason: options.reason,
    changes: differences.filter(({ kind }) => kind !== "entry-evicted").map(reasonText),
    at: new Date().toISOString(),
  };
  const entry: Entry = { ...found.entry, key: planned.key, blessed: blessing };
  publish(store, entry, JSON.stringify({ record: planned.record, files: planned.fileNames }));
  rememberCode(store, planned.node.stage.code);
  rememberRecent(store, planned.record.stage.id, planned.key);
  rememberLast(store, pipeline.name, { [stage]: planned.key });
  return blessing;
}

/** First what the key is made of, last the entry: a crash between leaves a key without a result. */
function publish(store: Store, entry: Entry, key: string): void {
  store.writeFile(store.keyPath(entry.key), key);
  store.writeFile(store.entryPath(entry.key), JSON.stringify(entry));
}

function notKnown(stage: string, { reasons }: Extract<PlanNode, { readonly status: "unknown" }>): DiagnosticError {
  const before = reasons.flatMap((reason) => (reason.kind === "upstream-unknown" ? reason.stages : []));
  return fail("bless-unknown-inputs", `the key of "${stage}" is not known: it ${reasons.map(reasonText).join(", ")}`, {
    hint: `Accept or run ${before.join(", ")} first.`,
    stage,
  });
}
