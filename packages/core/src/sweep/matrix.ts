import type { Json } from "../json.js";

/** Numbers between two ends. In a grid it gives `steps` of them; a sample draws from all of it. */
export interface RangeAxis {
  readonly from: number;
  readonly to: number;
  /** `log`: equal ratios instead of equal differences. */
  readonly scale: "linear" | "log";
  readonly steps?: number | undefined;
  readonly integer: boolean;
}

/** The values that a parameter takes. */
export type Axis = readonly Json[] | RangeAxis;

/** Which combinations are points: all of them, or some that are drawn. */
export interface Sample {
  readonly strategy: "grid" | "random" | "latin-hypercube";
  /** How many are drawn; a grid has none. */
  readonly n?: number | undefined;
  readonly seed: number;
}

/** All points train a little, the best of them go on: see halving.ts. */
export interface Halving {
  /** The measure of an epoch that points are judged by: `val_accuracy`, `val_loss`. */
  readonly monitor: string;
  /** Epochs that every point trains. */
  readonly from: number;
  /** One in so many points goes on, to so many times the epochs. */
  readonly factor: number;
  /** The stage that trains. Default: the last that can go on from a checkpoint. */
  readonly stage?: string | undefined;
}

/** Some parameters with values: `{ units: 32, lr: 0.001 }`. */
export type Assignment = Readonly<Record<string, Json>>;

/** Points of a pipeline: the same stages with other parameters. */
export interface SweepMatrix {
  /** A parameter, dotted where it lies deeper, or `seed` → its values. */
  readonly axes: Readonly<Record<string, Axis>>;
  readonly include: readonly Assignment[];
  readonly exclude: readonly Assignment[];
  readonly sample: Sample;
  readonly halving?: Halving | undefined;
}

/** One point of a matrix. Its names follow from its values alone, so that they stay when other values are added. */
export interface Point {
  /** 8 hexadecimal digits of the SHA-256 of its values. */
  readonly id: string;
  /** `units=64,lr=0.001`: values in the order of the axes. */
  readonly label: string;
  readonly values: Assignment;
}

/** More points than this are a mistake more often than a plan. */
export const MOST_POINTS = 10_000;

/** Whether an axis is a range. */
export function isRange(axis: Axis): axis is RangeAxis {
  return !Array.isArray(axis);
}
