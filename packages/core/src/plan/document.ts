/**
 * @file A plan as data that lasts: versioned JSON for scripts, and for a comparison in a pull request. It holds no path, no time
 * and nothing of this machine but the estimates.
 */
import { explainDifference } from "../keys/explain.js";
import { type Reason, reasonText } from "../keys/reason.js";
import type { KeyRecord } from "../keys/record.js";
import type { Pipeline } from "../pipeline/pipeline.js";
import type { Plan, PlanNode } from "./plan.js";

/** A reason with its words: `{ kind: "param-changed", path: "units", from: 32, to: 64, text: "with.units 32 → 64" }`. */
export type ToldReason = Reason & { readonly text: string };

/** One stage of a {@link PlanDocument}. */
export interface PlannedStage {
  readonly name: string;
  readonly use: string;
  /** `unknown`: it depends on a stage that will run, whose result may turn out as before. */
  readonly status: PlanNode["status"];
  readonly reasons: readonly ToldReason[];
  /** Null while its inputs are not known. */
  readonly key: string | null;
  /** Input port → `stage.port`. */
  readonly inputs: Readonly<Record<string, string>>;
  /** What computing it took the last time, milliseconds; null when it never ran here. */
  readonly compute_ms: number | null;
  /** What the key is made of, so that two plans can be compared without a store. */
  readonly record: KeyRecord | null;
}

/** `seqloom plan --json`. A field may be added; one that changes its meaning raises `schema`. */
export interface PlanDocument {
  readonly schema: "plan/1";
  readonly pipeline: string;
  readonly stages: readonly PlannedStage[];
  readonly totals: {
    readonly hit: number;
    readonly run: number;
    readonly unknown: number;
    readonly broken: number;
    /** Computing that the hits save. */
    readonly saved_ms: number;
    /** What the stages that run or may run took the last time, as far as that is known. */
    readonly estimated_ms: number;
  };
}

/** A plan as data. @param computeMs what a stage took the last time; null when that is not known */
export function planDocument(
  pipeline: Pipeline,
  { nodes }: Plan,
  computeMs: (node: PlanNode) => number | null,
): PlanDocument {
  const stages = nodes.map((planned): PlannedStage => {
    const { node, status } = planned;
    return {
      name: node.name,
      use: node.stage.id,
      status,
      reasons: "reasons" in planned ? planned.reasons.map(told) : [],
      key: "key" in planned ? planned.key : null,
      inputs: Object.fromEntries(
        Object.entries(node.inputs).map(([port, from]) => [port, `${from.stage}.${from.port}`]),
      ),
      compute_ms: rounded(planned.status === "hit" ? planned.entry.computeMs : computeMs(planned)),
      record: "record" in planned ? planned.record : null,
    };
  });
  const count = (status: PlanNode["status"]): number => stages.filter((stage) => stage.status === status).length;
  const sum = (hits: boolean): number =>
    stages.reduce((ms, stage) => ms + ((stage.status === "hit") === hits ? (stage.compute_ms ?? 0) : 0), 0);
  return {
    schema: "plan/1",
    pipeline: pipeline.name,
    stages,
    totals: {
      hit: count("hit"),
      run: count("run"),
      unknown: count("unknown"),
      broken: count("broken"),
      saved_ms: rounded(sum(true)) ?? 0,
      estimated_ms: rounded(sum(false)) ?? 0,
    },
  };
}

/** A reason with its words. */
export function told(reason: Reason): ToldReason {
  return { ...reason, text: reasonText(reason) };
}

/** What became of one stage between two plans. `follows`: it depends on one that changed, so its inputs may be others. */
export interface StageChange {
  readonly name: string;
  readonly change: "added" | "removed" | "changed" | "follows" | "same";
  readonly reasons: readonly ToldReason[];
  /** What it took the last time, milliseconds: of the new plan, else of the old one. */
  readonly compute_ms: number | null;
}

/** `seqloom plan --diff old.json --json`. */
export interface PlanDifference {
  readonly schema: "plan-diff/1";
  readonly pipeline: string;
  readonly stages: readonly StageChange[];
  /** Stages that were added, changed, or follow one that did. */
  readonly changed: number;
  /** Stages of the new plan. */
  readonly total: number;
  /** What those took the last time, as far as that is known. */
  readonly estimated_ms: number;
}

/** Compares two plans of one pipeline by what their keys are made of. Pure: no store is asked. */
export function comparePlans(before: PlanDocument, after: PlanDocument): PlanDifference {
  const old = new Map(before.stages.map((stage) => [stage.name, stage]));
  const changes = new Map<string, StageChange>();
  for (const stage of after.stages) changes.set(stage.name, changeOf(old.get(stage.name), stage, changes));
  const removed = before.stages
    .filter(({ name }) => !after.stages.some((stage) => stage.name === name))
    .map((stage): StageChange => ({ name: stage.name, change: "removed", reasons: [], compute_ms: stage.compute_ms }));
  const stages = [...changes.values()];
  const moved = stages.filter(({ change }) => change !== "same");
  return {
    schema: "plan-diff/1",
    pipeline: after.pipeline,
    stages: [...stages, ...removed],
    changed: moved.length,
    total: after.stages.length,
    estimated_ms: moved.reduce((ms, { compute_ms }) => ms + (compute_ms ?? 0), 0),
  };
}

function changeOf(
  before: PlannedStage | undefined,
  after: PlannedStage,
  changes: ReadonlyMap<string, StageChange>,
): StageChange {
  const { name } = after;
  if (before === undefined) return { name, change: "added", reasons: [], compute_ms: after.compute_ms };
  const compute_ms = after.compute_ms ?? before.compute_ms;
  if (before.record !== null && after.record !== null) {
    const reasons = explainDifference(before.record, after.record).map(told);
    return { name, change: reasons.length === 0 ? "same" : "changed", reasons, compute_ms };
  }
  const moved = Object.values(after.inputs)
    .map((from) => from.split(".")[0])
    .filter((from) => (changes.get(from)?.change ?? "same") !== "same");
  const rewired = JSON.stringify(before.inputs) !== JSON.stringify(after.inputs) || before.use !== after.use;
  if (moved.length === 0 && !rewired) return { name, change: "same", reasons: [], compute_ms };
  const reasons =
    [...new Set(moved)].length === 0 ? [] : [told({ kind: "upstream-unknown", stages: [...new Set(moved)] })];
  return { name, change: rewired ? "changed" : "follows", reasons, compute_ms };
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1000) / 1000;
}
