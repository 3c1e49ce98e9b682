import type { Key } from "../brands.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Reason } from "../keys/reason.js";
import type { StageNode } from "../pipeline/pipeline.js";
import type { ProfileRow } from "../stages/context.js";
import type { Entry } from "../store/entry.js";
import type { Undeclared } from "../undeclared/declared.js";
import type { StageResult, StoredOutput } from "./record.js";

interface Measured {
  readonly startMs?: number | undefined;
  readonly waitMs?: number | undefined;
  readonly peakRss?: number | undefined;
}

/** The result of a stage whose entry is in the store: found there, or put there just now. */
export function resultOf(
  node: StageNode,
  status: "hit" | "run",
  entry: Entry,
  more: Measured & {
    readonly ms: number;
    readonly from?: "remote";
    readonly reasons?: readonly Reason[];
    readonly profile?: readonly ProfileRow[] | undefined;
    readonly resumed?: string | undefined;
    readonly undeclared?: Undeclared | undefined;
    readonly diagnostics?: readonly Diagnostic[];
  },
): StageResult {
  return {
    name: node.name,
    use: node.stage.id,
    status,
    reasons: more.reasons ?? [],
    key: entry.key,
    ...(more.from !== undefined && { from: more.from }),
    ms: more.ms,
    ...timeOf(more),
    computeMs: entry.computeMs,
    outputs: entry.outputs,
    metrics: metricsOf(entry.outputs),
    epochs: entry.epochs,
    ...(more.profile !== undefined && { profile: more.profile }),
    ...(more.resumed !== undefined && { resumed: more.resumed }),
    ...(more.undeclared !== undefined && { undeclared: more.undeclared }),
    diagnostics: more.diagnostics ?? [],
  };
}

/** The result of a stage that gave nothing. */
export function emptyResult(
  node: StageNode,
  status: "failed" | "skipped",
  more: Measured & {
    readonly ms?: number;
    readonly key?: Key | null;
    readonly reasons?: readonly Reason[];
    readonly checkpoint?: string | undefined;
    readonly diagnostics?: readonly Diagnostic[];
  } = {},
): StageResult {
  return {
    name: node.name,
    use: node.stage.id,
    status,
    reasons: more.reasons ?? [],
    key: more.key ?? null,
    ms: more.ms ?? 0,
    ...timeOf(more),
    computeMs: 0,
    outputs: {},
    metrics: {},
    epochs: [],
    ...(more.checkpoint !== undefined && { checkpoint: more.checkpoint }),
    diagnostics: more.diagnostics ?? [],
  };
}

/** When and with how much memory a stage ran, as far as that is known; times to a microsecond. */
function timeOf({ startMs, waitMs, peakRss }: Measured): Pick<StageResult, "startMs" | "waitMs" | "peakRss"> {
  const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;
  return {
    ...(startMs !== undefined && { startMs: rounded(startMs) }),
    ...(waitMs !== undefined && { waitMs: rounded(waitMs) }),
    ...(peakRss !== undefined && { peakRss }),
  };
}

/** The numbers of the `metrics` outputs. Their preview is all of them, so that no file has to be read. */
function metricsOf(outputs: Readonly<Record<string, StoredOutput>>): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { artifact, preview } of Object.values(outputs)) {
    if (artifact !== "metrics") continue;
    const { values } = (preview ?? {}) as { readonly values?: Readonly<Record<string, number>> };
    Object.assign(found, values);
  }
  return found;
}
