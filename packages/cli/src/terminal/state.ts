import type { EpochMetrics, Pipeline, Progress, RunEvent } from "@seqloom/core";
import { waitingFor } from "./words.js";

/** A stage that is running, as far as it has told. */
export interface RunningStage {
  readonly name: string;
  readonly use: string;
  /** Milliseconds, by the clock of the caller. */
  readonly startedAt: number;
  /** Whom it waits for, in words. */
  readonly waiting: string | null;
  readonly progress: Progress | null;
  readonly epoch: {
    readonly done: number;
    readonly of: number;
    readonly metrics: EpochMetrics;
    /** Mean wall time of an epoch so far, without the first. */
    readonly ms: number;
  } | null;
}

/** What is going on in a run: made from its events, drawn again and again. */
export interface RunState {
  readonly uses: ReadonlyMap<string, string>;
  readonly total: number;
  readonly finished: number;
  readonly running: readonly RunningStage[];
  readonly interrupting: boolean;
}

/** The state before the first event. */
export function initialState(pipeline: Pipeline): RunState {
  const uses = new Map(pipeline.nodes.map(({ name, stage }) => [name, stage.id]));
  return { uses, total: pipeline.nodes.length, finished: 0, running: [], interrupting: false };
}

/** The state after an event at a time. */
export function nextState(state: RunState, event: RunEvent, now: number): RunState {
  const change = (name: string, update: (stage: RunningStage) => Partial<RunningStage>): RunState => ({
    ...state,
    running: state.running.map((stage) => (stage.name === name ? { ...stage, ...update(stage) } : stage)),
  });
  switch (event.type) {
    case "run-started":
      return { ...state, total: event.stages.length };
    case "stage-waiting": {
      const waiting = waitingFor(event.holder);
      if (state.running.some(({ name }) => name === event.stage)) return change(event.stage, () => ({ waiting }));
      return { ...state, running: [...state.running, { ...startedStage(state, event.stage, now), waiting }] };
    }
    case "stage-started": {
      const others = state.running.filter(({ name }) => name !== event.stage);
      return { ...state, running: [...others, startedStage(state, event.stage, now)] };
    }
    case "stage-progress":
      return change(event.stage, () => ({ progress: event.progress }));
    case "stage-epoch":
      return change(event.stage, ({ epoch }) => ({
        epoch: {
          done: event.epoch,
          of: event.epochs,
          metrics: event.metrics,
          // The first epoch also warms things up, so it does not count once there are others.
          ms: epoch === null || event.epoch <= 2 ? event.ms : epoch.ms + (event.ms - epoch.ms) / (event.epoch - 1),
        },
      }));
    case "stage-finished": {
      const running = state.running.filter(({ name }) => name !== event.stage);
      return { ...state, running, finished: state.finished + 1 };
    }
    case "interrupting":
      return { ...state, interrupting: true };
    case "collected":
    case "stage-log":
    case "stage-resumed":
    case "stage-checkpoint":
    case "stage-profile":
    case "stage-warning":
    case "run-finished":
      return state;
  }
}

function startedStage({ uses }: RunState, name: string, startedAt: number): RunningStage {
  return { name, use: uses.get(name) ?? "", startedAt, waiting: null, progress: null, epoch: null };
}

/** The part of its work that a stage has done, or null where it has not said. A training counts all its epochs. */
export function fractionOf({ progress, epoch }: RunningStage): number | null {
  const told = progress?.total === undefined || progress.total === 0 ? null : progress.done / progress.total;
  if (epoch !== null) {
    // Between epochs a training also tells of validation, which counts in other units.
    const training = progress?.unit === "batches" ? told : null;
    return Math.min(1, Math.max(epoch.done / epoch.of, training ?? 0));
  }
  return told === null ? null : Math.min(1, told);
}

/** Milliseconds that are left at the speed so far, or null while that says little. */
export function timeLeft(stage: RunningStage, now: number): number | null {
  const fraction = fractionOf(stage);
  const spent = now - stage.startedAt;
  if (fraction === null || fraction < 0.02 || spent < 1000) return null;
  if (stage.epoch !== null) return Math.max(0, (1 - fraction) * stage.epoch.of * stage.epoch.ms);
  return (spent / fraction) * (1 - fraction);
}
