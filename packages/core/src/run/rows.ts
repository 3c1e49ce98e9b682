import type { Json } from "../json.js";
import type { Store } from "../store/store.js";
import type { RunRecord } from "./record.js";
import { listRunRecords } from "./records.js";
import { tagsOf } from "./tags.js";

/** A run as a row: what it was told, and what it measured. */
export interface RunRow {
  readonly run: string;
  readonly pipeline: string;
  readonly status: RunRecord["status"];
  readonly started: string;
  readonly tags: readonly string[];
  /** Parameters by name, deeper ones dotted; and `seed`. */
  readonly params: Readonly<Record<string, Json>>;
  /** `scores.accuracy`: the numbers of what is no part of a model. */
  readonly measures: Readonly<Record<string, number>>;
  /** Seconds that computing its results took, whenever that was. */
  readonly seconds: number;
  /** The same for runs with the same results. */
  readonly results: string;
}

/** The runs in the store as rows, the newest first. */
export function runRows(store: Store): RunRow[] {
  return [...listRunRecords(store)].map((record) => rowOf(store, record));
}

function rowOf(store: Store, { run, pipeline, status, startedAt, stages }: RunRecord): RunRow {
  const results = new Set(pipeline.nodes.filter(({ stage }) => stage.kind === "stage").map(({ name }) => name));
  const measured = stages.filter(({ name }) => results.has(name));
  return {
    run,
    pipeline: pipeline.name,
    status,
    started: startedAt,
    tags: tagsOf(store, run),
    params: { ...flat(pipeline.params), seed: pipeline.seed },
    measures: Object.fromEntries(
      measured.flatMap(({ name, metrics }) => Object.entries(metrics).map(([key, value]) => [`${name}.${key}`, value])),
    ),
    seconds: stages.reduce((sum, { computeMs }) => sum + computeMs, 0) / 1000,
    results: JSON.stringify([pipeline.name, status, ...stages.map(({ name, key }) => [name, key])]),
  };
}

function flat(params: Readonly<Record<string, Json>>, before = ""): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(params).flatMap(([name, value]) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.entries(flat(value as Readonly<Record<string, Json>>, `${before}${name}.`))
        : [[`${before}${name}`, value]],
    ),
  );
}
