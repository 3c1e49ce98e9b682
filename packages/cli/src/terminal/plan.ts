import type { Plan, PlanNode } from "@seqloom/core/engine";
import type { PlanDifference, StageChange, WhatIf } from "@seqloom/core/plan-tools";
import { duration } from "@seqloom/report/format";
import type { Paint } from "./paint.js";
import { aligned } from "./summary.js";
import { harmless } from "./width.js";
import { reasonWords } from "./words.js";

/** A plan as text: a line per stage, and what it comes to. */
export function planText({ nodes, savedMs }: Plan, paint: Paint): string {
  const signs = { hit: paint.green("✓"), run: paint.blue("●"), unknown: paint.yellow("?"), broken: paint.red("✗") };
  const rows = nodes.map((planned) => ({
    sign: signs[planned.status],
    name: planned.node.name,
    words: words(planned),
    reasons: "reasons" in planned ? reasonWords(planned.reasons) : [],
  }));
  const number = (status: PlanNode["status"]) => nodes.filter((node) => node.status === status).length;
  const counts = [
    `${number("hit")} from cache${savedMs >= 1 ? `, saving ${duration(savedMs)}` : ""}`,
    `${number("run")} to run`,
    ...(number("unknown") > 0 ? [`${number("unknown")} to see`] : []),
    ...(number("broken") > 0 ? [`${number("broken")} broken`] : []),
  ];
  return `${lines(rows, paint).join("\n")}\n\n${counts.join(paint.dim(" · "))}\n`;
}

function words(planned: PlanNode): string {
  switch (planned.status) {
    case "hit": {
      const { blessed } = planned.entry;
      return blessed === undefined
        ? "from cache"
        : `from cache, accepted by ${harmless(blessed.author)}: ${harmless(blessed.reason)}`;
    }
    case "run":
      return "would run";
    case "unknown":
      return "may run";
    case "broken":
      return planned.held === undefined ? "cannot run: its files cannot be read" : "must not run, and has no result";
  }
}

/** The difference of two plans as text; its last line is for a pull request. */
export function differenceText({ stages, changed, total, estimated_ms }: PlanDifference, paint: Paint): string {
  const told: Readonly<Record<StageChange["change"], readonly [sign: string, words: string]>> = {
    added: [paint.green("+"), "new"],
    removed: [paint.red("-"), "removed"],
    changed: [paint.blue("●"), "changed"],
    follows: [paint.yellow("?"), "follows"],
    same: [paint.dim("="), "same"],
  };
  const rows = stages.map(({ name, change, reasons }) => {
    const [sign, text] = told[change];
    return { sign, name, words: text, reasons: reasons.map(({ text: reason }) => harmless(reason)) };
  });
  const time = estimated_ms >= 1 ? `, estimated ${duration(estimated_ms)}` : "";
  return `${lines(rows, paint).join("\n")}\n\nThis change reruns ${changed} of ${total} stages${time}.\n`;
}

/** What would run if something changed, as text. */
export function whatIfText({ change, runs, follow }: WhatIf, paint: Paint): string {
  const rows = [
    ...runs.map((name) => ({ sign: paint.blue("●"), name, words: "would run", reasons: [] })),
    ...follow.map((name) => ({ sign: paint.yellow("?"), name, words: "may run", reasons: [] })),
  ];
  const what = change.kind === "file" || change.kind === "stage" ? `the ${change.kind} ${change.name}` : change.name;
  if (rows.length === 0) return `Nothing depends on ${harmless(what)}.\n`;
  return `If ${harmless(what)} changed:\n\n${lines(rows, paint).join("\n")}\n`;
}

interface Row {
  readonly sign: string;
  readonly name: string;
  readonly words: string;
  readonly reasons: readonly string[];
}

/** One reason stands beside the words, several below them: a line each. */
function lines(rows: readonly Row[], paint: Paint): string[] {
  const names = aligned(rows.map(({ name }) => [name]));
  const width = Math.max(0, ...names.map((name) => name.length));
  return rows.flatMap(({ sign, words, reasons }, at) => {
    const line = `${sign} ${paint.bold(names[at].padEnd(width))}  ${words}`;
    if (reasons.length < 2) return [reasons.length === 0 ? line : `${line}: ${reasons[0]}`];
    return [`${line}:`, ...reasons.map((reason) => `${" ".repeat(width + 6)}${reason}`)];
  });
}
