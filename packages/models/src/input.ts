import {
  type Dataset,
  fail,
  type IdsColumn,
  type PaddedColumn,
  type SeriesColumn,
  type VectorColumn,
} from "@seqloom/core";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { TensorFlow } from "./device.js";
import type { Flow } from "./layers/layer.js";

/** The column that a model reads. */
export interface InputSpec {
  readonly column: "ids" | "series" | "vector";
  readonly flow: Flow;
  /** Of ids: whether those that only fill short rows are masked. */
  readonly masked: boolean;
  /** Of series, and of ids that are not padded: whether rows may differ in length. Short ones are filled up and masked. */
  readonly any_length: boolean;
  /** Of ids: the fingerprint of their vocabulary, where they have one. */
  readonly vocabulary?: string;
}

/** A batch on the device; both are disposed of by the caller. */
export interface Batch {
  readonly x: Tensor;
  /** `[batch, time]`, bool: which steps are real; null where all are. */
  readonly mask: Tensor | null;
}

/** Gives the rows of a dataset as batches for a model. */
export interface BatchSource {
  readonly rows: number;
  /** The rows at these places: `[batch, …]`. */
  batch(tf: TensorFlow, rows: Int32Array): Batch;
}

/** The first of `ids`, `series` and `vector` that the data has, with the shape that all of its rows have. */
export function inputSpecOf(data: Dataset, useMask: boolean): InputSpec {
  if (data.has("ids", "padded")) {
    const { width, size, pad, vocabulary } = data.column("ids") as PaddedColumn;
    const flow: Flow = { kind: "ids", shape: [width], size, pad };
    const known = vocabulary !== undefined && { vocabulary };
    return { column: "ids", flow, masked: useMask && pad >= 0, any_length: false, ...known };
  }
  if (data.has("ids", "ids")) {
    const { size, vocabulary } = data.column("ids") as IdsColumn;
    const flow: Flow = { kind: "ids", shape: [null], size, pad: -1 };
    return { column: "ids", flow, masked: false, any_length: true, ...(vocabulary !== undefined && { vocabulary }) };
  }
  if (data.has("series", "series")) {
    const { offsets, width } = data.column("series") as SeriesColumn;
    const length = commonLength(offsets);
    return {
      column: "series",
      flow: { kind: "float", shape: [length, width] },
      masked: false,
      any_length: length === null,
    };
  }
  if (data.has("vector", "vector")) {
    const { width } = data.column("vector") as VectorColumn;
    return { column: "vector", flow: { kind: "float", shape: [width] }, masked: false, any_length: false };
  }
  throw fail("model-input-missing", "a model needs a column ids (padded), series or vector", {
    hint: `The data has: ${[...data.columns].map(([name, { type }]) => `${name} (${type})`).join(", ") || "no column"}.`,
  });
}

/** The length that all rows share, or null. */
function commonLength(offsets: Int32Array): number | null {
  const rows = offsets.length - 1;
  for (let row = 1; row < rows; row++) {
    if (offsets[row + 1] - offsets[row] !== offsets[1]) return null;
  }
  return rows === 0 ? null : offsets[1];
}

/** Refuses numbers that would spoil every weight: the first row with one is named. */
function expectFinite(column: string, values: Float32Array, rowOf: (at: number) => number): void {
  for (let at = 0; at < values.length; at++) {
    if (Number.isFinite(values[at])) continue;
    throw fail("input-not-finite", `row ${rowOf(at) + 1} has ${values[at]} in the column ${column}`, {
      hint: "Drop such rows, fill in what is missing, and bring values larger than 3e38 to another scale.",
    });
  }
}

/**
 * Refuses train rows that hold nothing to learn from: none of them has a step that is real.
 * @returns how many of them are empty
 * @throws DiagnosticError `input-empty`.
 */
export function requireSteps(data: Dataset, spec: InputSpec): number {
  const [what, isEmpty] = emptyRows(data, spec);
  let empty = 0;
  for (let row = 0; row < data.rows; row++) if (isEmpty(row)) empty++;
  if (data.rows === 0 || empty < data.rows) return empty;
  throw fail("input-empty", `none of the ${data.rows} train rows has ${what}`, {
    hint: "Look at what the stages before leave of the rows.",
  });
}

function emptyRows(data: Dataset, spec: InputSpec): [what: string, isEmpty: (row: number) => boolean] {
  if (spec.column === "vector") {
    const { width } = data.column("vector") as VectorColumn;
    return ["a number", () => width === 0];
  }
  if (spec.column === "ids" && !spec.any_length) {
    const { values, width, pad } = data.column("ids") as PaddedColumn;
    const isFiller = (row: number): boolean =>
      values.subarray(row * width, (row + 1) * width).every((id) => id === pad);
    return ["an id that does not only fill", (row) => width === 0 || (spec.masked && isFiller(row))];
  }
  const { offsets } = data.column(spec.column) as IdsColumn | SeriesColumn;
  return ["a step", (row) => offsets[row + 1] === offsets[row]];
}

/** The most steps that a row has, where rows may differ in length; else null. */
export function longestOf(data: Dataset, spec: InputSpec): number | null {
  if (!spec.any_length) return null;
  const { offsets } = data.column(spec.column) as IdsColumn | SeriesColumn;
  let longest = 0;
  for (let row = 0; row < data.rows; row++) longest = Math.max(longest, offsets[row + 1] - offsets[row]);
  return longest;
}

/**
 * The rows of this data in the form that the model was built for.
 * @throws DiagnosticError `model-input-missing`, `model-input-shape` or `model-vocabulary` when the data is not of that form;
 *   `input-not-finite`.
 */
export function batchSource(data: Dataset, spec: InputSpec): BatchSource {
  const type = spec.column !== "ids" ? spec.column : spec.any_length ? "ids" : "padded";
  if (!data.has(spec.column, type)) {
    const own = data.columns.get(spec.column)?.type ?? "absent";
    throw fail("model-input-missing", `the model reads the column ${spec.column} (${type}), which is ${own} here`, {
      hint: "Prepare the data with the same stages as for training.",
    });
  }
  switch (spec.column) {
    case "ids":
      if (spec.any_length) return raggedSource(data.column("ids") as IdsColumn, data.rows, spec);
      return idsSource(data.column("ids") as PaddedColumn, data.rows, spec);
    case "series":
      return seriesSource(data.column("series") as SeriesColumn, data.rows, spec);
    case "vector":
      return vectorSource(data.column("vector") as VectorColumn, data.rows, spec);
  }
}

function idsSource(column: PaddedColumn, rows: number, spec: InputSpec): BatchSource {
  const { values, width, size, pad } = column;
  const { flow, masked } = spec;
  expectVocabulary(spec, column);
  expectEqual("number of ids", flow.size!, size);
  expectEqual("length of the ids", flow.shape[0]!, width);
  return {
    rows,
    batch(tf, chosen) {
      const picked = gather(values, width, chosen, new Int32Array(chosen.length * width));
      const x = tf.tensor2d(picked, [chosen.length, width], "int32");
      if (!masked) return { x, mask: null };
      const real = Uint8Array.from(picked, (id) => (id === pad ? 0 : 1));
      return { x, mask: tf.tensor2d(real, [chosen.length, width], "bool") };
    },
  };
}

/** Ids of any length: what fills short rows is the id 0, masked. */
function raggedSource(column: IdsColumn, rows: number, spec: InputSpec): BatchSource {
  const { values, offsets, size } = column;
  expectVocabulary(spec, column);
  expectEqual("number of ids", spec.flow.size!, size);
  return {
    rows,
    batch(tf, chosen) {
      const { time, mask } = stepsOf(tf, offsets, chosen);
      const filled = new Int32Array(chosen.length * time);
      for (const [i, row] of chosen.entries()) filled.set(values.subarray(offsets[row], offsets[row + 1]), i * time);
      return { x: tf.tensor2d(filled, [chosen.length, time], "int32"), mask };
    },
  };
}

function vectorSource({ values, width }: VectorColumn, rows: number, { flow }: InputSpec): BatchSource {
  expectEqual("length of the vectors", flow.shape[0]!, width);
  expectFinite("vector", values, (at) => Math.floor(at / width));
  return {
    rows,
    batch(tf, chosen) {
      const picked = gather(values, width, chosen, new Float32Array(chosen.length * width));
      return { x: tf.tensor2d(picked, [chosen.length, width], "float32"), mask: null };
    },
  };
}

function seriesSource({ values, offsets, width }: SeriesColumn, rows: number, spec: InputSpec): BatchSource {
  const { flow, any_length: anyLength } = spec;
  expectEqual("number of values per step", flow.shape[1]!, width);
  expectFinite("series", values, (at) => offsets.findIndex((end) => end * width > at) - 1);
  const [fixed] = flow.shape;
  return {
    rows,
    batch(tf, chosen) {
      if (!anyLength) for (const row of chosen) expectEqual("number of steps", fixed!, offsets[row + 1] - offsets[row]);
      const { time, mask } = stepsOf(tf, offsets, chosen);
      const padded = new Float32Array(chosen.length * time * width);
      for (const [i, row] of chosen.entries()) {
        padded.set(values.subarray(offsets[row] * width, offsets[row + 1] * width), i * time * width);
      }
      return { x: tf.tensor3d(padded, [chosen.length, time, width], "float32"), mask };
    },
  };
}

/** The length of a batch of rows of any length, and which of its steps are real. */
function stepsOf(tf: TensorFlow, offsets: Int32Array, chosen: Int32Array): { time: number; mask: Tensor | null } {
  const lengths = Int32Array.from(chosen, (row) => offsets[row + 1] - offsets[row]);
  // An empty row still takes one step, which is masked.
  const time = lengths.reduce((most, length) => Math.max(most, length), 1);
  if (lengths.every((length) => length === time)) return { time, mask: null };
  const real = new Uint8Array(chosen.length * time);
  for (const [i, length] of lengths.entries()) real.fill(1, i * time, i * time + length);
  return { time, mask: tf.tensor2d(real, [chosen.length, time], "bool") };
}

function gather<A extends Int32Array | Float32Array>(values: A, width: number, rows: Int32Array, into: A): A {
  for (let i = 0; i < rows.length; i++) into.set(values.subarray(rows[i] * width, (rows[i] + 1) * width), i * width);
  return into;
}

/** Ids of another vocabulary fit in every way, and mean other words. Hand-made data and old files do not say theirs. */
function expectVocabulary(
  { vocabulary: expected, flow }: InputSpec,
  { vocabulary: received, size }: PaddedColumn | IdsColumn,
): void {
  if (expected === undefined || received === undefined || expected === received) return;
  throw fail(
    "model-vocabulary",
    `the model was trained with ids of the vocabulary ${expected} (${flow.size} tokens), ` +
      `received ids of ${received} (${size} tokens): the same id means another word`,
    {
      hint:
        "Encode with the state of the encoder that the model was trained with: " +
        "`{ use: text/encode-with, in: { vocabulary: ENCODER.state, data: TOKENS } }`, in place of another text/encode.",
    },
  );
}

function expectEqual(what: string, expected: number, received: number): void {
  if (expected === received) return;
  throw fail("model-input-shape", `the model was trained with a ${what} of ${expected}, received ${received}`, {
    hint: "Prepare the data with the same stages, and their fitted states, as for training.",
  });
}
