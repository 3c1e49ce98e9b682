import type { Pipeline } from "../pipeline/pipeline.js";
import type { Point } from "./matrix.js";

/** A point with its pipeline. Stages that are the same at several points are one object. */
export interface SweepPoint extends Point {
  readonly pipeline: Pipeline;
}

/** A pipeline and the points that it is to be run at. */
export interface Sweep {
  /** The pipeline with the parameters as written. */
  readonly pipeline: Pipeline;
  readonly points: readonly SweepPoint[];
}
