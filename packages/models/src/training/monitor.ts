import { z } from "zod";
import type { MetricName } from "../losses.js";

function monitor(metric: MetricName) {
  return z
    .enum(["val_loss", `val_${metric}`])
    .default("val_loss")
    .describe("The metric that decides");
}

/** When to stop before the last epoch, as Keras' EarlyStopping with restore_best_weights. */
export function earlyStoppingSchema(metric: MetricName) {
  return z.strictObject({
    monitor: monitor(metric),
    patience: z.int().min(0).default(0).describe("Epochs without improvement that are waited for"),
    min_delta: z.number().min(0).default(0).describe("Smallest change that counts as improvement"),
  });
}

/** Keep the weights of the best epoch, whenever training ends. */
export function restoreBestSchema(metric: MetricName) {
  return z.strictObject({ monitor: monitor(metric) });
}

/** The two, as parameters. */
export interface MonitorParams {
  readonly early_stopping: z.output<ReturnType<typeof earlyStoppingSchema>> | null;
  readonly restore_best: z.output<ReturnType<typeof restoreBestSchema>> | null;
}

type Metrics = Readonly<Record<string, number>>;

/** What a monitor has seen: for each metric that it follows, the best value (null: none yet) and its epoch. */
export type MonitorState = readonly { readonly best: number | null; readonly epoch: number }[];

/** Follows one metric over the epochs. Of equal values the first is the best. */
class Follower {
  readonly #monitor: string;
  readonly #sign: number;
  readonly #delta: number;
  #best = Number.POSITIVE_INFINITY;
  bestEpoch = 0;

  constructor(monitor: string, delta: number) {
    this.#monitor = monitor;
    this.#sign = monitor.endsWith("accuracy") ? -1 : 1;
    this.#delta = delta;
  }

  get state(): MonitorState[number] {
    return { best: Number.isFinite(this.#best) ? this.#best : null, epoch: this.bestEpoch };
  }

  restore({ best, epoch }: MonitorState[number]): void {
    this.#best = best ?? Number.POSITIVE_INFINITY;
    this.bestEpoch = epoch;
  }

  /** Whether this epoch is the best so far. */
  see(epoch: number, metrics: Metrics): boolean {
    const value = this.#sign * metrics[this.#monitor];
    if (!(value < this.#best - this.#delta || this.bestEpoch === 0)) return false;
    this.#best = value;
    this.bestEpoch = epoch;
    return true;
  }
}

/** Says after each epoch whether its weights are to be kept, and whether training is to go on. */
export class Monitor {
  readonly #stop: Follower | null;
  readonly #restore: Follower | null;
  readonly #patience: number;

  constructor({ early_stopping, restore_best }: MonitorParams) {
    this.#stop = early_stopping && new Follower(early_stopping.monitor, early_stopping.min_delta);
    this.#restore = restore_best ? new Follower(restore_best.monitor, 0) : this.#stop;
    this.#patience = early_stopping?.patience ?? 0;
  }

  /** Whether validation rows are needed. */
  get isOn(): boolean {
    return this.#restore !== null;
  }

  /** The epoch, from 1, whose weights are the result; null: the last one. */
  get bestEpoch(): number | null {
    return this.#restore?.bestEpoch ?? null;
  }

  get state(): MonitorState {
    return this.#followers.map(({ state }) => state);
  }

  restore(state: MonitorState): void {
    for (const [at, follower] of this.#followers.entries()) follower.restore(state[at]);
  }

  get #followers(): Follower[] {
    return [...new Set([this.#stop, this.#restore])].filter((follower) => follower !== null);
  }

  see(epoch: number, metrics: Metrics): { readonly isBest: boolean; readonly stop: boolean } {
    const isBest = this.#restore?.see(epoch, metrics) ?? false;
    if (this.#stop !== this.#restore) this.#stop?.see(epoch, metrics);
    const stop = this.#stop !== null && epoch - this.#stop.bestEpoch >= Math.max(this.#patience, 1);
    return { isBest, stop };
  }
}
