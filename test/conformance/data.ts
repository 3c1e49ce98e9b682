import { Dataset, labels, numbers, Random, rootSeed, series } from "@seqloom/core";
import type { Flow } from "@seqloom/models";
import * as tf from "@tensorflow/tfjs-core";

/** What a scenario reads: how many rows of what. Sizes are odd on purpose: no kernel may lean on multiples of four. */
export interface DataSpec {
  readonly input: "ids" | "series" | "vector";
  readonly rows?: number;
  readonly time?: number;
  /** Of ids: how many there are; of the others: numbers per step. */
  readonly width?: number;
  readonly classes?: number;
  /** Rows of different lengths. Ids are filled with 0 behind or in front of the row, or one row is nothing but filling. */
  readonly lengths?: "post" | "pre" | "empty";
  /** A column with a weight for each row, one of them 0. */
  readonly weights?: boolean;
}

/** All sizes of a {@link DataSpec}. */
export type Sizes = Required<Omit<DataSpec, "lengths" | "weights">> & Pick<DataSpec, "lengths" | "weights">;

/** The sizes of a scenario's data, with what it leaves out filled in. */
export function sizesOf(spec: DataSpec): Sizes {
  return { rows: 7, time: 6, width: spec.input === "ids" ? 11 : 3, classes: 3, ...spec };
}

/** Length of each row: all of them, or from `time` down to 1 and, where a row is to be empty, 0. */
function lengthsOf({ rows, time, lengths }: Sizes): number[] {
  if (lengths === undefined) return Array.from({ length: rows }, () => time);
  return Array.from({ length: rows }, (_, row) => (lengths === "empty" && row === 1 ? 0 : time - (row % time)));
}

/** Ids as `text/pad` gives them: `[rows, time]`, 0 where there is nothing. */
export function idsOf(sizes: Sizes): Int32Array {
  const { rows, time, width, lengths } = sizes;
  const random = new Random(rootSeed(5));
  const values = new Int32Array(rows * time);
  for (const [row, length] of lengthsOf(sizes).entries()) {
    const from = row * time + (lengths === "pre" ? time - length : 0);
    for (let i = 0; i < length; i++) values[from + i] = 1 + random.integer(width - 1);
  }
  return values;
}

/** Normal numbers, `[rows, time, width]` or `[rows, width]`. */
function numbersOf(count: number): Float32Array {
  const random = new Random(rootSeed(6));
  return Float32Array.from({ length: count }, () => 0.7 * random.normal());
}

/** The rows to train on. Every class occurs. */
export function datasetOf(sizes: Sizes): Dataset {
  const { input, rows, time, width, classes } = sizes;
  const names = Array.from({ length: rows }, (_, row) => `class ${(row * 5 + 1) % classes}`);
  const label = labels(names);
  const weight = numbers(names.map((_, row) => (row === 2 ? 0 : 0.5 + (row % 3))));
  const columns = { label, ...(sizes.weights === true && { weight }) };
  switch (input) {
    case "ids":
      return Dataset.of({
        ids: { type: "padded", values: idsOf(sizes), width: time, size: width, pad: 0 },
        ...columns,
      });
    case "vector":
      return Dataset.of({ vector: { type: "vector", values: numbersOf(rows * width), width }, ...columns });
    case "series": {
      const all = numbersOf(rows * time * width);
      const step = (row: number, at: number) => [...all.subarray((row * time + at) * width).subarray(0, width)];
      const curves = lengthsOf(sizes).map((length, row) => Array.from({ length }, (_, at) => step(row, at)));
      return Dataset.of({ series: series(curves, width), ...columns });
    }
  }
}

/** The same rows as one batch: tensors that the caller disposes of, and what a network is built for. */
export function inputOf(
  sizes: Sizes,
  useMask: boolean,
): { readonly x: tf.Tensor; readonly mask: tf.Tensor | null; readonly flow: Flow } {
  const { input, rows, time, width, lengths } = sizes;
  if (input === "vector") {
    const x = tf.tensor(numbersOf(rows * width), [rows, width]);
    return { x, mask: null, flow: { kind: "float", shape: [width] } };
  }
  if (input === "ids") {
    const ids = idsOf(sizes);
    const mask = useMask ? tf.tensor(Uint8Array.from(ids, Math.sign), [rows, time], "bool") : null;
    const flow: Flow = { kind: "ids", shape: [time], size: width, pad: 0 };
    return { x: tf.tensor(ids, [rows, time], "int32"), mask, flow };
  }
  const x = tf.tensor(numbersOf(rows * time * width), [rows, time, width]);
  if (lengths === undefined) return { x, mask: null, flow: { kind: "float", shape: [time, width] } };
  const real = lengthsOf(sizes).flatMap((length) => Array.from({ length: time }, (_, at) => Number(at < length)));
  return { x, mask: tf.tensor(real, [rows, time], "bool"), flow: { kind: "float", shape: [null, width] } };
}
