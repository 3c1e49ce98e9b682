import type { Pipeline, RunEvent } from "@seqloom/core";
import { Canvas, type Screen } from "./canvas.js";
import { frame, nameWidth } from "./frame.js";
import type { Paint } from "./paint.js";
import type { Reporter } from "./reporter.js";
import { initialState, nextState } from "./state.js";
import { cut, fill, harmless, widthOf } from "./width.js";
import { collected, outcome, sign, why } from "./words.js";

const DRAW_MS = 100;

/**
 * Draws the run on a terminal: what is over scrolls up as lines that stay, what runs is drawn again below them, at most
 * ten times a second.
 */
export function liveReporter(pipeline: Pipeline, screen: Screen, paint: Paint): Reporter {
  const startedAt = performance.now();
  let state = initialState(pipeline);
  const canvas = new Canvas(screen);
  const names = nameWidth(state.uses.keys());

  const draw = (): void => {
    const idle = state.running.length === 0;
    canvas.draw(idle ? [] : frame(state, canvas.columns, performance.now(), startedAt, paint));
  };

  const keep = (event: RunEvent): void => {
    const columns = canvas.columns - 1;
    if (event.type === "stage-log") {
      canvas.keep(paint.dim(cut(`  ${harmless(event.stage)}: ${harmless(event.message)}`, columns)));
    }
    if (event.type === "stage-resumed") {
      canvas.keep(paint.dim(cut(`  ${harmless(event.stage)} resumed from ${harmless(event.from)}`, columns)));
    }
    if (event.type === "collected") canvas.keep(paint.dim(cut(`  ${collected(event)}`, columns)));
    if (event.type !== "stage-finished") return;
    const { result } = event;
    const name = fill(cut(harmless(result.name), names), names);
    const head = `${sign(result.status, paint)} ${paint.bold(name)}  ${outcome(result)}`;
    const use = `  ${paint.dim(result.use)}`;
    canvas.keep(widthOf(head + use) <= columns ? head + use : head);
    const reasons = why(result.reasons);
    if (reasons !== "" && reasons !== "new") canvas.keep(paint.dim(cut(`  because ${reasons}`, columns)));
  };

  const timer = setInterval(draw, DRAW_MS);
  timer.unref();
  return {
    listener(event) {
      keep(event);
      state = nextState(state, event, performance.now());
    },
    close() {
      clearInterval(timer);
      canvas.close();
    },
  };
}
