import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { type Reason, reasonText } from "../keys/reason.js";
import type { StageNode } from "../pipeline/pipeline.js";
import type { Held } from "./select.js";

/** A stage that must not run, and has no result. */
export function heldBack({ name, at }: StageNode, why: Held, reasons: readonly Reason[]): Diagnostic {
  const words = reasons.map(reasonText).join(", ");
  const about = { severity: "error", stage: name, ...(at !== null && { at }) } as const;
  if (why === "frozen") {
    return {
      ...about,
      code: "frozen-stage",
      message: `stage "${name}" is frozen, and the store has no result for it: ${words}`,
      hint: "Run it without freezing it, or undo what changed it.",
    };
  }
  return {
    ...about,
    code: "no-result",
    message: `the store has no result of stage "${name}", which "only" does not run: ${words}`,
    hint: `Run what comes before first: --until=${name}.`,
  };
}
