import { hostname } from "node:os";
import type { Holder, Reason, RunEvent, StageResult } from "@seqloom/core/engine";
import { reasonText } from "@seqloom/core/start";
import { bytes, count, duration } from "@seqloom/report/format";
import type { Paint } from "./paint.js";
import { harmless } from "./width.js";

/** The sign of a status; shapes differ so that colours are not needed. */
export function sign(status: StageResult["status"], paint: Paint): string {
  switch (status) {
    case "hit":
      return paint.green("✓");
    case "run":
      return paint.blue("●");
    case "failed":
      return paint.red("✗");
    case "skipped":
      return paint.dim("○");
  }
}

/** What became of a stage, in words: `from cache, saved 410 ms`. */
export function outcome(result: StageResult): string {
  switch (result.status) {
    case "hit":
      if (result.from === "remote") return `from the remote cache in ${duration(result.ms)}`;
      return result.computeMs >= 1 ? `from cache, saved ${duration(result.computeMs)}` : "from cache";
    case "run":
      return `ran ${duration(result.ms)}${result.resumed === undefined ? "" : `, resumed from ${result.resumed}`}`;
    case "failed":
      return `failed after ${duration(result.ms)}`;
    case "skipped":
      if (result.ms < 1) return "not run";
      return `stopped after ${duration(result.ms)}${result.checkpoint === undefined ? "" : `, goes on from ${result.checkpoint}`}`;
  }
}

/** Whom a stage waits for: `waiting for run 01K… (process 123, epoch 3/10)`. */
export function waitingFor({ run, pid, host, progress }: Holder): string {
  const where = host === hostname() ? `process ${pid}` : `process ${pid} on ${harmless(host)}`;
  return `waiting for run ${harmless(run)} (${[where, ...(progress === null ? [] : [harmless(progress)])].join(", ")})`;
}

/** What went to make room: `collected 12 results, 1.2 GB: the cache had grown above 20 GB`. */
export function collected(event: Extract<RunEvent, { readonly type: "collected" }>): string {
  const limit = event.maxBytes === null ? "" : `: the cache had grown above ${bytes(event.maxBytes)}`;
  return `collected ${count(event.results, "result")}, ${bytes(event.freed)}${limit}`;
}

/** Each reason in words; `new` for a stage that never ran: there is nothing to explain then. */
export function reasonWords(reasons: readonly Reason[]): string[] {
  return reasons.map((reason) => (reason.kind === "never-run" ? "new" : harmless(reasonText(reason))));
}

/** Reasons that fit beside other things on a line. */
const ON_A_LINE = 2;

/** The first reasons in words, and how many more there are; what lists them all. */
export function why(reasons: readonly Reason[]): string {
  const all = reasonWords(reasons);
  // To count a single one takes as much room as to say it.
  if (all.length <= ON_A_LINE + 1) return all.join(", ");
  return `${all.slice(0, ON_A_LINE).join(", ")} and ${all.length - ON_A_LINE} more (the report shows all)`;
}
