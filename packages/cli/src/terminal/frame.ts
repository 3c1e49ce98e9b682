import { duration, grouped, measure } from "@seqloom/report/format";
import type { Paint } from "./paint.js";
import { fractionOf, type RunningStage, type RunState, timeLeft } from "./state.js";
import { cut, fill, fitting, harmless, widthOf } from "./width.js";

const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const MS_PER_TURN = 100;

/** The lines that are drawn for a moment of a run: two per stage that trains, one per other that runs, and a last one. */
export function frame(state: RunState, columns: number, now: number, startedAt: number, paint: Paint): string[] {
  // The last column stays free: some terminals begin a new line as soon as it is written.
  const width = Math.max(10, columns - 1);
  const turn = SPINNER[Math.floor(now / MS_PER_TURN) % SPINNER.length];
  const names = Math.min(Math.floor(width / 3), nameWidth(state.uses.keys()));
  const lines = state.running.flatMap((stage) => stageLines(stage, width, names, turn, now, paint));
  const counts = `${state.finished}/${state.total} stages`;
  const ending = state.interrupting ? "stopping; Ctrl-C again ends at once" : duration(now - startedAt);
  return [...lines, paint.dim(cut(`  ${counts} · ${ending}`, width))];
}

/** How wide the column of names is: that of the longest, but not without limit. */
export function nameWidth(names: Iterable<string>): number {
  return Math.min(28, Math.max(0, ...[...names].map(widthOf)));
}

function stageLines(
  stage: RunningStage,
  width: number,
  names: number,
  turn: string,
  now: number,
  paint: Paint,
): string[] {
  const name = fill(cut(harmless(stage.name), names), names);
  const left = timeLeft(stage, now);
  const fraction = fractionOf(stage);
  const head = `${paint.cyan(turn)} ${paint.bold(name)}`;
  const room = width - names - 2;
  const parts = [
    ...(fraction === null ? [amount(stage)] : [bar(fraction, room < 40 ? 10 : 20, paint)]),
    ...(fraction === null ? [] : [`${Math.floor(fraction * 100)} %`.padStart(5)]),
    left === null ? duration(now - stage.startedAt) : `${remaining(left)} left`,
    paint.dim(stage.use),
  ].filter((part) => part !== "");
  const first = fitting([head, ...parts], width);
  return stage.epoch === null ? [first] : [first, `  ${epochLine(stage.epoch, width - 2)}`];
}

/** Whole seconds: a guess should not look exact, or flicker. */
function remaining(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  return seconds < 60 ? `${seconds} s` : duration(seconds * 1000);
}

function epochLine({ done, of, metrics, ms }: NonNullable<RunningStage["epoch"]>, width: number): string {
  const numbers = Object.entries(metrics).map(([name, value]) => `${name} ${measure(name, value)}`);
  // On a narrow terminal the numbers of the validation say more than the time of an epoch.
  return fitting([`epoch ${done}/${of}`, ...numbers, `${duration(ms)}/epoch`], width);
}

function amount({ progress, waiting }: RunningStage): string {
  if (waiting !== null) return waiting;
  if (progress === null) return "";
  return progress.message === undefined
    ? `${grouped(progress.done)} ${progress.unit}`
    : harmless(`${progress.message}, ${grouped(progress.done)} ${progress.unit}`);
}

function bar(fraction: number, width: number, paint: Paint): string {
  const full = Math.round(fraction * width);
  return paint.cyan("━".repeat(full)) + paint.dim("─".repeat(width - full));
}
