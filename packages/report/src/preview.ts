import type { Json, JsonObject, StoredOutput } from "@seqloom/core";

/** A column of a dataset as its preview describes it. */
export interface ColumnPreview {
  readonly name: string;
  readonly type: string;
  /** What else is known: number of distinct tokens, size of the vocabulary, width, classes. */
  readonly details: JsonObject;
}

/** The size of a dataset, its columns and its first rows, as core's dataset artifact previews them. */
export interface DatasetPreview {
  readonly rows: number;
  readonly columns: readonly ColumnPreview[];
  readonly splits: Readonly<Record<string, number>> | null;
  readonly sample: readonly JsonObject[];
}

/** Whether a JSON value is an object. */
export function isObject(value: Json | undefined): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/**
 * The preview of a dataset output; null for other artifacts. Records may be old or written by hand, so the shape is
 * checked: a part that is not as expected is left out rather than failing the whole report.
 */
export function datasetPreview(output: StoredOutput | undefined): DatasetPreview | null {
  if (output?.artifact !== "dataset" || !isObject(output.preview)) return null;
  const { rows, columns, splits, sample } = output.preview;
  if (typeof rows !== "number" || !Array.isArray(columns)) return null;
  return {
    rows,
    columns: (columns as readonly Json[]).filter(isObject).map(({ name, type, ...details }) => ({
      name: String(name),
      type: String(type),
      details,
    })),
    splits: isObject(splits) ? (splits as Readonly<Record<string, number>>) : null,
    sample: Array.isArray(sample) ? (sample as readonly Json[]).filter(isObject) : [],
  };
}
