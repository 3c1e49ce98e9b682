import type { ProfileRow } from "@seqloom/core";
import type { RunRecord, StageResult } from "@seqloom/core/engine";
import { duration, grouped, partsOf, percent } from "@seqloom/report/format";
import type { Paint } from "./paint.js";
import { aligned } from "./summary.js";
import { harmless } from "./width.js";

/** So many kernels get a line of their own; the others are summed up in one. */
const SHOWN = 15;

/** Where the time of the stages with models went: a table for each part of those that ran; a word for each that came from the cache. */
export function profileText({ stages, pipeline }: RunRecord, paint: Paint): string {
  const models = new Set(pipeline.nodes.filter(({ stage }) => stage.usesDevice).map(({ name }) => name));
  const parts = stages.flatMap((stage) => {
    if (stage.profile !== undefined)
      return partsOf(stage.profile).map(([part, rows]) => table(stage, part, rows, paint));
    return stage.status === "hit" && models.has(stage.name) ? [fromCache(stage, paint)] : [];
  });
  const none = "no stage told where its time went: only stages with models do";
  return `${parts.length === 0 ? `${paint.dim("Profile")}  ${none}` : parts.join("\n\n")}\n`;
}

function fromCache({ name }: StageResult, paint: Paint): string {
  const label = harmless(name);
  return `${paint.dim("Profile")}  ${paint.bold(label)} came from the cache: nothing to profile (--force=${label} runs it again)`;
}

function table({ name, use }: StageResult, part: string, rows: readonly ProfileRow[], paint: Paint): string {
  const total = rows.reduce((sum, { ms }) => sum + ms, 0);
  const kernels = rows.filter(({ calls }) => calls > 0);
  const own = kernels.length === SHOWN + 1 ? kernels.length : SHOWN;
  const small = kernels.slice(own);
  const shown = [
    ...kernels.slice(0, own),
    ...(small.length > 0 ? [summed(`${small.length} others`, small)] : []),
    ...rows.filter(({ calls }) => calls === 0),
  ];
  const lines = aligned([
    ["kernel", "calls", "ms", "share"],
    ...shown.map((row) => [
      harmless(row.name),
      row.calls === 0 ? "" : grouped(row.calls),
      row.ms.toFixed(2),
      percent(total === 0 ? 0 : row.ms / total),
    ]),
  ]);
  const head = `${paint.dim("Profile")}  ${paint.bold(harmless(name))} ${paint.dim(use)}${part === "" ? "" : `  ${harmless(part)}`}  ${duration(total)}`;
  return [head, paint.bold(lines[0]), ...lines.slice(1)].join("\n");
}

function summed(name: string, rows: readonly ProfileRow[]): ProfileRow {
  return rows.reduce((sum, { calls, ms }) => ({ name, calls: sum.calls + calls, ms: sum.ms + ms }), {
    name,
    calls: 0,
    ms: 0,
  });
}
