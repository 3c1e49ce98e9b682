import { join } from "node:path";
import type { EncodedFile } from "../artifacts/artifact.js";
import type { EpochRecord } from "../run/record.js";
import type { TaskListener } from "../run/task.js";
import type { Checkpoint, Checkpoints } from "../stages/context.js";
import { readNewest, type StoredCheckpoint, type Told, writeCheckpoint } from "./folder.js";

/**
 * How often checkpoints are kept. `auto`: as often as costs at most two percent of the time; `always`: after every
 * epoch; `off`: never, and none is used.
 */
export type CheckpointMode = "auto" | "always" | "off";

/** What a task must know to keep checkpoints. */
export interface CheckpointTask {
  readonly folder: string;
  readonly key: string;
  readonly mode: Exclude<CheckpointMode, "off">;
  /** Stop after so many epochs, those of earlier runs included. */
  readonly pauseAfter?: number;
}

/** Time between two checkpoints is at least so many times what one takes. */
const COST = 50;

/** And at least so many milliseconds: at the end of an epoch, and within one. */
const LEAST = { boundary: 500, between: 10_000 } as const;

/** The checkpoints of a running task. What it reads from the clock decides when one is kept, never what is in it. */
export class TaskCheckpoints implements Checkpoints {
  readonly #task: CheckpointTask;
  readonly #staging: string;
  readonly #listener: TaskListener;
  #epochs: EpochRecord[] = [];
  #started = performance.now();
  #epochStarted = this.#started;
  #savedAt = this.#started;
  #savedStep = -1;
  #cost = 0;
  #count = 0;
  #broken = false;
  #found: StoredCheckpoint | null = null;
  readonly #pause: () => void;

  /**
   * @param staging a folder of this task alone.
   * @param pause called when it has the epochs after which it is to stop.
   */
  constructor(task: CheckpointTask, staging: string, listener: TaskListener, pause: () => void = () => {}) {
    this.#task = task;
    this.#staging = staging;
    this.#listener = listener;
    this.#pause = pause;
  }

  async latest(): Promise<Checkpoint | null> {
    const { folder, key } = this.#task;
    const found = await readNewest(folder, key, (step) =>
      this.#listener({ type: "log", message: `the checkpoint of step ${step} is damaged, so it is passed over` }),
    );
    this.#found = found;
    return found;
  }

  resumed(): void {
    if (this.#found === null) throw new Error("there is no checkpoint to go on from");
    const { at, step, told } = this.#found;
    const now = performance.now();
    this.#epochs = [...told.epochs];
    this.#started = now - told.ms;
    this.#epochStarted = now - told.epochMs;
    this.#savedStep = step;
    this.#listener({ type: "resumed", at, epochs: told.epochs });
    this.#pauseIfDue();
  }

  due(moment: "boundary" | "between"): boolean {
    if (this.#broken) return false;
    if (this.#task.mode === "always") return moment === "boundary";
    return performance.now() - this.#savedAt >= Math.max(LEAST[moment], COST * this.#cost);
  }

  async save(step: number, at: string, files: () => Promise<readonly EncodedFile[]>): Promise<void> {
    if (this.#broken || step <= this.#savedStep) return;
    const { folder, key } = this.#task;
    const began = performance.now();
    const told: Told = { epochs: this.#epochs, ms: began - this.#started, epochMs: began - this.#epochStarted };
    try {
      const staging = join(this.#staging, `checkpoint-${this.#count++}`);
      await writeCheckpoint(folder, key, { step, at, told, files: await files() }, staging);
    } catch (error) {
      // A full disk must not end a training that needs no more room than its result.
      this.#broken = true;
      const { message } = error as Error;
      this.#listener({ type: "log", message: `no more checkpoints: one could not be written (${message})` });
      return;
    }
    this.#savedStep = step;
    this.#savedAt = performance.now();
    this.#cost = this.#savedAt - began;
    this.#listener({ type: "checkpoint", at });
  }

  /** An epoch ended: its record, its time with what earlier runs spent on it. */
  epochEnded(record: Omit<EpochRecord, "ms">): EpochRecord {
    const now = performance.now();
    const whole = { ...record, ms: now - this.#epochStarted };
    this.#epochs = [...this.#epochs, whole];
    this.#epochStarted = now;
    this.#pauseIfDue();
    return whole;
  }

  #pauseIfDue(): void {
    if (this.#epochs.length >= (this.#task.pauseAfter ?? Number.POSITIVE_INFINITY)) this.#pause();
  }

  /** Milliseconds since the work began, those of earlier runs included. */
  get elapsed(): number {
    return performance.now() - this.#started;
  }
}
