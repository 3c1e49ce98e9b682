import { statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import type { FileMemo } from "../files/memo.js";
import type { Pipeline, StageNode } from "../pipeline/pipeline.js";
import { DEFAULT_DEVICE } from "../plan/planner.js";
import type { LookAhead } from "./look-ahead.js";
import type { RunOptions } from "./run.js";

/** From so many bytes on it takes noticeable time to compute a digest. */
const LARGE = 64 << 20;

/** A file that a stage reads. */
export interface LargeFile {
  readonly group: string;
  readonly path: string;
  /** The path as the pipeline has it. */
  readonly pattern: string;
}

/** The only file that a source reads, where that is a large one named by its path; null otherwise. */
export function largeFileOf({ stage, files }: StageNode, directory: string): LargeFile | null {
  const groups = Object.entries(files);
  if (!stage.pieces || stage.module === null || groups.length !== 1 || groups[0][1].length !== 1) return null;
  const [[group, [source]]] = groups;
  if (!("path" in source)) return null;
  const path = resolve(directory, source.path);
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() && stats.size >= LARGE ? { group, path, pattern: source.path } : null;
}

/** What a run begins while it still plans. */
export class Early {
  readonly #pipeline: Pipeline;
  readonly #options: RunOptions;
  readonly #signal: AbortSignal;
  #lookAhead: LookAhead | null = null;

  constructor(pipeline: Pipeline, options: RunOptions, signal: AbortSignal) {
    this.#pipeline = pipeline;
    this.#options = options;
    this.#signal = signal;
  }

  /** Null where nothing was worth it. */
  get lookAhead(): LookAhead | null {
    return this.#lookAhead;
  }

  /** Before a stage is assessed: where that will take time, what can be done meanwhile. */
  async begin(node: StageNode, memo: () => Promise<FileMemo>): Promise<void> {
    const { store, device = DEFAULT_DEVICE, concurrency = availableParallelism(), shared, traceInputs } = this.#options;
    const { directory } = this.#pipeline;
    // One at a time; and a sweep has work for every core.
    if (this.#lookAhead !== null || concurrency < 2 || shared !== undefined || traceInputs === true) return;
    const file = largeFileOf(node, directory);
    if (file === null || (await memo()).knows(file.path) || this.#signal.aborted) return;
    const { LookAhead } = await import("./look-ahead.js");
    const scope = { directory, store, device, threads: this.#options.threads, signal: this.#signal };
    this.#lookAhead = await LookAhead.begin(node, file, scope);
  }

  async close(): Promise<void> {
    await this.#lookAhead?.close();
  }
}
