import type { Column, Dataset } from "@seqloom/core";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Device } from "../device.js";

/** What a task makes of the outputs of a network for the rows of a dataset: a column or two, filled batch by batch. */
export interface Answer {
  /** What is read of a batch, `[batch, …output]`. It runs in a tidy scope. */
  read(device: Device, outputs: Tensor): readonly Tensor[];
  /** Takes what was read of these rows. */
  take(rows: Int32Array, numbers: readonly ArrayLike<number>[]): void;
  /** The columns, once all rows were taken. */
  columns(): Readonly<Record<string, Column>>;
}

/** Begins the answer for a dataset. */
export type AnswerTo = (data: Dataset) => Answer;
