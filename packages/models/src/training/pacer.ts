import { setImmediate } from "node:timers/promises";
import type { Progress, StageContext } from "@seqloom/core";

const YIELD_MS = 50;
const REPORT_MS = 150;

/**
 * Lets the event loop run now and then between batches, so that an abort and messages arrive, and passes progress on at
 * a rate that a person can read. It looks at the clock, and nothing that it does reaches a result.
 */
export class Pacer {
  readonly #context: StageContext;
  #yielded = performance.now();
  #reported = Number.NEGATIVE_INFINITY;

  constructor(context: StageContext) {
    this.#context = context;
  }

  /**
   * Call it before each batch.
   * @throws the signal's reason once the stage is aborted.
   */
  async pause(progress: Progress): Promise<void> {
    this.#context.signal.throwIfAborted();
    const now = performance.now();
    if (now - this.#yielded < YIELD_MS) return;
    if (now - this.#reported >= REPORT_MS) {
      this.#context.progress(progress);
      this.#reported = now;
    }
    await setImmediate();
    this.#yielded = performance.now();
    this.#context.signal.throwIfAborted();
  }
}
