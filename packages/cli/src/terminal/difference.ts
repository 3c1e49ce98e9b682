import type { DifferentOutput } from "@seqloom/core/engine";
import { harmless } from "./width.js";

/** Where an output differs, on one line. */
export function differenceText({ port, difference }: Pick<DifferentOutput, "port" | "difference">): string {
  if (difference === null) return `  ${harmless(port)}: equal values in another encoding`;
  const { where, before, after, count, of, largest } = difference;
  const most = largest === null ? "" : `, by at most ${largest}`;
  return `  ${harmless(`${port}: ${where}: ${before} → ${after}; ${count} of ${of} differ${most}`)}`;
}
