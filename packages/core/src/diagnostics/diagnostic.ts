import type { Json } from "../json.js";

/** A place in a file that a person wrote. Lines and columns count from 1. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Length of what is meant, in characters, for the underline; at least 1. */
  readonly length?: number;
}

/** Something that is wrong, as data: what, where, and how to mend it. One renderer turns it into text. */
export interface Diagnostic {
  /** Stable, such as `unknown-stage`: one page per code in the documentation. */
  readonly code: string;
  readonly severity: "error" | "warning";
  /** What is wrong, and what was received. One sentence. */
  readonly message: string;
  /** How to mend it; the closest valid name first. */
  readonly hint?: string;
  readonly at?: Location;
  /** The name of the stage in the pipeline, where one is concerned. */
  readonly stage?: string;
  /** The parameter of that stage that it is about, as a path below `with`. Where the pipeline is a file, `at` becomes its place. */
  readonly param?: readonly (string | number)[];
  /** Other places that matter: the other end of an edge, the first of two equal keys. */
  readonly related?: readonly { readonly message: string; readonly at: Location }[];
  /** What only a bug report needs: a stack, a system error code. */
  readonly details?: Json;
}

/**
 * Carries diagnostics through code that throws: stages throw it for bad data, front ends catch it and print. Any other
 * exception is a bug.
 */
export class DiagnosticError extends Error {
  override readonly name = "DiagnosticError";
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: Diagnostic | readonly Diagnostic[]) {
    const list = Array.isArray(diagnostics) ? (diagnostics as readonly Diagnostic[]) : [diagnostics as Diagnostic];
    super(list.map((diagnostic) => diagnostic.message).join("\n"));
    this.diagnostics = list;
  }
}

/** An error that stages throw for bad data: `throw fail("csv-quote", "…", { hint: "…" })`. */
export function fail(
  code: string,
  message: string,
  more: Omit<Diagnostic, "code" | "severity" | "message"> = {},
): DiagnosticError {
  return new DiagnosticError({ code, severity: "error", message, ...more });
}
