import { type Diagnostic, DiagnosticError } from "@seqloom/core";
import { expect } from "vitest";

/** The diagnostics that an action throws. */
export function diagnosticsIn(action: () => unknown): readonly Diagnostic[] {
  try {
    action();
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics;
    throw error;
  }
  return expect.unreachable("nothing was thrown");
}
