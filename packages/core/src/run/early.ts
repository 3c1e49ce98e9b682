import { availableParallelism } from "node:os";
import type { FileMemo } from "../files/memo.js";
import type { Pipeline, StageNode } from "../pipeline/pipeline.js";
import { DEFAULT_DEVICE } from "../plan/planner.js";
import { largeFileOf } from "./large-file.js";
import type { LookAhead } from "./look-ahead.js";
import type { RunOptions } from "./run.js";
import { stageEnvironment } from "./stage-environment.js";

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
    const environment = stageEnvironment(this.#options.threads);
    this.#lookAhead = await LookAhead.begin(node, file, {
      directory,
      store,
      device,
      environment,
      signal: this.#signal,
    });
  }

  async close(): Promise<void> {
    await this.#lookAhead?.close();
  }
}
