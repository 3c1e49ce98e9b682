import type { ArtifactName } from "../artifacts/index.js";
import type { Digest } from "../brands.js";
import type { CheckpointTask } from "../checkpoints/checkpoints.js";
import type { Columns } from "../dataset/columns.js";
import type { Diagnostic, Location } from "../diagnostics/diagnostic.js";
import type { JsonObject } from "../json.js";
import type { EpochMetrics, ProfileRow, Progress, ResolvedFile } from "../stages/context.js";
import type { Piece, Widths } from "../stages/stage.js";
import type { Reads } from "../undeclared/watch-reads.js";
import type { EpochRecord, StoredFile, StoredOutput } from "./record.js";

/** A stored artifact that a task reads, or that `predict` loads. */
export interface TaskInput {
  readonly artifact: ArtifactName;
  readonly digest: Digest;
  readonly files: readonly (StoredFile & { readonly path: string })[];
  /** Rows of each file, where the artifact is a dataset that was computed chunk by chunk. */
  readonly rows: readonly number[] | null;
}

/** What of its stage a task does. */
export type TaskWork =
  /** All of it. */
  | { readonly kind: "whole" }
  /** Of a source: find the pieces, and tell them as they are found. */
  | {
      readonly kind: "pieces";
      /** Whether the digests of its files are known. Where they are not, whoever asks for one fails. */
      readonly digests: boolean;
    }
  /** Of an estimator: the state and what describes it. */
  | { readonly kind: "fit" }
  /**
   * One chunk of the rows, into a file of this name: those of a piece of a source, of the only file of a map's input, or of
   * an estimator's, with `state` beside it.
   */
  | {
      readonly kind: "chunk";
      readonly file: string;
      readonly firstRow: number;
      readonly piece?: Piece;
      /** Of the first piece, which the others must have too. */
      readonly widths: Widths | null;
    };

/** One execution of one stage as plain data, so that it can go to a thread, a process or, some day, a machine. */
export interface Task {
  readonly stage: string;
  readonly use: string;
  readonly at: Location | null;
  /** Where the definition is; null when it is handed over by the caller, in this thread. */
  readonly module: { readonly url: string; readonly name: string } | null;
  readonly params: JsonObject;
  readonly seed: string;
  readonly columns: Readonly<Record<string, string>>;
  readonly device: string;
  readonly work: TaskWork;
  /** Whether the stage is to tell where its time goes. */
  readonly profile: boolean;
  /** Whether the worker watches what the stage reads. */
  readonly traceInputs: boolean;
  readonly inputs: Readonly<Record<string, TaskInput>>;
  readonly files: Readonly<Record<string, readonly ResolvedFile[]>>;
  readonly outputs: Readonly<Record<string, { readonly artifact: ArtifactName; readonly columns: Columns | null }>>;
  /** Where to keep checkpoints; null: nowhere, and what is aborted ends at once. */
  readonly checkpoints: CheckpointTask | null;
  /** An empty folder; `stagedPath` says where in it the files of a port go. */
  readonly out: string;
  /** The folder of the store, for messages. */
  readonly store: string;
}

/** What a finished task gives. The files themselves lie in its folder. */
export interface TaskResult {
  readonly outputs: Readonly<Record<string, StoredOutput>>;
  readonly computeMs: number;
}

/** What a running task tells. */
export type TaskEvent =
  | { readonly type: "progress"; readonly progress: Progress }
  | {
      readonly type: "epoch";
      readonly epoch: number;
      readonly epochs: number;
      readonly metrics: EpochMetrics;
      readonly ms: number;
    }
  | { readonly type: "log"; readonly message: string }
  /** Pieces that the work "pieces" found since the last time. */
  | { readonly type: "pieces"; readonly pieces: readonly Piece[] }
  | { readonly type: "checkpoint"; readonly at: string }
  | { readonly type: "resumed"; readonly at: string; readonly epochs: readonly EpochRecord[] }
  /** What was read while the task ran, and is no part of the store. */
  | { readonly type: "reads"; readonly reads: Reads }
  | { readonly type: "profile"; readonly rows: readonly ProfileRow[] }
  /** The most memory that the process of the task has had, bytes. Told only where that is a process of its own. */
  | { readonly type: "memory"; readonly peakRss: number };

/** Hears what a task tells. */
export type TaskListener = (event: TaskEvent) => void;

/**
 * What a worker is sent. `stop`: the run was aborted; save a checkpoint of the task and end it. `load`: the module of a stage
 * that tasks will want.
 */
export type WorkerRequest =
  | Task
  | { readonly type: "stop" }
  | { readonly type: "load"; readonly module: NonNullable<Task["module"]> };

/** A task that is asked to stop is ended when it still runs after so many milliseconds. */
export const STOP_MS = 5000;

/** What a worker sends: events of its task, then how it ended. */
export type WorkerMessage =
  | TaskEvent
  | { readonly type: "done"; readonly result: TaskResult }
  | { readonly type: "failed"; readonly diagnostics: readonly Diagnostic[] };

/** Runs tasks somewhere. */
export interface Executor {
  /**
   * @throws DiagnosticError for a failure of the stage; the reason of `signal` when that aborts: nothing of the task is
   *   left running then. A task with checkpoints gets {@link STOP_MS} to save one.
   */
  run(task: Task, listener: TaskListener, signal: AbortSignal): Promise<TaskResult>;
  close(): Promise<void>;
}
