import type { Key } from "../brands.js";
import type { Json } from "../json.js";
import { explainDifference } from "../keys/explain.js";
import type { Reason } from "../keys/reason.js";
import type { Store } from "../store/store.js";
import { compareEnvironments, type EnvironmentDifference } from "./compare-environment.js";
import type { RunRecord, StageResult } from "./record.js";

/** What differs at one stage of two runs. */
export interface StageDifference {
  readonly stage: string;
  /** `same`: one key, so one result. `result`: another key, but the same bytes. */
  readonly status: "same" | "result" | "changed" | "added" | "removed";
  readonly reasons: readonly Reason[];
}

/** A number of two runs; null where a run has none. */
export interface MetricDifference {
  readonly name: string;
  readonly before: number | null;
  readonly after: number | null;
}

/** Two runs compared. */
export interface RunDifference {
  /** Parameters, and the seed, that are not the same. */
  readonly params: readonly {
    readonly name: string;
    readonly before: Json | undefined;
    readonly after: Json | undefined;
  }[];
  readonly stages: readonly StageDifference[];
  readonly metrics: readonly MetricDifference[];
  readonly environment: readonly EnvironmentDifference[];
}

/** What is different in `after`, against `before`: parameters, keys of stages with the reasons, metrics, the machine. */
export function compareRuns(before: RunRecord, after: RunRecord, store: Store): RunDifference {
  const paramsOf = ({ pipeline }: RunRecord): Readonly<Record<string, Json>> => ({
    ...pipeline.params,
    seed: pipeline.seed,
  });
  const [old, now] = [paramsOf(before), paramsOf(after)];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  const changed = names.filter((name) => JSON.stringify(old[name]) !== JSON.stringify(now[name]));
  return {
    params: changed.map((name) => ({ name, before: old[name], after: now[name] })),
    stages: compareStages(before.stages, after.stages, store),
    metrics: compareMetrics(before.stages, after.stages),
    environment: compareEnvironments(before, after),
  };
}

function compareStages(before: readonly StageResult[], after: readonly StageResult[], store: Store): StageDifference[] {
  const names = [...new Set([...after, ...before].map(({ name }) => name))];
  return names.map((stage): StageDifference => {
    const old = before.find(({ name }) => name === stage);
    const now = after.find(({ name }) => name === stage);
    if (old === undefined || now === undefined) {
      return { stage, status: old === undefined ? "added" : "removed", reasons: [] };
    }
    if (old.key === now.key) return { stage, status: "same", reasons: [] };
    const same = JSON.stringify(digests(old)) === JSON.stringify(digests(now));
    return { stage, status: same ? "result" : "changed", reasons: reasonsOf(old.key, now.key, store) };
  });
}

function digests({ outputs }: StageResult): readonly (readonly string[])[] {
  return Object.entries(outputs)
    .map(([port, { digest }]) => [port, digest])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Nothing where the store no longer knows what a key was made of. */
function reasonsOf(old: Key | null, now: Key | null, store: Store): readonly Reason[] {
  const before = old === null ? null : store.storedKey(old);
  const after = now === null ? null : store.storedKey(now);
  if (before === null || after === null) return [];
  return explainDifference(before.record, after.record, { before: before.files, after: after.files });
}

function compareMetrics(before: readonly StageResult[], after: readonly StageResult[]): MetricDifference[] {
  const numbers = (stages: readonly StageResult[]) =>
    new Map(
      stages.flatMap(({ name, metrics }) =>
        Object.entries(metrics).map(([key, value]) => [`${name}.${key}`, value] as const),
      ),
    );
  const [old, now] = [numbers(before), numbers(after)];
  return [...new Set([...old.keys(), ...now.keys()])].map((name) => ({
    name,
    before: old.get(name) ?? null,
    after: now.get(name) ?? null,
  }));
}
