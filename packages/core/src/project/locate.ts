import { readFileSync } from "node:fs";
import type { BuildFailure, Location as BundlerLocation } from "esbuild";
import { type Diagnostic, DiagnosticError, type Location } from "../diagnostics/diagnostic.js";

/** The place of the first match of one of the patterns, of its group 1 where it has one; else the file's first line. */
export function placeOf(file: string, ...patterns: readonly RegExp[]): Location {
  const text = readFileSync(file, "utf8");
  const found = patterns.map(({ source }) => new RegExp(source, "d").exec(text)).find((match) => match !== null);
  const [start, end] = found?.indices?.[1] ?? found?.indices?.[0] ?? [0, 1];
  const before = text.slice(0, start).split("\n");
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1, length: Math.max(1, end - start) };
}

/** The place of a field of a definition, or else of the definition. */
export function fieldOf(file: string, name: string, key: string): Location {
  const declared = `\\b(?:const|let|var)\\s+${escaped(name)}\\b`;
  return placeOf(file, new RegExp(`${declared}[\\s\\S]*?\\b(${key}\\s*:[^,\\n]*)`), new RegExp(declared));
}

/** Text as a pattern that matches it. */
export function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** What the bundler found wrong in the code of a stage, with its place there. */
export function buildProblems(error: unknown, absolute: (path: string) => string): DiagnosticError {
  const { errors } = error as BuildFailure;
  if (!Array.isArray(errors) || errors.length === 0) throw error;
  return new DiagnosticError(
    errors.map(({ text, location }): Diagnostic => {
      const at = location === null ? {} : { at: placeIn(location, absolute) };
      const missing = /^Could not resolve "([^"]+)"/.exec(text)?.[1];
      if (missing === undefined) return { code: "stage-syntax", severity: "error", message: lower(text), ...at };
      if (/^\.{0,2}\//.test(missing)) {
        const hint = "Paths of imports are relative to the file that has them, with their ending.";
        return { code: "missing-module", severity: "error", message: `there is no module "${missing}"`, hint, ...at };
      }
      const name = /^(?:@[^/]+\/)?[^/]+/.exec(missing)?.[0] ?? missing;
      const message = `the package "${name}" is not installed`;
      const hint = `Install it beside the pipeline: \`npm install ${name}\`.`;
      return { code: "missing-package", severity: "error", message, hint, ...at };
    }),
  );
}

function placeIn(
  { file, line, column, length, lineText }: BundlerLocation,
  absolute: (path: string) => string,
): Location {
  // The bundler counts bytes from 0.
  const before = Buffer.from(lineText).subarray(0, column).toString().length;
  return { file: absolute(file), line, column: before + 1, length: Math.max(1, length) };
}

/** The first place of a stack that lies in a file of the user's, as source maps name it; undefined when there is none. */
export function placeInStack(stack: string | undefined, isOwn: (file: string) => boolean): Location | undefined {
  for (const [, file, line, column] of (stack ?? "").matchAll(/\(?(?:file:\/\/)?(\/[^\s():]+):(\d+):(\d+)\)?/g)) {
    if (isOwn(file)) return { file, line: Number(line), column: Number(column) };
  }
  return undefined;
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
