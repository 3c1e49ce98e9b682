/**
 * @file Successive halving (Jamieson and Talwalkar 2016): all points train a little, the best go on. A training that is to
 * stop is interrupted after an epoch, and goes on from its checkpoint: schedules are those of the whole training, and the
 * result has the bytes of a training that was never interrupted.
 */
import { didYouMean } from "../diagnostics/closest.js";
import { fail } from "../diagnostics/diagnostic.js";
import type { Pipeline, StageNode } from "../pipeline/pipeline.js";
import { type Selection, select } from "../plan/select.js";
import type { RunEvent } from "../run/events.js";
import { lowerIsBetter } from "../run/measures.js";
import type { EpochRecord, RunRecord } from "../run/record.js";
import type { Halving } from "./matrix.js";
import type { PointResult } from "./record.js";
import type { SweepPoint } from "./sweep.js";

/** One round of a sweep: so many points train until they have so many epochs. */
export interface Rung {
  readonly points: number;
  readonly epochs: number;
}

/** What came of running a point until a rung. */
export interface RungOutcome {
  readonly point: SweepPoint;
  readonly result: PointResult;
  readonly record: RunRecord | null;
  /** What its training has told so far. */
  readonly epochs: readonly EpochRecord[];
  /** Its training was stopped, and can go on. */
  readonly paused: boolean;
}

/** The stage whose epochs count: the one that is named, or the last that can go on from a checkpoint. */
export function trainerOf({ nodes }: Pick<Pipeline, "nodes">, stage: string | undefined): StageNode | undefined {
  return nodes.findLast((node) => node.stage.resumable !== null && (stage === undefined || node.name === stage));
}

/** Epochs of the whole training of a point; null where its parameters do not say. */
export function epochsOf(node: StageNode | undefined): number | null {
  const epochs = node?.params.epochs;
  return typeof epochs === "number" ? epochs : null;
}

/** The rounds, if no point fails and no training ends by itself before. */
export function rungsOf(points: readonly SweepPoint[], { from, factor, stage }: Halving): Rung[] {
  const whole = Math.max(...points.map(({ pipeline }) => epochsOf(trainerOf(pipeline, stage)) ?? 0));
  const rungs: Rung[] = [];
  let left = points.length;
  for (let epochs = from; epochs < whole; epochs *= factor) {
    rungs.push({ points: left, epochs });
    left = survivors(left, factor);
  }
  return [...rungs, { points: left, epochs: whole }];
}

/**
 * Checks that the part of a pipeline that is asked for can be halved.
 * @throws DiagnosticError `selection-conflict`.
 */
export function checkPart(pipeline: Pipeline, { stage }: Halving, selection: Selection): void {
  if (selection.force !== undefined && selection.force !== false) {
    throw fail("selection-conflict", '"force" and successive halving exclude each other: every rung would begin anew', {
      hint: "Force one point: --point NAME=VALUE --force.",
    });
  }
  const trainer = trainerOf(pipeline, stage)?.name;
  if (select(pipeline, selection).nodes.some(({ name }) => name === trainer)) return;
  throw fail("selection-conflict", `"${trainer}", by which the matrix is halved, is not in the part that runs`, {
    hint: "Run a larger part, or one point of it: --point NAME=VALUE.",
  });
}

/**
 * Stops a run when its training has so many epochs. The training stops by itself there, so that it depends on no clock how
 * far it comes; this ends what is around it.
 */
export class Pause {
  epochs: EpochRecord[] = [];
  readonly #controller = new AbortController();
  readonly asked: { readonly stage: string; readonly epochs: number };

  constructor(stage: string, epochs: number) {
    this.asked = { stage, epochs };
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  hear(event: RunEvent): void {
    const { stage, epochs } = this.asked;
    if (event.type === "stage-resumed" && event.stage === stage) this.epochs = [...event.epochs];
    else if (event.type === "stage-epoch" && event.stage === stage) {
      this.epochs.push({ epoch: event.epoch, metrics: event.metrics, ms: event.ms });
    } else return;
    if (this.epochs.length >= epochs) this.#controller.abort();
  }
}

/** What a race of points asks of those who run it. */
export interface Race {
  /** Takes points until they have so many epochs, or to their end. */
  run(points: readonly SweepPoint[], epochs: number): Promise<readonly RungOutcome[]>;
  /** Whether the sweep is to end: then nothing is compared any more. */
  aborted(): boolean;
  /** Hears of every point once, when it is over. */
  over(result: PointResult, record: RunRecord | null): void;
  rung(at: number, rung: Rung, on: number): void;
}

/**
 * Runs points rung by rung. Who goes on depends on what the trainings tell, and on nothing else: a training that ended by
 * itself, or was in the store, is judged by the epoch of the rung like all others. Of equals the earlier point goes on.
 * @throws DiagnosticError `halving-monitor` when the training tells no such measure.
 */
export async function halve(points: readonly SweepPoint[], halving: Halving, race: Race): Promise<PointResult[]> {
  const last = new Map<SweepPoint, RungOutcome>();
  let left = points;
  for (let rung = 1, epochs = halving.from; left.length > 0; rung++, epochs *= halving.factor) {
    const more = left.filter((point) => last.get(point)?.paused !== false);
    for (const outcome of await race.run(more, epochs)) last.set(outcome.point, outcome);
    const here = left.map((point) => reached(last.get(point) as RungOutcome, rung));
    for (const outcome of here) last.set(outcome.point, outcome);
    const racing = here.filter(({ paused, result }) => paused || result.status === "succeeded");
    const isLast = left.every(({ pipeline }) => epochs >= (epochsOf(trainerOf(pipeline, halving.stage)) ?? 0));
    const best = isLast || race.aborted() ? new Set<SweepPoint>() : bestOf(racing, halving, epochs);
    if (best.size > 0) race.rung(rung, { points: left.length, epochs }, best.size);
    for (const outcome of here) {
      if (best.has(outcome.point)) continue;
      const beaten = best.size > 0 && racing.includes(outcome);
      const result = beaten ? stopped(outcome, epochs) : outcome.result;
      last.set(outcome.point, { ...outcome, result });
      race.over(result, outcome.record);
    }
    left = left.filter((point) => best.has(point));
  }
  return points.map((point) => (last.get(point) as RungOutcome).result);
}

function bestOf(racing: readonly RungOutcome[], halving: Halving, epochs: number): Set<SweepPoint> {
  const losses = new Map(racing.map((outcome) => [outcome, lossOf(outcome, halving, epochs)]));
  const loss = (outcome: RungOutcome): number => losses.get(outcome) as number;
  const ranked = racing.toSorted((a, b) => (loss(a) < loss(b) ? -1 : loss(a) > loss(b) ? 1 : 0));
  const on = racing.length === 0 ? 0 : survivors(racing.length, halving.factor);
  return new Set(ranked.slice(0, on).map(({ point }) => point));
}

/** Its epochs until the rung are what it counts and costs with, even where the store has more of it. */
function stopped({ result, epochs: all }: RungOutcome, until: number): PointResult {
  const epochs = all.slice(0, until);
  const computeMs = epochs.reduce((sum, { ms }) => sum + ms, 0);
  return { ...result, status: "stopped", epochs: epochs.length, metrics: {}, diagnostics: [], computeMs };
}

function survivors(points: number, factor: number): number {
  return Math.max(1, Math.floor(points / factor));
}

function reached(outcome: RungOutcome, rung: number): RungOutcome {
  return { ...outcome, result: { ...outcome.result, rung, epochs: outcome.epochs.length } };
}

/** What the point is judged by, the least is the best; a training that ended before counts with its last epoch. */
function lossOf({ epochs, result }: RungOutcome, { monitor }: Halving, at: number): number {
  const metrics = epochs[Math.min(at, epochs.length) - 1]?.metrics ?? {};
  if (!Object.hasOwn(metrics, monitor)) {
    throw fail("halving-monitor", `the training of ${result.label} tells no "${monitor}"`, {
      hint: `${didYouMean(monitor, Object.keys(metrics), "measure")} Measures that begin with val_ need validation rows.`,
    });
  }
  const value = metrics[monitor];
  return Number.isNaN(value) ? Number.POSITIVE_INFINITY : lowerIsBetter(monitor) ? value : -value;
}
