import type { PointResult, RunEvent, SweepEvent } from "@seqloom/core";
import { leadingMeasure, lowerIsBetter, type SweepListener } from "@seqloom/core/engine";
import { duration, measure } from "@seqloom/report/format";
import { Canvas, type Screen } from "./canvas.js";
import type { Paint } from "./paint.js";
import { cut, fitting, harmless } from "./width.js";
import { sign } from "./words.js";

const DRAW_MS = 100;

/** Tells a person what a sweep does. */
export interface SweepReporter {
  readonly listener: SweepListener;
  /** Leaves the terminal as it was. */
  close(): void;
}

/** What a running point has told. */
interface Running {
  readonly label: string;
  stage: string;
  told: string;
}

/** How far a sweep is: made from its events, drawn again and again. */
export class SweepState {
  total = 0;
  done = 0;
  failed = 0;
  jobs = 1;
  readonly running = new Map<string, Running>();
  best: { readonly label: string; readonly name: string; readonly value: number } | null = null;
  readonly startedAt: number;

  constructor(now: number) {
    this.startedAt = now;
  }

  hear(event: SweepEvent): void {
    if (event.type === "sweep-started") [this.total, this.jobs] = [event.points.length, event.jobs];
    if (event.type === "point-started") {
      this.running.set(event.point.id, { label: event.point.label, stage: "", told: "" });
    }
    if (event.type === "point-event") {
      const point = this.running.get(event.point.id);
      if (point !== undefined) tell(point, event.event);
    }
    if (event.type === "point-waiting") this.running.delete(event.point.id);
    if (event.type !== "point-finished") return;
    const { result } = event;
    this.running.delete(result.id);
    this.done++;
    if (result.status === "failed") this.failed++;
    const found = leadingOf(result);
    const better = (value: number, than: number, name: string) => (lowerIsBetter(name) ? value < than : value > than);
    if (found !== null && (this.best === null || better(found.value, this.best.value, found.name))) {
      this.best = { label: result.label, ...found };
    }
  }

  /** A line for each point at work, and a last one for all; none is wider than the terminal. */
  lines(columns: number, now: number, paint: Paint): string[] {
    const width = columns - 1;
    const working = [...this.running.values()].filter(({ stage }) => stage !== "");
    const points = working.map(({ label, stage, told }) =>
      fitting([cut(`▶ ${harmless(label)}`, Math.max(12, Math.floor(width / 2))), harmless(stage), told], width),
    );
    const spent = now - this.startedAt;
    const left = this.done === 0 ? null : (spent / this.done) * (this.total - this.done);
    const parts = [
      `  ${this.done}/${this.total} points`,
      ...(this.failed > 0 ? [`${this.failed} failed`] : []),
      left === null ? duration(spent) : `${duration(Math.max(1000, Math.round(left / 1000) * 1000))} left`,
      ...(this.best === null
        ? []
        : [`best ${this.best.name} ${measure(this.best.name, this.best.value)} at ${harmless(this.best.label)}`]),
    ];
    return [...points, paint.dim(fitting(parts, width, " · "))];
  }
}

function tell(point: Running, event: RunEvent): void {
  if (event.type === "stage-started") [point.stage, point.told] = [event.stage, ""];
  if (event.type === "stage-finished" && event.stage === point.stage) [point.stage, point.told] = ["", ""];
  if (event.type !== "stage-epoch") return;
  const numbers = Object.entries(event.metrics).map(([name, value]) => `${name} ${measure(name, value)}`);
  point.told = [`epoch ${event.epoch}/${event.epochs}`, ...numbers].join("  ");
}

/** The leading measure of the last stage that measured. */
function leadingOf({ metrics }: PointResult): { readonly name: string; readonly value: number } | null {
  const values = Object.values(metrics).at(-1) ?? {};
  const name = leadingMeasure(values);
  return name === undefined ? null : { name, value: values[name] };
}

/** What became of a point, on a line. */
function pointLine(result: PointResult, paint: Paint): string[] {
  const status = result.status === "succeeded" ? (result.stages.run > 0 ? "run" : "hit") : result.status;
  const mark = sign(status === "interrupted" || status === "stopped" ? "skipped" : status, paint);
  const found = leadingOf(result);
  const { hit, run, failed } = result.stages;
  return [
    `${mark} ${paint.bold(harmless(result.label))}`,
    ...(found === null ? [] : [`${found.name} ${measure(found.name, found.value)}`]),
    ...(result.status === "stopped" ? [`stopped after epoch ${result.epochs}`] : []),
    ...(result.status === "skipped" ? ["not run"] : [duration(result.seconds * 1000)]),
    ...(result.run === null ? [] : [paint.dim(`${run} ran, ${hit} hit${failed > 0 ? `, ${failed} failed` : ""}`)]),
  ];
}

function rungLine({ rung, points, epochs, on }: Extract<SweepEvent, { readonly type: "rung-finished" }>): string {
  return `rung ${rung}: ${points} points at epoch ${epochs}, ${on} of them go on`;
}

/** Draws a sweep on a terminal: points that are over scroll up, those at work and the state of all stay below. */
export function liveSweep(screen: Screen, paint: Paint): SweepReporter {
  const canvas = new Canvas(screen);
  const state = new SweepState(performance.now());
  const timer = setInterval(() => canvas.draw(state.lines(canvas.columns, performance.now(), paint)), DRAW_MS);
  timer.unref();
  return {
    listener(event) {
      state.hear(event);
      if (event.type === "point-finished") canvas.keep(fitting(pointLine(event.result, paint), canvas.columns - 1));
      if (event.type === "rung-finished") canvas.keep(paint.dim(cut(rungLine(event), canvas.columns - 1)));
    },
    close() {
      clearInterval(timer);
      canvas.close();
    },
  };
}

/** A line per point: for logs, pipes and terminals that cannot be drawn on. */
export function plainSweep(write: (text: string) => void, paint: Paint): SweepReporter {
  const state = new SweepState(performance.now());
  return {
    listener(event) {
      state.hear(event);
      if (event.type === "sweep-started") write(`${state.total} points, ${state.jobs} at a time\n`);
      if (event.type === "rung-finished") write(`${paint.dim(rungLine(event))}\n`);
      if (event.type === "point-finished") {
        write(`${pointLine(event.result, paint).join("  ")}  ${paint.dim(`${state.done}/${state.total}`)}\n`);
      }
    },
    close() {},
  };
}
