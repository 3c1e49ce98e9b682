import type { Pipeline, RunEvent } from "@seqloom/core";
import { frame, nameWidth } from "./frame.js";
import type { Paint } from "./paint.js";
import type { Reporter } from "./reporter.js";
import { initialState, nextState } from "./state.js";
import { cut, fill, harmless, widthOf } from "./width.js";
import { outcome, sign, why } from "./words.js";

const DRAW_MS = 100;
const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";

/** A terminal, or what stands for one in a test. */
export interface Screen {
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
}

/**
 * Draws the run on a terminal: what is over scrolls up as lines that stay, what runs is drawn again below them, at most
 * ten times a second.
 */
export function liveReporter(pipeline: Pipeline, screen: Screen, paint: Paint): Reporter {
  const startedAt = performance.now();
  let state = initialState(pipeline);
  let drawn: readonly string[] = [];
  let kept: string[] = [];
  let hidden = false;
  const names = nameWidth(state.uses.keys());

  /** How many rows the drawn lines take now: after the window got narrower, a line takes more than one. */
  const erase = (columns: number): string => {
    if (drawn.length === 0) return "";
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), 0);
    return `\r${rows > 1 ? `\u001b[${rows - 1}A` : ""}\u001b[J`;
  };

  const draw = (last = false): void => {
    const columns = Math.max(20, screen.columns ?? 80);
    const lines = last || state.running.length === 0 ? [] : frame(state, columns, performance.now(), startedAt, paint);
    const shown = lines.slice(-Math.max(1, (screen.rows ?? 24) - 1));
    if (shown.length === 0 && kept.length === 0 && drawn.length === 0) return;
    const cursor = shown.length > 0 && !hidden ? HIDE_CURSOR : shown.length === 0 && hidden ? SHOW_CURSOR : "";
    hidden = shown.length > 0;
    screen.write(`${erase(columns)}${kept.map((line) => `${line}\n`).join("")}${shown.join("\n")}${cursor}`);
    drawn = shown;
    kept = [];
  };

  const keep = (event: RunEvent): void => {
    const columns = Math.max(20, screen.columns ?? 80) - 1;
    if (event.type === "stage-log") {
      kept.push(paint.dim(cut(`  ${harmless(event.stage)}: ${harmless(event.message)}`, columns)));
    }
    if (event.type === "stage-resumed") {
      kept.push(paint.dim(cut(`  ${harmless(event.stage)} resumed from ${harmless(event.from)}`, columns)));
    }
    if (event.type !== "stage-finished") return;
    const { result } = event;
    const name = fill(cut(harmless(result.name), names), names);
    const head = `${sign(result.status, paint)} ${paint.bold(name)}  ${outcome(result)}`;
    const use = `  ${paint.dim(result.use)}`;
    kept.push(widthOf(head + use) <= columns ? head + use : head);
    const reasons = why(result.reasons);
    if (reasons !== "" && reasons !== "new") kept.push(paint.dim(cut(`  because ${reasons}`, columns)));
  };

  const restore = (): void => {
    if (hidden) screen.write(SHOW_CURSOR);
    hidden = false;
  };
  const timer = setInterval(draw, DRAW_MS);
  timer.unref();
  process.once("exit", restore);
  return {
    listener(event) {
      keep(event);
      state = nextState(state, event, performance.now());
    },
    close() {
      clearInterval(timer);
      draw(true);
      restore();
      process.removeListener("exit", restore);
    },
  };
}
