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

/**
 * What was measured. `values` are the numbers to compare between runs; the rest is to look at: curves (a list per name,
 * one entry per epoch), tables, maps of rows, and confusion matrices (`counts[actual][predicted]`).
 */
export interface Metrics {
  readonly values: Readonly<Record<string, number>>;
  readonly curves?: Readonly<Record<string, readonly number[]>>;
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
