import type { EncodedFile } from "../artifacts/artifact.js";
import type { Dataset } from "../dataset/dataset.js";
import type { Random } from "../random/random.js";

/** A file that a stage reads, found, checked and, where it has a URL, downloaded before the stage runs. */
export interface ResolvedFile {
  /** Where to read it now. */
  readonly path: string;
  /** How the pipeline names it: relative path or URL. For messages, and for `load-folders`. */
  readonly name: string;
  readonly digest: string;
}

/**
 * Files that a stage will read: a path or glob relative to the pipeline, a URL with the SHA-256 of its content, or many files
 * below a URL, named with their SHA-256 by a list beside the pipeline, as `sha256sum` writes it.
 */
export type FileSource =
  | { readonly path: string }
  | { readonly url: string; readonly sha256: string }
  | { readonly url: string; readonly checksums: string };

/** Numbers of one epoch of training: `loss`, `accuracy`, `val_loss`, … */
export type EpochMetrics = Readonly<Record<string, number>>;

/** How far a stage is. */
export interface Progress {
  readonly done: number;
  readonly total?: number;
  /** What is counted: `rows`, `batches`, `bytes`. */
  readonly unit: string;
  readonly message?: string;
}

/** Time that a stage spent on one kind of work. */
export interface ProfileRow {
  readonly name: string;
  /** How often; 0 for what is not counted. */
  readonly calls: number;
  /** Milliseconds in all. */
  readonly ms: number;
  /** The part of the stage's work that this was: `training`, `prediction`. */
  readonly part?: string;
}

/** Work that was not finished, as it was at some moment. */
export interface Checkpoint {
  /** How far the work was, in words: `epoch 3`. */
  readonly at: string;
  readonly files: readonly EncodedFile[];
}

/**
 * Where a stage that takes long keeps what it has done so far, so that a later run of the same work (the same key) goes on
 * from there. What it gives then must be, byte for byte, what it gives without an interruption.
 */
export interface Checkpoints {
  /** The newest checkpoint whose bytes are what was written, or null. Ask once, before the work begins. */
  latest(): Promise<Checkpoint | null>;
  /** Tells the run that the work goes on from the checkpoint that `latest` gave. */
  resumed(): void;
  /** Whether now is the time for one: `boundary` between two epochs, `between` within one. */
  due(moment: "boundary" | "between"): boolean;
  /**
   * Keeps a checkpoint. Never fails: where it cannot be written, the run is told, and no more are tried.
   * @param step how far the work is, as a number that grows with it
   * @param at the same in words: `epoch 3`
   * @param files called at once, so that their making counts as a part of what a checkpoint costs
   */
  save(step: number, at: string, files: () => Promise<readonly EncodedFile[]>): Promise<void>;
}

/** What a stage may know and use beside its inputs and parameters. Everything else (clock, disk, network) is not there. */
export interface StageContext {
  /** The name that the pipeline gives to this stage. */
  readonly stage: string;
  /** The stage's own stream of randomness, derived from the pipeline's seed and the stage's name. */
  readonly random: Random;
  readonly signal: AbortSignal;
  /** The files that `files` of the stage asked for, by group, in order. */
  readonly files: Readonly<Record<string, readonly ResolvedFile[]>>;
  /** A folder for files of the stage's own. It is there as long as the stage runs, and the same for all its chunks. */
  readonly scratch: string;
  /** The device that models run on: `simd` or `cpu`. */
  readonly device: string;
  /** How many rows of the dataset come before those that the stage is given: 0 unless it is given them in chunks. */
  readonly firstRow: number;
  /** `fit` of an estimator only: the rows of the validation split, maybe none. */
  readonly validation: Dataset;
  /** `fit` of an estimator only: what came in on its ports beside `data`, by name; unconnected ones are not there. */
  readonly extra?: Readonly<Record<string, unknown>> | undefined;
  progress(progress: Progress): void;
  epoch(epoch: number, epochs: number, metrics: EpochMetrics): void;
  /** A line for the log of the run. */
  log(message: string): void;
  /** There only while the run profiles: tells where the time of a part of the stage went. Results must not depend on it. */
  readonly profile?: ((rows: readonly ProfileRow[]) => void) | undefined;
  /** There only for stages that declare `resumable`, in a run that keeps checkpoints. On `signal`, save one and end. */
  readonly checkpoint?: Checkpoints | undefined;
}
