import { type Diagnostic, DiagnosticError } from "@seqloom/core/engine";
import { EXIT, type ExitCode, type Io, UsageError } from "./command.js";
import { errorJson } from "./json.js";
import { takesColor } from "./terminal/paint.js";

/** Says what went wrong, as text on standard error or, with `--json`, as one object on standard output. */
export async function reportError(error: unknown, json: boolean, { out, err }: Io): Promise<ExitCode> {
  const diagnostics = diagnosticsOf(error);
  const code = error instanceof UsageError ? EXIT.usage : EXIT.failed;
  if (json) {
    out.write(`${JSON.stringify(errorJson(diagnostics))}\n`);
    return code;
  }
  const { renderDiagnostics } = await import("@seqloom/core");
  err.write(`${renderDiagnostics(diagnostics, { color: takesColor(err) })}\n`);
  return code;
}

function diagnosticsOf(error: unknown): readonly Diagnostic[] {
  if (error instanceof UsageError) {
    const { message, hint } = error;
    return [{ code: "usage", severity: "error", message, ...(hint !== undefined && { hint }) }];
  }
  if (error instanceof DiagnosticError) return error.diagnostics;
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  const hint = `This is a fault of Seqloom, not of your pipeline. Please report it with these lines:\n${stack ?? message}`;
  return [{ code: "internal", severity: "error", message, hint }];
}
