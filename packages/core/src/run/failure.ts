import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Diagnostic, DiagnosticError, type Location } from "../diagnostics/diagnostic.js";
import type { Task } from "./task.js";

/** What of a task a diagnostic tells. */
export type TaskPlace = Pick<Task, "stage" | "use" | "at">;

/**
 * What went wrong in a stage, as data: what it said itself, with the name of the stage and its place in the pipeline; or,
 * for any other exception, `stage-crashed`.
 */
export function taskDiagnostics(error: unknown, task: TaskPlace): readonly Diagnostic[] {
  const own = diagnosticsOf(error);
  if (own !== null) return own.map((diagnostic) => placed(diagnostic, task));
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  return [
    crashed(task, message, {
      hint: "This is a fault of the stage, not of your pipeline: the stack is in the record of the run.",
      ...(stack !== undefined && { details: stack }),
    }),
  ];
}

/** A stage that ended in a way that it did not mean. */
export function crashed(task: TaskPlace, what: string, more: Pick<Diagnostic, "hint" | "details"> = {}): Diagnostic {
  return {
    code: "stage-crashed",
    severity: "error",
    message: `stage "${task.stage}" (${task.use}) failed: ${what}`,
    stage: task.stage,
    ...(task.at !== null && { at: task.at }),
    ...more,
  };
}

/** The diagnostics that an error carries. By its shape: a stage may use another copy of this package. */
export function diagnosticsOf(error: unknown): readonly Diagnostic[] | null {
  if (error instanceof DiagnosticError) return error.diagnostics;
  const { name, diagnostics } = (error ?? {}) as { readonly name?: unknown; readonly diagnostics?: unknown };
  return name === "DiagnosticError" && Array.isArray(diagnostics) ? (diagnostics as readonly Diagnostic[]) : null;
}

/** A place in a data file stays the place; the stage is then a second one. */
function placed(said: Diagnostic, { stage, at }: TaskPlace): Diagnostic {
  if (said.stage === stage) return said;
  const diagnostic = withWholePath(said, at);
  if (at === null) return { ...diagnostic, stage };
  if (diagnostic.at === undefined) return { ...diagnostic, stage, at };
  if (diagnostic.at.file === at.file && diagnostic.at.line === at.line) return { ...diagnostic, stage };
  const related = [...(diagnostic.related ?? []), { message: `stage "${stage}" is here`, at }];
  return { ...diagnostic, stage, related };
}

/** A stage names its files as the pipeline does, relative to it; where there is such a file, the place can be shown. */
function withWholePath(diagnostic: Diagnostic, pipeline: Location | null): Diagnostic {
  if (diagnostic.at === undefined || pipeline === null) return diagnostic;
  const file = resolve(dirname(pipeline.file), diagnostic.at.file);
  return existsSync(file) ? { ...diagnostic, at: { ...diagnostic.at, file } } : diagnostic;
}
