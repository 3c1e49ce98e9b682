import type { Key } from "../brands.js";
import type { RecordedKey, RecordedRun } from "../bundle/recorded-run.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { explainDifference } from "../keys/explain.js";
import type { Reason } from "../keys/reason.js";
import { readArtifact } from "../run/artifact-files.js";
import type { RunRecord, StageResult } from "../run/record.js";
import { taskInput } from "../run/stage-runner.js";
import { codeParts } from "../store/code.js";
import type { Store } from "../store/store.js";
import { type Difference, differenceOf } from "../verify/difference.js";

/** An output that is another one here. */
export interface DivergedOutput {
  readonly port: string;
  /** Digest of the artifact in the run that was exported. */
  readonly expected: string;
  /** Digest of the artifact here. */
  readonly received: string;
  /**
   * Where the two differ first; null when their values are equal and only the encoding is not. Absent where the values are not
   * compared: the bundle has no results, or the keys differ, too.
   */
  readonly difference?: Difference | null;
}

/**
 * How a stage compares. `same`: the same key and the same bytes. `key`: something that its result depends on is different here,
 * and `reasons` say what. `output`: the same key, and other bytes. `failed`: it gave no result here.
 */
export interface ReplayedStage {
  readonly stage: string;
  readonly use: string;
  readonly status: "same" | "key" | "output" | "failed";
  readonly expectedKey: string;
  readonly receivedKey: string | null;
  readonly reasons: readonly Reason[];
  /** Its outputs that are others here; with another key they may still be the same. */
  readonly outputs: readonly DivergedOutput[];
  readonly diagnostics: readonly Diagnostic[];
}

type RecordedStage = RecordedRun["stages"][number];

/**
 * Compares the stages of a run with those of a bundle. Values are compared at the first stage whose bytes differ under one key,
 * and not after it: what follows from it says nothing new.
 */
export async function compareStages(
  run: RecordedRun,
  record: RunRecord,
  store: Store,
  recorded: Store,
): Promise<readonly ReplayedStage[]> {
  const stages: ReplayedStage[] = [];
  for (const stage of run.stages) {
    const result = record.stages.find(({ name }) => name === stage.name);
    const compared = compareStage(stage, run.keys.get(stage.key) as RecordedKey, result, store);
    const first = stages.every(({ status }) => status === "same");
    stages.push(first && compared.status === "output" ? await withValues(compared, store, recorded) : compared);
  }
  return stages;
}

function compareStage(
  { name, use, key, outputs }: RecordedStage,
  recordedKey: RecordedKey,
  result: StageResult | undefined,
  store: Store,
): ReplayedStage {
  const about = { stage: name, use, expectedKey: key, receivedKey: result?.key ?? null };
  const stored = typeof result?.key === "string" ? store.storedKey(result.key) : null;
  if (result === undefined || stored === null || (result.status !== "hit" && result.status !== "run")) {
    return { ...about, status: "failed", reasons: [], outputs: [], diagnostics: result?.diagnostics ?? [] };
  }
  const reasons = explainDifference(recordedKey.record, stored.record, {
    before: recordedKey.files,
    after: stored.files,
    code: () => {
      const own = codeParts(store, stored.record.code.hash);
      return recordedKey.code === null || own === null ? null : { before: recordedKey.code, after: own };
    },
  });
  const diverged = Object.entries(outputs).flatMap(([port, expected]): DivergedOutput[] => {
    const received = Object.hasOwn(result.outputs, port) ? result.outputs[port].digest : "";
    return received === expected ? [] : [{ port, expected, received }];
  });
  const status = reasons.length > 0 ? "key" : diverged.length > 0 ? "output" : "same";
  return { ...about, status, reasons, outputs: diverged, diagnostics: [] };
}

/** Where the values differ, for what the bundle has the results of. */
async function withValues(compared: ReplayedStage, store: Store, recorded: Store): Promise<ReplayedStage> {
  const key = compared.expectedKey as Key;
  const [before, after] = [recorded.lookup(key), store.lookup(key)];
  if (!before.hit || !after.hit) return compared;
  const outputs: DivergedOutput[] = [];
  for (const output of compared.outputs) {
    const [old, own] = await Promise.all([
      readArtifact(taskInput(recorded, before.entry.outputs[output.port])),
      readArtifact(taskInput(store, after.entry.outputs[output.port])),
    ]);
    outputs.push({ ...output, difference: differenceOf(old, own) });
  }
  return { ...compared, outputs };
}
