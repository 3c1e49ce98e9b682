import type { Json } from "../json.js";
import { type ArtifactType, fileNamed, fromJsonBytes, jsonBytes } from "./artifact.js";
import { CODECS } from "./codecs.js";

/** A table of a report: a heading per column, then rows. */
export interface MetricsTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

/** Points of a plane: a picture of rows. All lists have an entry per point. */
export interface PointMap {
  /** What the numbers across and up are. */
  readonly axes: readonly [string, string];
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly classes: readonly string[];
  /** The class of each point, a place in `classes`; -1 for none. */
  readonly class: readonly number[];
  /** What to call each point. */
  readonly names?: readonly string[];
}

/** An axis of a {@link MetricsChart}. `symlog` is linear near zero and logarithmic far from it. */
export interface MetricsAxis {
  readonly title: string;
  readonly scale?: "linear" | "log" | "symlog";
}

/** Lines over a common axis, such as what a detector misses over its false alarms. */
export interface MetricsChart {
  readonly x: MetricsAxis;
  readonly y: MetricsAxis;
  readonly lines: readonly { readonly name: string; readonly points: readonly (readonly [number, number])[] }[];
  /** Points to mark, such as the threshold in use. */
  readonly marks?: readonly { readonly name: string; readonly at: readonly [number, number] }[];
}

/**
 * What was measured. `values` are the numbers to compare between runs; the rest is to look at: curves (a list per name,
 * one entry per epoch), charts, tables, maps of rows, and confusion matrices (`counts[actual][predicted]`).
 */
export interface Metrics {
  readonly values: Readonly<Record<string, number>>;
  readonly curves?: Readonly<Record<string, readonly number[]>>;
  readonly charts?: Readonly<Record<string, MetricsChart>>;
  readonly tables?: Readonly<Record<string, MetricsTable>>;
  readonly maps?: Readonly<Record<string, PointMap>>;
  readonly confusion?: { readonly classes: readonly string[]; readonly counts: readonly (readonly number[])[] };
}

/** The artifact type of {@link Metrics}: one JSON file, with keys sorted so that the order of computing does not matter. */
export const metrics: ArtifactType<Metrics, "metrics"> = {
  name: "metrics",
  codec: CODECS.metrics,
  encode: async (value) => [{ name: "metrics.json", bytes: jsonBytes(sortKeys(value as unknown as Json)) }],
  decode: async (files) => fromJsonBytes<Metrics>(fileNamed(files, "metrics.json")),
  preview: (value) => value as unknown as Json,
};

function sortKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([name, item]) => [name, sortKeys(item)]));
}
