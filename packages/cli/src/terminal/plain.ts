import type { Pipeline, RunEvent } from "@seqloom/core";
import { duration, measure } from "@seqloom/report/format";
import type { Paint } from "./paint.js";
import type { Reporter } from "./reporter.js";
import { harmless } from "./width.js";
import { collected, outcome, sign, waitingFor, why } from "./words.js";

/** A line per thing that happens: for logs, pipes and terminals that cannot be drawn on. */
export function plainReporter(pipeline: Pipeline, write: (text: string) => void, paint: Paint): Reporter {
  const uses = new Map(pipeline.nodes.map(({ name, stage }) => [name, stage.id]));
  const waiting = new Map<string, string>();
  const name = (stage: string) => `${paint.bold(harmless(stage))} ${paint.dim(uses.get(stage) ?? "")}`;
  return {
    listener(event: RunEvent) {
      switch (event.type) {
        case "stage-waiting":
          // How far it is would be a line every second: only whom it waits for.
          if (waiting.get(event.stage) !== event.holder.run)
            write(`… ${name(event.stage)} ${waitingFor(event.holder)}\n`);
          waiting.set(event.stage, event.holder.run);
          break;
        case "stage-started":
          write(`${paint.blue("▶")} ${name(event.stage)} started${because(why(event.reasons), paint)}\n`);
          break;
        case "stage-epoch": {
          const metrics = Object.entries(event.metrics).map(([key, value]) => `${key} ${measure(key, value)}`);
          write(
            `  ${harmless(event.stage)} epoch ${event.epoch}/${event.epochs}  ${metrics.join("  ")}  ${duration(event.ms)}\n`,
          );
          break;
        }
        case "stage-log":
          write(`  ${paint.dim(`${harmless(event.stage)}: ${harmless(event.message)}`)}\n`);
          break;
        case "stage-resumed":
          write(`  ${harmless(event.stage)} resumed from ${harmless(event.from)}\n`);
          break;
        case "stage-finished":
          write(`${sign(event.result.status, paint)} ${name(event.stage)} ${outcome(event.result)}\n`);
          break;
        case "collected":
          write(`  ${paint.dim(collected(event))}\n`);
          break;
        case "interrupting":
          write("Stopping. Press Ctrl-C again to end at once.\n");
          break;
        case "run-started":
        case "stage-progress":
        case "stage-checkpoint":
        case "stage-profile":
        case "stage-warning":
        case "run-finished":
          break;
      }
    },
    close() {},
  };
}

function because(reasons: string, paint: Paint): string {
  return reasons === "" ? "" : paint.dim(`, because ${reasons}`).replace("because new", "new");
}
