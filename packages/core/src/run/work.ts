/** @file The half of a run that computes. A run in which every stage is a hit never loads it. */
import { rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { RunId } from "../brands.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Pipeline } from "../pipeline/pipeline.js";
import type { Outputs, PlanNode } from "../plan/plan.js";
import { DEFAULT_DEVICE, type Planner } from "../plan/planner.js";
import { ownerToken } from "../store/owner.js";
import { isDue } from "../store/size.js";
import type { Store } from "../store/store.js";
import { EventLog } from "./event-log.js";
import type { RunEvent, RunListener } from "./events.js";
import { diagnosticsOf } from "./failure.js";
import { Flights } from "./flights.js";
import { askDirty } from "./git-status.js";
import type { LookAhead } from "./look-ahead.js";
import type { StageResult } from "./record.js";
import { type StartedRun, startedPath } from "./records.js";
import type { RunOptions } from "./run.js";
import { schedule } from "./scheduler.js";
import { stageEnvironment } from "./stage-environment.js";
import { mirrorFolders, StageRunner } from "./stage-runner.js";

/** What a run hands over when something must be computed. */
export interface WorkScope {
  readonly pipeline: Pipeline;
  readonly planner: Planner;
  readonly options: RunOptions;
  readonly run: RunId;
  readonly startedAt: Date;
  /** The same moment on the clock of `performance.now()`. */
  readonly began: number;
  readonly signal: AbortSignal;
  /** Whether git is to be asked for changes. */
  readonly inRepository: boolean;
  /** What was told before the log was there. */
  readonly heard: readonly RunEvent[];
  readonly emit: RunListener;
  readonly outputs: Map<string, Outputs>;
  readonly finish: (result: StageResult) => void;
  readonly lookAhead: LookAhead | null;
}

/** Opens the log of the run and makes ready to compute. */
export async function startWork(scope: WorkScope) {
  const { pipeline, planner, options, signal, outputs, finish } = scope;
  const { store } = options;
  const remote = (await options.remote?.(store, pipeline.directory)) ?? null;
  const log = new EventLog(store.path("runs", scope.run, "events.ndjson"));
  const emit: RunListener = (event) => {
    log.write(event, Date.now());
    flights.hear(event);
    scope.emit(event);
  };
  const begun: StartedRun = {
    pipeline: pipeline.name,
    startedAt: scope.startedAt.toISOString(),
    owner: ownerToken(),
  };
  announce(() => store.writeFile(startedPath(store, scope.run), JSON.stringify(begun)));
  const device = options.device ?? DEFAULT_DEVICE;
  const flights = new Flights({ store, run: scope.run, device, emit, signal });
  for (const event of scope.heard) log.write(event, scope.startedAt.getTime());
  const runner = new StageRunner({
    pipeline,
    planner,
    store,
    device,
    profile: options.profile ?? false,
    traceInputs: options.traceInputs ?? false,
    checkpoints: options.checkpoints ?? "auto",
    pause: options.pause,
    mirrors: options.mirrors ?? mirrorFolders(),
    definitions: options.definitions ?? new Map(),
    environment: stageEnvironment(options.threads),
    lookAhead: scope.lookAhead,
    signal,
    emit,
  });
  // Asked now, so that the answer is there when the run is over.
  const dirty = scope.inRepository ? dirtyOnce(pipeline.directory, options.shared?.dirty) : undefined;
  const cores = options.concurrency ?? availableParallelism();
  return {
    emit,
    dirty,
    schedule: (waiting: readonly PlanNode[]) =>
      schedule(waiting, {
        planner,
        store,
        runner,
        remote,
        flights,
        signal,
        cores,
        began: scope.began,
        emit,
        outputs,
        finish,
        shared: options.shared,
      }),
    /** Waits for what is still being published. */
    flush: async () => remote?.close(signal),
    close: () => {
      log.close();
      announce(() => rmSync(startedPath(store, scope.run), { force: true }));
    },
    collect: () => collectWhenDue(store, signal, emit),
  };
}

function dirtyOnce(directory: string, asked: Map<string, Promise<boolean | undefined>> = new Map()) {
  const answer = asked.get(directory) ?? askDirty(directory);
  asked.set(directory, answer);
  return answer;
}

/** Keeps the store below its limit. Results are safe by now: whatever goes wrong here is a warning. */
async function collectWhenDue(store: Store, signal: AbortSignal, emit: RunListener): Promise<readonly Diagnostic[]> {
  if (signal.aborted) return [];
  try {
    if (!isDue(store)) return [];
    const { collect } = await import("../store/gc.js");
    const { evicted, freed, maxBytes } = await collect(store, { signal });
    if (evicted.length > 0) emit({ type: "collected", results: evicted.length, freed, maxBytes });
    return [];
  } catch (error) {
    return signal.aborted
      ? []
      : (diagnosticsOf(error) ?? []).map((one): Diagnostic => ({ ...one, severity: "warning" }));
  }
}

/** A store that cannot be written says so when a result is to be kept; this is only for `seqloom runs`. */
function announce(action: () => void): void {
  try {
    action();
  } catch {
    // See above.
  }
}
